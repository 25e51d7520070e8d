"""The strategy of W11: an order on every bar."""

from __future__ import annotations

from typing import Any

from tradebot.strategies import Strategy


class Turns(Strategy):
    """Buys on one bar and sells on the next."""

    def on_bar(self, bar: Any) -> Any:
        return self.exit() if self.position else self.long()
