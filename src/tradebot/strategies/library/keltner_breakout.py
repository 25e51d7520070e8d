"""Out of the volatility channel, with the move."""

from __future__ import annotations

from tradebot_native import Bar, Exit, Signal

from tradebot import indicators as ta
from tradebot.strategies.bars import Bars
from tradebot.strategies.param import param
from tradebot.strategies.rules import Rules
from tradebot.strategies.strategy import Strategy


class KeltnerBreakout(Strategy):
    """Long when the close rises above the Keltner channel, flat once it is below its middle.

    Keltner (1960), How to Make Money in Commodities, in Raschke's form: an exponential average and multiples of the
    average true range.
    """

    version = "1.0"
    period: int = param(20, ge=2, le=400, step=1, doc="Bars of the channel's middle.")
    multiplier: float = param(2.0, ge=0.1, le=20, step=0.1, doc="Average true ranges between middle and edge.")
    atr_period: int = param(10, ge=1, le=200, step=1, doc="Bars of the average true range.")

    def setup(self, bars: Bars) -> None:
        self.channel = ta.keltner(bars, self.period, self.multiplier, self.atr_period)

    def on_bar(self, bar: Bar) -> Signal | Exit | None:
        if bar.close > self.channel.upper[-1]:
            return self.long()
        return self.exit() if self.position > 0 and bar.close < self.channel.middle[-1] else None

    def rules(self, bars: Bars) -> Rules:
        return Rules(enter_long=bars.close > self.channel.upper, exit_long=bars.close < self.channel.middle)
