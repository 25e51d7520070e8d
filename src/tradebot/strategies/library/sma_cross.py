"""The textbook trend follower, in both forms."""

from __future__ import annotations

from tradebot_native import Bar, Exit, Signal

from tradebot import indicators as ta
from tradebot.strategies.bars import Bars
from tradebot.strategies.param import param
from tradebot.strategies.rules import Rules
from tradebot.strategies.strategy import Strategy


class SmaCross(Strategy):
    """Long when the fast average crosses above the slow one, flat when it crosses below.

    Two simple moving averages of the close. It earns in long trends and loses a little, often, in sideways markets:
    a yardstick for better ideas rather than one to trade.
    """

    version = "1.0"
    fast: int = param(10, ge=2, le=200, step=1, doc="Bars of the fast average.")
    slow: int = param(30, ge=3, le=400, step=1, doc="Bars of the slow average; more than fast.")

    def validate(self) -> None:
        if self.slow <= self.fast:
            raise self.refuse("slow", f"{self.slow} does not exceed fast, which is {self.fast}", "Give a larger slow.")

    def setup(self, bars: Bars) -> None:
        self.fast_ma = ta.sma(bars.close, self.fast)
        self.slow_ma = ta.sma(bars.close, self.slow)

    def on_bar(self, bar: Bar) -> Signal | Exit | None:
        if ta.crossed_above(self.fast_ma, self.slow_ma):
            return self.long()
        if ta.crossed_below(self.fast_ma, self.slow_ma):
            return self.exit()
        return None

    def rules(self, bars: Bars) -> Rules:
        return Rules(
            enter_long=ta.cross_above(self.fast_ma, self.slow_ma),
            exit_long=ta.cross_below(self.fast_ma, self.slow_ma),
        )
