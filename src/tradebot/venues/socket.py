"""A websocket that is read by a task of its own, and judged by the age of its data, never by its state."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, Final

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from tradebot.core.errors import DataError

_OPEN_S: Final = 10.0
_CLOSE_S: Final = 2.0
_LARGEST: Final = 1 << 22


class Socket:
    """JSON messages of one websocket.

    A task of its own reads them, so that a slow consumer never leaves the venue's messages unread; when too many wait,
    nothing is dropped in silence: reading ends in an error, and whoever reads opens anew and asks for what was missed.

    Parameters
    ----------
    connection : the open websocket.
    place : what it is called in errors.
    capacity : messages that may wait.
    """

    def __init__(self, connection: ClientConnection, place: str, capacity: int) -> None:
        self._connection = connection
        self._place = place
        self._capacity = capacity
        self._waiting: deque[Any] = deque()
        self._changed = asyncio.Event()
        self._reader = asyncio.create_task(self._read())
        self._reader.add_done_callback(lambda _: self._changed.set())

    async def next(self, silence_s: float | None = None) -> Any:
        """The next message, decoded.

        Parameters
        ----------
        silence_s : longest wait for it; ``None`` waits for good.

        Raises
        ------
        DataError : the connection has ended, the reader cannot keep up, or nothing came in time.
        """
        while not self._waiting:
            if self._reader.done():
                raise DataError(str(self._reader.exception() or "the connection has ended"), place=self._place)
            self._changed.clear()
            try:
                async with asyncio.timeout(silence_s):
                    await self._changed.wait()
            except TimeoutError:
                raise DataError(f"nothing has come for {silence_s:g} s", place=self._place) from None
        return self._waiting.popleft()

    async def send(self, message: Any) -> None:
        """Send a message.

        Raises
        ------
        DataError : the connection has ended.
        """
        try:
            await self._connection.send(msgspec.json.encode(message).decode())
        except WebSocketException as error:
            raise DataError(f"it broke off ({type(error).__name__})", place=self._place) from None

    async def close(self) -> None:
        """Stop reading."""
        self._reader.cancel()
        await asyncio.gather(self._reader, return_exceptions=True)

    async def _read(self) -> None:
        try:
            async for text in self._connection:
                if len(self._waiting) >= self._capacity:
                    raise DataError(f"more than {self._capacity} messages wait to be worked on")
                self._waiting.append(msgspec.json.decode(text))
                self._changed.set()
        except (WebSocketException, msgspec.DecodeError) as error:
            raise DataError(f"it broke off ({type(error).__name__})") from error


@asynccontextmanager
async def opened(address: str, place: str, *, capacity: int = 10_000) -> AsyncGenerator[Socket]:
    """Open a websocket; the library answers the venue's pings.

    Parameters
    ----------
    address : where; it may hold a secret, so no error repeats it.
    place : what it is called in errors.
    capacity : messages that may wait.

    Raises
    ------
    DataError : it does not open.
    """
    try:
        connection = await connect(
            address,
            open_timeout=_OPEN_S,
            close_timeout=_CLOSE_S,
            max_size=_LARGEST,
            proxy=None if address.startswith("ws://") else True,
        )
    except (OSError, TimeoutError, WebSocketException) as error:
        raise DataError(f"it does not open ({type(error).__name__})", place=place) from None
    socket = Socket(connection, place, capacity)
    try:
        yield socket
    finally:
        await socket.close()
        await connection.close()
