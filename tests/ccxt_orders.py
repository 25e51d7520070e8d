"""The orders that ccxt tells of, for tests on the local exchange."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any


class WatchedOrders:
    """Every order that ccxt tells of while it watches, without a moment in which it does not."""

    def __init__(self, client: Any, symbol: str) -> None:
        self.rows: list[dict[str, Any]] = []
        self._client, self._symbol = client, symbol
        self._task = asyncio.create_task(self._watch())

    async def _watch(self) -> None:
        while True:
            self.rows += [dict(row) for row in await self._client.watch_orders(self._symbol)]

    async def until(self, holds: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
        """The first row of which something holds."""
        while not any(map(holds, self.rows)):
            if self._task.done():
                self._task.result()
            await asyncio.sleep(0.01)
        return next(filter(holds, self.rows))
