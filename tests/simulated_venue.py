"""A simulated exchange with one instrument, fed bar by bar."""

from __future__ import annotations

from typing import Any

import tradebot_native as native

MINUTE = 60_000_000_000
DAY = 1440 * MINUTE


class Venue:
    """A simulated exchange with one instrument, fed bar by bar."""

    def __init__(
        self, *, cash: float = 100_000.0, step: int = MINUTE, options: dict[str, Any] | None = None, **spec: Any
    ):
        wish = {"tick_size": 0.5, "lot_size": 0.1} | spec
        self.exchange = native.SimExchange([native.InstrumentSpec("X", **wish)], cash=cash, **(options or {}))
        self.ts = 0
        self.step = step
        self.bar(100, 100, 100, 100)

    def bar(self, open: float, high: float, low: float, close: float, volume: float = 1_000.0) -> None:
        self.exchange.on_bar(0, native.Bar(self.ts, open, high, low, close, volume), self.ts + self.step)
        self.ts += self.step

    def order(self, side: str, quantity: float = 1.0, **wish: Any) -> int:
        return self.exchange.submit(native.OrderIntent("X", side, quantity, **wish))

    def state(self, order: int) -> tuple[str, str]:
        view = self.exchange.order(order)
        return view.state, view.reason

    @property
    def fills(self) -> list[tuple[float, float]]:
        """Signed quantity and price of every fill."""
        rows = self.exchange.fills()
        signed = (rows["side"] * rows["quantity"]).tolist()
        return list(zip(signed, rows["price"].tolist(), strict=True))
