"""W4: W1 over 100 symbols of 10,000 bars on one account; ``python -m benchmarks.ours.w4 FORM [CALLS]``."""

from __future__ import annotations

import sys

import tradebot
from benchmarks import data
from benchmarks.measure import Answer, report
from benchmarks.ours import market
from tradebot.strategies.library.sma_cross import SmaCross

CASH = 1e9


def main(form: str, calls: int = 5) -> None:
    markets = [market.bars(columns, f"S{i}") for i, columns in enumerate(data.many())]
    strategy = SmaCross(fast=10, slow=30)

    def call() -> Answer:
        answer = market.backtest(strategy, markets, form=form, cash=CASH)
        return answer | {"equity": answer["equity"] - CASH}

    report(call, units=sum(map(len, markets)), calls=calls, version=tradebot.__version__)


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
