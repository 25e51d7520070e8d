"""The user stream: opened, judged by what it tells, and opened anew."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, aclosing
from typing import Any, Final, Protocol, cast

import msgspec

from tradebot.brokers.binance.refusals import NO_LISTEN_KEY, Paused, Refused, Unanswered
from tradebot.core.errors import DataError
from tradebot.venues.socket import Socket

PLACE: Final = "binance user stream"
"""What it is called in errors."""
_DAY_S: Final = 23.5 * 3_600
_TURN_S: Final = 60.0
_TOO_MANY: Final = (418, 429)


class UserStreamPatience(msgspec.Struct, frozen=True, kw_only=True):
    """How the user stream is held open.

    Parameters
    ----------
    keep_alive_s : time between two extensions of the key; it dies after an hour without.
    first_s, longest_s : wait before it is opened again: the first, then doubled up to the longest.
    evidence_s : longest time from something that the stream must tell of (an order that was accepted) until it tells
        anything. It may be silent for hours while nothing happens, so silence alone says nothing.
    """

    keep_alive_s: float = 25 * 60.0
    first_s: float = 0.25
    longest_s: float = 30.0
    evidence_s: float = 5.0


class Opened(msgspec.Struct, frozen=True):
    """The stream is open: what happened before is not on it and must be asked for."""


class StreamAccess(Protocol):
    """How a user stream is opened, and kept open."""

    def open(self) -> AbstractAsyncContextManager[Socket]:
        """Open it for the block.

        Raises
        ------
        Refused, Unanswered, Paused, DataError : it does not open.
        """
        ...

    async def keep_alive(self) -> None:
        """Keep it open until this is canceled; what keeps it no longer is raised."""
        ...

    def event(self, message: dict[str, Any]) -> dict[str, Any] | None:
        """The event in a message; ``None`` where it says that the stream is over."""
        ...


class UserStream:
    """Messages of the account, over as many connections as it takes.

    One loop opens it and keeps it open, so that two ends at once lead to one new stream.

    Parameters
    ----------
    access : how it is opened.
    patience : how it is held open.

    Attributes
    ----------
    opens : times it was opened.
    fault : why it is not open now; empty while it is.
    """

    def __init__(self, access: StreamAccess, patience: UserStreamPatience) -> None:
        self._access = access
        self._patience = patience
        self._must_tell_by: float | None = None
        # Until it is opened again: what comes on it meanwhile does not bring back what it has lost.
        self._is_doubted = False
        self._nudged = asyncio.Event()
        self.opens = 0
        self.fault = ""

    @property
    def is_open(self) -> bool:
        """Whether what happens now will be told."""
        return self.opens > 0 and not self.fault

    def expect(self) -> None:
        """Something has happened that the stream must tell of."""
        if self._must_tell_by is None:
            self._must_tell_by = asyncio.get_running_loop().time() + self._patience.evidence_s
            self._nudged.set()

    def doubt(self) -> None:
        """Something has happened that the stream should have told of: open it again."""
        self._is_doubted = True
        self._nudged.set()

    async def messages(self) -> AsyncGenerator[dict[str, Any] | Opened]:
        """Every message, and :class:`Opened` after each time it was opened.

        Raises
        ------
        Refused : the key is not accepted.
        """
        wait = self._patience.first_s
        while True:
            try:
                async with self._access.open() as socket:
                    self.opens += 1
                    self.fault = ""
                    self._must_tell_by = None
                    self._is_doubted = False
                    yield Opened()
                    async with aclosing(self._until_it_ends(socket)) as messages:
                        async for message in messages:
                            wait = self._patience.first_s
                            yield message
                self.fault = "the venue has ended it"
            except (DataError, Unanswered, Paused) as error:
                self.fault = str(error)
            except Refused as error:
                if error.code != NO_LISTEN_KEY and error.status not in _TOO_MANY:
                    raise
                self.fault = str(error)
            await asyncio.sleep(wait * random.uniform(0.5, 1.0))  # noqa: S311 - no secret hangs on it
            wait = min(2 * wait, self._patience.longest_s)

    async def _until_it_ends(self, socket: Socket) -> AsyncGenerator[dict[str, Any]]:
        """Messages until the venue ends it, it cannot be kept alive, or the connection has lived its day."""
        ends = asyncio.get_running_loop().time() + _DAY_S
        keeper = asyncio.create_task(self._access.keep_alive())
        coming = asyncio.ensure_future(socket.next())
        try:
            while asyncio.get_running_loop().time() < ends and not keeper.done():
                self._check_doubt()
                await self._wait(coming, keeper)
                if not coming.done():
                    self._check_evidence()
                    continue
                event = self._access.event(cast("dict[str, Any]", coming.result()))
                self._must_tell_by = None
                if event is None:
                    return
                yield event
                coming = asyncio.ensure_future(socket.next())
            if keeper.done():
                keeper.result()
        finally:
            coming.cancel()
            keeper.cancel()
            await asyncio.gather(coming, keeper, return_exceptions=True)

    async def _wait(self, coming: asyncio.Future[Any], keeper: asyncio.Task[None]) -> None:
        nudged = asyncio.ensure_future(self._nudged.wait())
        by = self._must_tell_by
        left = _TURN_S if by is None else max(by - asyncio.get_running_loop().time(), 0.0)
        try:
            await asyncio.wait({coming, keeper, nudged}, timeout=left, return_when=asyncio.FIRST_COMPLETED)
        finally:
            nudged.cancel()

    def _check_doubt(self) -> None:
        if self._is_doubted:
            raise DataError("not all that has happened was told on it", place=PLACE)

    def _check_evidence(self) -> None:
        self._nudged.clear()
        by = self._must_tell_by
        if by is not None and asyncio.get_running_loop().time() >= by:
            raise DataError("it is silent though something has happened", place=PLACE)
