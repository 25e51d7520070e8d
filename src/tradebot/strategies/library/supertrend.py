"""With the SuperTrend."""

from __future__ import annotations

from tradebot_native import Bar, Exit, Signal

from tradebot import indicators as ta
from tradebot.strategies.bars import Bars
from tradebot.strategies.param import param
from tradebot.strategies.rules import Rules
from tradebot.strategies.strategy import Strategy


class SuperTrendFollower(Strategy):
    """Long when the SuperTrend turns up; flat when it turns down, or short if allowed.

    Seban (2008): a stop at a multiple of the average true range that never steps back, and turns when it is passed.
    """

    name = "supertrend"
    version = "1.0"
    period: int = param(10, ge=1, le=200, step=1, doc="Bars of the average true range.")
    multiplier: float = param(3.0, ge=0.1, le=20, step=0.1, doc="Average true ranges between price and line.")
    short_too: bool = param(False, doc="Go short when it turns down, rather than flat.")

    def setup(self, bars: Bars) -> None:
        self.direction = ta.supertrend(bars, self.period, self.multiplier).direction

    def on_bar(self, bar: Bar) -> Signal | Exit | None:
        if ta.crossed_above(self.direction, 0.0):
            return self.long()
        if ta.crossed_below(self.direction, 0.0):
            return self.short() if self.short_too else self.exit()
        return None

    def rules(self, bars: Bars) -> Rules:
        turned_down = ta.cross_below(self.direction, 0.0)
        return Rules(
            enter_long=ta.cross_above(self.direction, 0.0),
            exit_long=turned_down,
            enter_short=turned_down if self.short_too else None,
        )
