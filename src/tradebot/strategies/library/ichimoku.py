"""Over the cloud, with the lines."""

from __future__ import annotations

from tradebot_native import Bar, Exit, Signal

from tradebot import indicators as ta
from tradebot.strategies.bars import Bars
from tradebot.strategies.param import param
from tradebot.strategies.rules import Rules
from tradebot.strategies.strategy import Strategy


class IchimokuCloud(Strategy):
    """Long while the conversion line is above the base line and the close above the cloud; flat below the base line.

    Hosoda (1969), Ichimoku kinkō hyō. The cloud is the one drawn at the bar, computed ``base`` bars before.
    """

    name = "ichimoku"
    version = "1.0"
    conversion: int = param(9, ge=1, le=200, step=1, doc="Bars of the conversion line.")
    base: int = param(26, ge=2, le=400, step=1, doc="Bars of the base line, and of the cloud's shift.")
    span_b: int = param(52, ge=3, le=800, step=1, doc="Bars of the cloud's slow edge.")

    def validate(self) -> None:
        if not self.conversion < self.base < self.span_b:
            fact = f"conversion, base and span_b do not rise: {self.conversion}, {self.base}, {self.span_b}"
            raise self.refuse("base", fact, "The usual ones are 9, 26 and 52.")

    def setup(self, bars: Bars) -> None:
        self.lines = ta.ichimoku(bars, self.conversion, self.base, self.span_b)
        self.roof = ta.maximum(self.lines.span_a, self.lines.span_b)

    def on_bar(self, bar: Bar) -> Signal | Exit | None:
        if bar.close < self.lines.base[-1]:
            return self.exit() if self.position > 0 else None
        rising = self.lines.conversion[-1] > self.lines.base[-1] and bar.close > self.roof[-1]
        return self.long() if rising else None

    def rules(self, bars: Bars) -> Rules:
        return Rules(
            enter_long=(self.lines.conversion > self.lines.base) & (bars.close > self.roof),
            exit_long=bars.close < self.lines.base,
        )
