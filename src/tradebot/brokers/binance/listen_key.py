"""The way to the futures' user stream: a key that must be kept alive, and the socket it opens."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, Final

from tradebot.brokers.binance.rest import BinanceRest, Endpoint
from tradebot.brokers.binance.user_stream import PLACE
from tradebot.venues.binance import BinanceHost
from tradebot.venues.socket import Socket, opened

_CREATE: Final = Endpoint("fapiPrivatePostListenKey", answer_s=1.5)
_KEEP: Final = Endpoint("fapiPrivatePutListenKey")


class ListenKey:
    """A :class:`tradebot.brokers.binance.user_stream.StreamAccess` by a listenKey.

    Parameters
    ----------
    rest, host : where it is.
    keep_alive_s : time between two extensions of the key.
    """

    def __init__(self, rest: BinanceRest, host: BinanceHost, keep_alive_s: float) -> None:
        self._rest = rest
        self._host = host
        self._keep_alive_s = keep_alive_s

    @asynccontextmanager
    async def open(self) -> AsyncGenerator[Socket]:
        """Make a key, and open the socket it is for."""
        key = (await self._rest.ask(_CREATE))["listenKey"]
        async with opened(self._host.socket("private", f"ws?listenKey={key}"), PLACE) as socket:
            yield socket

    async def keep_alive(self) -> None:
        """Extend the key, for good."""
        while True:
            await asyncio.sleep(self._keep_alive_s)
            await self._rest.ask(_KEEP)

    def event(self, message: dict[str, Any]) -> dict[str, Any] | None:
        """The message itself, but for the one that says that the key has run out."""
        return None if message.get("e") == "listenKeyExpired" else message
