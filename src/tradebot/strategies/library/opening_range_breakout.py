"""Out of the range of a session's first bars."""

from __future__ import annotations

from tradebot_native import Bar, Exit, Signal

from tradebot import indicators as ta
from tradebot.core.interval import Interval
from tradebot.indicators.source import CalendarSession
from tradebot.strategies.bars import Bars
from tradebot.strategies.param import param
from tradebot.strategies.rules import Rules
from tradebot.strategies.strategy import Strategy


class OpeningRangeBreakout(Strategy):
    """Long when the close is above the high of the session's first bars, short below their low.

    Crabel (1990), Day Trading with Short Term Price Patterns and Opening Range Breakout. A session is a UTC day: the
    first bars of a market with trading hours are its open where the bars are those of its regular hours. Nothing is
    entered, and everything is left, from ``hold_bars`` into the session on, and when a new one begins. The stop lies
    the range's width from the fill, and at least 0.1 %.
    """

    version = "1.0"
    range_bars: int = param(30, ge=1, le=1_440, step=1, doc="Bars of the opening range.")
    hold_bars: int = param(
        360, ge=2, le=1_440, step=1, doc="Bars into the session to be flat at; more than range_bars."
    )
    short_too: bool = param(True, doc="Sell short below the range as well.")

    def validate(self) -> None:
        if self.hold_bars <= self.range_bars:
            fact = f"{self.hold_bars} does not exceed range_bars, which is {self.range_bars}"
            raise self.refuse("hold_bars", fact, "Give a larger hold_bars.")

    def setup(self, bars: Bars) -> None:
        session = bars.frame.node(CalendarSession(Interval.parse("1d")))
        age = ta.bars_since(ta.change(session) > 0)
        complete = (age > self.range_bars - 1.5) & (age < self.range_bars - 0.5)
        self.high = ta.value_when(complete, ta.highest(bars.high, self.range_bars))
        self.low = ta.value_when(complete, ta.lowest(bars.low, self.range_bars))
        self.width = ta.minimum(ta.maximum((self.high - self.low) / bars.close, 0.001), 0.99)
        # Half a bar off the whole numbers, so that the comparison of floats leaves no doubt.
        self.open = (age > self.range_bars - 0.5) & (age < self.hold_bars - 0.5)

    def on_bar(self, bar: Bar) -> Signal | Exit | None:
        if self.open[-1] != 1.0:
            return self.exit() if self.position != 0 else None
        if bar.close > self.high[-1]:
            return self.long(stop_loss_pct=self.width[-1])
        if self.short_too and bar.close < self.low[-1]:
            return self.short(stop_loss_pct=self.width[-1])
        return None

    def rules(self, bars: Bars) -> Rules:
        below = self.open & (bars.close < self.low)
        return Rules(
            enter_long=self.open & (bars.close > self.high),
            exit_long=~self.open,
            enter_short=below if self.short_too else None,
            exit_short=~self.open,
            stop_loss_pct=self.width,
        )
