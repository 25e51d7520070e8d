"""W1: averages of 10 and 30 bars cross; ``python -m benchmarks.ours.w1 FORM [BARS] [CALLS]``."""

from __future__ import annotations

import sys

import tradebot
from benchmarks import data
from benchmarks.measure import report
from benchmarks.ours import market
from tradebot.strategies.library.sma_cross import SmaCross


def main(form: str, count: int = data.MILLION, calls: int = 5) -> None:
    bars = market.bars(data.one(count))
    strategy = SmaCross(fast=10, slow=30)
    call = lambda: market.backtest(strategy, bars, form=form)  # noqa: E731
    report(call, units=count, calls=calls, version=tradebot.__version__)


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
