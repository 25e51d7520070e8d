"""Out of a quiet market, with the first move."""

from __future__ import annotations

from tradebot_native import Bar, Exit, Signal

from tradebot import indicators as ta
from tradebot.strategies.bars import Bars
from tradebot.strategies.param import param
from tradebot.strategies.rules import Rules
from tradebot.strategies.strategy import Strategy


class SqueezeBreakout(Strategy):
    """Long when the close breaks the upper Bollinger band after a squeeze, short below the lower one if allowed.

    A squeeze: the Bollinger bands lay inside the Keltner channel at the bar before. Carter (2005), Mastering the Trade.
    Left at the middle band.
    """

    version = "1.0"
    period: int = param(20, ge=2, le=400, step=1, doc="Bars of bands and channel.")
    deviations: float = param(2.0, ge=0.1, le=10, step=0.1, doc="Standard deviations between middle and band.")
    width: float = param(2.0, ge=0.1, le=10, step=0.1, doc="Average true ranges between the channel's middle and edge.")
    memory: int = param(5, ge=1, le=100, step=1, doc="Bars for which a squeeze counts.")
    short_too: bool = param(False, doc="Sell short below the lower band as well.")

    def setup(self, bars: Bars) -> None:
        self.bands = ta.bbands(bars.close, self.period, self.deviations, self.deviations)
        channel = ta.keltner(bars, self.period, self.width, self.period)
        inside = (self.bands.upper < channel.upper) & (self.bands.lower > channel.lower)
        # 1 where a condition holds, so the sum counts the squeezed bars among the last few before this one.
        self.squeezed = ta.rolling_sum(ta.shift(inside, 1), self.memory)

    def on_bar(self, bar: Bar) -> Signal | Exit | None:
        if self.squeezed[-1] > 0:
            if bar.close > self.bands.upper[-1]:
                return self.long()
            if self.short_too and bar.close < self.bands.lower[-1]:
                return self.short()
        middle = self.bands.middle[-1]
        if (self.position > 0 and bar.close < middle) or (self.position < 0 and bar.close > middle):
            return self.exit()
        return None

    def rules(self, bars: Bars) -> Rules:
        squeezed = self.squeezed > 0
        below = squeezed & (bars.close < self.bands.lower)
        return Rules(
            enter_long=squeezed & (bars.close > self.bands.upper),
            exit_long=bars.close < self.bands.middle,
            enter_short=below if self.short_too else None,
            exit_short=bars.close > self.bands.middle,
        )
