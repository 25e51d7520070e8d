"""Momentum by the difference of two exponential averages."""

from __future__ import annotations

from tradebot_native import Bar, Exit, Signal

from tradebot import indicators as ta
from tradebot.strategies.bars import Bars
from tradebot.strategies.param import param
from tradebot.strategies.rules import Rules
from tradebot.strategies.strategy import Strategy


class MacdCross(Strategy):
    """Long while the MACD line is above its signal line, short below if allowed.

    Appel (2005), Technical Analysis: Power Tools for Active Investors. The cross comes after the turn: it suits markets
    that swing over more bars than the slow average has.
    """

    version = "1.0"
    fast: int = param(12, ge=2, le=200, step=1, doc="Bars of the fast average.")
    slow: int = param(26, ge=3, le=400, step=1, doc="Bars of the slow average; more than fast.")
    signal: int = param(9, ge=2, le=200, step=1, doc="Bars of the average of the MACD line.")
    short_too: bool = param(False, doc="Go short on a cross below, rather than flat.")

    def validate(self) -> None:
        if self.slow <= self.fast:
            raise self.refuse("slow", f"{self.slow} does not exceed fast, which is {self.fast}", "Give a larger slow.")

    def setup(self, bars: Bars) -> None:
        self.macd = ta.macd(bars.close, self.fast, self.slow, self.signal)

    def on_bar(self, bar: Bar) -> Signal | Exit | None:
        if ta.crossed_above(self.macd.macd, self.macd.signal):
            return self.long()
        if ta.crossed_below(self.macd.macd, self.macd.signal):
            return self.short() if self.short_too else self.exit()
        return None

    def rules(self, bars: Bars) -> Rules:
        above = ta.cross_above(self.macd.macd, self.macd.signal)
        below = ta.cross_below(self.macd.macd, self.macd.signal)
        return Rules(enter_long=above, exit_long=below, enter_short=below if self.short_too else None)
