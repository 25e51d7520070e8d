"""The channel breakout of the turtles."""

from __future__ import annotations

from tradebot_native import Bar, Exit, Signal

from tradebot import indicators as ta
from tradebot.strategies.bars import Bars
from tradebot.strategies.param import param
from tradebot.strategies.rules import Rules
from tradebot.strategies.strategy import Strategy


class DonchianBreakout(Strategy):
    """Long above the highest high of the past bars, flat below the lowest low of fewer; the reverse for shorts.

    The turtles' first system: enter at 20 bars, leave at 10, stop at two average true ranges. Faith (2007), Way of the
    Turtle; the channel is Donchian's (1960). It holds one unit; ``turtle`` adds more as
    a trend goes on.
    """

    version = "1.0"
    entry: int = param(20, ge=2, le=400, step=1, doc="Bars of the channel that is entered on.")
    leave: int = param(10, ge=1, le=400, step=1, doc="Bars of the channel that is left on; fewer than entry.")
    stop_atr: float = param(2.0, ge=0.1, le=50, step=0.1, doc="Average true ranges (20 bars) to the stop.")
    short_too: bool = param(True, doc="Sell short below the channel as well.")

    def validate(self) -> None:
        if self.leave >= self.entry:
            fact = f"{self.leave} is not below entry, which is {self.entry}"
            raise self.refuse("leave", fact, "Give a smaller leave.")

    def setup(self, bars: Bars) -> None:
        self.outer = ta.donchian(bars, self.entry, exclude_current=True)
        self.inner = ta.donchian(bars, self.leave, exclude_current=True)
        self.risk = ta.minimum(self.stop_atr * ta.atr(bars, 20) / bars.close, 0.99)

    def on_bar(self, bar: Bar) -> Signal | Exit | None:
        if bar.close > self.outer.upper[-1]:
            return self.long(stop_loss_pct=self.risk[-1])
        if self.short_too and bar.close < self.outer.lower[-1]:
            return self.short(stop_loss_pct=self.risk[-1])
        if (self.position > 0 and bar.close < self.inner.lower[-1]) or (
            self.position < 0 and bar.close > self.inner.upper[-1]
        ):
            return self.exit()
        return None

    def rules(self, bars: Bars) -> Rules:
        return Rules(
            enter_long=bars.close > self.outer.upper,
            exit_long=bars.close < self.inner.lower,
            enter_short=bars.close < self.outer.lower if self.short_too else None,
            exit_short=bars.close > self.inner.upper,
            stop_loss_pct=self.risk,
        )
