"""The smallest strategy there is, to see a whole set-up work."""

from __future__ import annotations

from tradebot_native import Bar, Exit, Signal

from tradebot.strategies.strategy import Strategy


class SimpleTest(Strategy):
    """Long after a rising bar, flat after a falling one.

    It trades often and means nothing: orders, fills, costs and messages show within minutes that a configuration,
    a feed and a broker work together.
    """

    version = "1.0"

    def on_bar(self, bar: Bar) -> Signal | Exit | None:
        if bar.close > bar.open:
            return self.long() if self.position == 0 else None
        return self.exit() if self.position > 0 else None
