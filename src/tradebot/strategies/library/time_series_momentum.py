"""The past return tells the next."""

from __future__ import annotations

from tradebot_native import Bar, Exit, Signal

from tradebot import indicators as ta
from tradebot.strategies.bars import Bars
from tradebot.strategies.param import param
from tradebot.strategies.rules import Rules
from tradebot.strategies.strategy import Strategy


class TimeSeriesMomentum(Strategy):
    """Long while the return over the lookback is positive, flat or short while it is negative.

    Moskowitz, Ooi and Pedersen (2012), Time series momentum, Journal of Financial Economics 104: twelve months of daily
    bars there. A band around zero keeps a return that hovers there from trading at every bar.
    """

    version = "1.0"
    lookback: int = param(252, ge=2, le=5_000, step=1, doc="Bars of the past return.")
    band: float = param(
        0.01, ge=0, le=1, doc="Return on either side of zero that changes nothing; 0.01 is one percent."
    )
    short_too: bool = param(False, doc="Go short on a negative return, rather than flat.")

    def setup(self, bars: Bars) -> None:
        self.past = ta.pct_change(bars.close, self.lookback)

    def on_bar(self, bar: Bar) -> Signal | Exit | None:
        if self.past[-1] > self.band:
            return self.long()
        if self.past[-1] < -self.band:
            return self.short() if self.short_too else (self.exit() if self.position > 0 else None)
        return None

    def rules(self, bars: Bars) -> Rules:
        fallen = self.past < -self.band
        return Rules(enter_long=self.past > self.band, exit_long=fallen, enter_short=fallen if self.short_too else None)
