"""WebSockets of many listeners: what all of them hear is put into frames once, and leaves for each in one piece."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame, Opcode
from websockets.protocol import State

if TYPE_CHECKING:
    from websockets.http11 import Request

FRAMES: Final = "tradebot.frames"
"""Name of an extension of ASGI: a ``websocket.send`` may hold whole ``frames`` as bytes in the place of a text."""


@lru_cache(maxsize=64)
def framed(text: str) -> bytes:
    """A text as a frame that a server sends (RFC 6455, section 5.2), for sockets that do not compress."""
    return Frame(Opcode.TEXT, text.encode()).serialize(mask=False)


class StreamSocket(WebSocketsSansIOProtocol):
    """uvicorn's WebSocket, with the extension :data:`FRAMES`; it must not compress."""

    def handle_connect(self, event: Request) -> None:
        """Offer the extension to the application."""
        super().handle_connect(event)
        if self.response.status_code == 101:
            extensions: dict[str, Any] = self.scope["extensions"]  # type: ignore[assignment]
            extensions[FRAMES] = {}

    async def send(self, message: Any) -> None:
        """Take a message of the application.

        Raises
        ------
        ClientDisconnected : whoever would hear it has gone.
        """
        frames: bytes | None = message.get("frames")
        if frames is None:
            await super().send(message)
            return
        await self.writable.wait()
        if self.disconnected or self.close_sent or self.conn.state is not State.OPEN:
            raise ClientDisconnected
        self.transport.write(frames)
