"""W3: W1's entry with a 1 % stop and a 2 % target from the fill; ``python -m benchmarks.ours.w3 FORM [CALLS]``."""

from __future__ import annotations

import sys
from typing import Any

import tradebot
from benchmarks import data
from benchmarks.measure import report
from benchmarks.ours import market
from tradebot import Rules, Strategy, ta


class Bracketed(Strategy):
    def setup(self, bars: Any) -> None:
        self.fast = ta.sma(bars.close, 10)
        self.slow = ta.sma(bars.close, 30)

    def on_bar(self, bar: Any) -> Any:
        if ta.crossed_above(self.fast, self.slow):
            return self.long(stop_loss_pct=0.01, take_profit_pct=0.02)
        return None

    def rules(self, bars: Any) -> Rules:
        return Rules(enter_long=ta.cross_above(self.fast, self.slow), stop_loss_pct=0.01, take_profit_pct=0.02)


def main(form: str, calls: int = 5) -> None:
    bars = market.bars(data.one())
    strategy = Bracketed()
    call = lambda: market.backtest(strategy, bars, form=form)  # noqa: E731
    report(call, units=len(bars), calls=calls, version=tradebot.__version__)


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
