"""The benchmark every other strategy has to beat."""

from __future__ import annotations

from tradebot_native import Bar, Exit, Signal

from tradebot.strategies.bars import Bars
from tradebot.strategies.rules import Rules
from tradebot.strategies.strategy import Strategy


class BuyAndHold(Strategy):
    """Buy on the first bar and hold to the end.

    What the market itself paid, with the same costs and the same sizing: the zero a strategy's result is read from.
    """

    version = "1.0"

    def on_bar(self, bar: Bar) -> Signal | Exit | None:
        return self.long() if self.position == 0 else None

    def rules(self, bars: Bars) -> Rules:
        return Rules(enter_long=bars.close > 0)
