"""Out of the range of a session's first bars."""

from __future__ import annotations

from typing import Final

from tradebot_native import Bar, Exit, Signal

from tradebot import indicators as ta
from tradebot.features.clock import Session
from tradebot.indicators import Node
from tradebot.indicators.source import OpenTime
from tradebot.strategies.bars import Bars
from tradebot.strategies.param import param
from tradebot.strategies.rules import Rules
from tradebot.strategies.strategy import Strategy

# From and to as shares of the zone's day, and the zone.
_SESSIONS: Final = {
    "utc_day": (0.0, 1.0, "UTC"),
    "new_york": (9.5 / 24, 16 / 24, "America/New_York"),
    "london": (8 / 24, 16.5 / 24, "Europe/London"),
    "tokyo": (9 / 24, 15.5 / 24, "Asia/Tokyo"),
}
_SESSION_OF: Final = {"XNYS": "new_york", "XNAS": "new_york", "XLON": "london", "XTKS": "tokyo"}
_DAY_NS: Final = 86_400 * 10**9
_HALF_SECOND: Final = 0.5 / 86_400


class OpeningRangeBreakout(Strategy):
    """Long when the close is above the high of the session's first bars, short below their low.

    Crabel (1990), Day Trading with Short Term Price Patterns and Opening Range Breakout. The session of a market with
    trading hours is its regular one, whatever bars there are before it and after; that of one that never closes is the
    UTC day. Nothing is entered, and everything is left, from ``hold_bars`` into the session on, and when a new one
    begins. The stop lies the range's width from the fill, and at least 0.1 %.
    """

    version = "1.1"
    session: str = param(
        "market", choices=("market", *_SESSIONS), doc="Whose open it is: the market's own, or another."
    )
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
        age = ta.bars_since(self._begins(bars))
        complete = (age > self.range_bars - 1.5) & (age < self.range_bars - 0.5)
        self.high = ta.value_when(complete, ta.highest(bars.high, self.range_bars))
        self.low = ta.value_when(complete, ta.lowest(bars.low, self.range_bars))
        self.width = ta.minimum(ta.maximum((self.high - self.low) / bars.close, 0.001), 0.99)
        # Half a bar off the whole numbers, so that the comparison of floats leaves no doubt.
        self.open = (age > self.range_bars - 0.5) & (age < self.hold_bars - 0.5)

    def _begins(self, bars: Bars) -> Node:
        """Condition: the bar is the first one of a session."""
        own = _SESSION_OF.get(bars.instrument.calendar or "", "utc_day")
        opens, closes, zone = _SESSIONS[own if self.session == "market" else self.session]
        time = Session.parse(self.name, "0000", "2400", zone).of(bars)
        # Half a second off, as times of day are fractions of a day.
        is_open = (time > opens - _HALF_SECOND) & (time < closes - _HALF_SECOND)
        is_later = ta.change(bars.frame.node(OpenTime())) > _DAY_NS - 1.0
        return is_open & ((ta.shift(is_open, 1) < 0.5) | (ta.change(time) < 0.0) | is_later)

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
