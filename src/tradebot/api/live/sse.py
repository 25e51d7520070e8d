"""The stream as server-sent events."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Final

from starlette.requests import HTTPConnection
from starlette.responses import Response

from tradebot.api.access.roles import UNKNOWN, until_unknown
from tradebot.api.live.hub import DroppedError, Hub, Listener

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

_BEAT_S: Final = 15.0
_LOOK_EVERY_S: Final = 5.0
_FAREWELL_S: Final = 1.0


class EventStream(Response):
    """Sends what a listener hears until either side ends it, or who listens is known no more.

    A client that stops reading is let go.

    Parameters
    ----------
    hub, listener : who listens to what.
    """

    media_type = "text/event-stream"

    def __init__(self, hub: Hub, listener: Listener) -> None:
        super().__init__(headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._hub = hub
        self._listener = listener

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve it."""
        try:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            unknown = asyncio.create_task(until_unknown(HTTPConnection(scope), _LOOK_EVERY_S))
            tasks = (
                unknown,
                asyncio.create_task(self._tell(send)),
                asyncio.create_task(_gone(receive)),
                asyncio.create_task(self._listener.dropped.wait()),
            )
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            reason = UNKNOWN if unknown.done() else self._listener.reason
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            if reason:
                with contextlib.suppress(TimeoutError, OSError):
                    async with asyncio.timeout(_FAREWELL_S):
                        last = f"event: dropped\ndata: {reason}\n\n"
                        await send({"type": "http.response.body", "body": last.encode(), "more_body": False})
        finally:
            self._hub.leave(self._listener)

    async def _tell(self, send: Send) -> None:
        await self._write(send, f"retry: 1000\nevent: hello\ndata: {self._hub.last}\n\n")
        with contextlib.suppress(DroppedError):
            while True:
                taken = await self._listener.take(_BEAT_S)
                told = [f"id: {sent.seq}\nevent: {sent.topic}\ndata: {sent.text}\n\n" for sent in taken]
                await self._write(send, "".join(told) or ": beat\n\n")

    @staticmethod
    async def _write(send: Send, text: str) -> None:
        await send({"type": "http.response.body", "body": text.encode(), "more_body": True})


async def _gone(receive: Receive) -> None:
    """Until the client has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass
