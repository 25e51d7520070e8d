"""The way to spot's user stream: a subscription on the WebSocket API, by signature.

Source: Binance Open Platform, Spot, WebSocket API, "User Data Stream" (userDataStream.subscribe.signature) and "User
Data Streams" (the envelope, eventStreamTerminated). listenKeys of spot ended on 2026-02-20.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, Final, cast

from tradebot.brokers.binance.refusals import TIMESTAMP, Refused, judged
from tradebot.brokers.binance.rest import BinanceRest
from tradebot.brokers.binance.user_stream import PLACE
from tradebot.core.errors import DataError
from tradebot.venues.binance import BinanceHost
from tradebot.venues.socket import Socket, opened

_ANSWER_S: Final = 5.0


class Subscription:
    """A :class:`tradebot.brokers.binance.user_stream.StreamAccess` by signature.

    Parameters
    ----------
    rest : signs.
    host : where it is.
    """

    def __init__(self, rest: BinanceRest, host: BinanceHost) -> None:
        self._rest = rest
        self._host = host

    @asynccontextmanager
    async def open(self) -> AsyncGenerator[Socket]:
        """Open a socket and subscribe on it."""
        async with opened(self._host.requests, PLACE) as socket:
            request = {"method": "userDataStream.subscribe.signature", "params": self._rest.signed()}
            await socket.send({"id": "user"} | request)
            answer = cast("dict[str, Any]", await socket.next(_ANSWER_S))
            told: dict[str, Any] = answer.get("error") or {}
            text = self._rest.redactor.text(str(told.get("msg", "")))
            error = judged(int(answer.get("status", 500)), int(told.get("code", 0)), text)
            if isinstance(error, Refused) and error.code == TIMESTAMP:
                await self._rest.time()
                raise DataError("the venue's time was another; it is asked for again", place=PLACE)
            if error is not None:
                raise error
            if "result" not in answer:
                raise DataError("the answer to the subscription is none", place=PLACE)
            yield socket

    async def keep_alive(self) -> None:
        """It lives as long as its socket."""
        await asyncio.Event().wait()

    def event(self, message: dict[str, Any]) -> dict[str, Any] | None:
        """What is in the envelope, but for the end of the stream."""
        event: dict[str, Any] = message.get("event") or {}
        return None if event.get("e") == "eventStreamTerminated" else event
