"""Buy below the band, leave at the mean."""

from __future__ import annotations

from tradebot_native import Bar, Exit, Signal

from tradebot import indicators as ta
from tradebot.strategies.bars import Bars
from tradebot.strategies.param import param
from tradebot.strategies.rules import Rules
from tradebot.strategies.strategy import Strategy


class BollingerReversion(Strategy):
    """Long when the close is below the lower Bollinger band, flat once it is above the middle one.

    Bollinger (2001), Bollinger on Bollinger Bands. The stop lies as many average true ranges below the fill as given.
    """

    version = "1.0"
    period: int = param(20, ge=2, le=400, step=1, doc="Bars of the bands.")
    deviations: float = param(2.0, ge=0.1, le=10, step=0.1, doc="Standard deviations between middle and band.")
    stop_atr: float = param(3.0, ge=0.1, le=50, step=0.1, doc="Average true ranges (14 bars) down to the stop.")

    def setup(self, bars: Bars) -> None:
        self.bands = ta.bbands(bars.close, self.period, self.deviations, self.deviations)
        self.risk = ta.minimum(self.stop_atr * ta.atr(bars, 14) / bars.close, 0.99)

    def on_bar(self, bar: Bar) -> Signal | Exit | None:
        if bar.close < self.bands.lower[-1]:
            return self.long(stop_loss_pct=self.risk[-1])
        return self.exit() if self.position > 0 and bar.close > self.bands.middle[-1] else None

    def rules(self, bars: Bars) -> Rules:
        return Rules(
            enter_long=bars.close < self.bands.lower,
            exit_long=bars.close > self.bands.middle,
            stop_loss_pct=self.risk,
        )
