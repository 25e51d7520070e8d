"""What a user stream says, taken; and what it may have lost, asked for."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import aclosing, suppress
from functools import partial
from typing import Any, Final

from tradebot.brokers.binance.refusals import Paused, Refused, Unanswered, understood
from tradebot.brokers.binance.telling import Telling
from tradebot.brokers.binance.user_stream import Opened, UserStream
from tradebot.core.account import AccountSnapshot
from tradebot.core.errors import TradebotError

_log: Final = logging.getLogger(__name__)


class Hearing:
    """Listens to a user stream.

    Parameters
    ----------
    stream : the messages.
    telling : to whom it is told.
    take : takes a message.
    resync : asks for everything that happened while the stream was not open.

    Attributes
    ----------
    fault : why the last question failed.
    is_caught_up : whether all that happened before the stream was opened has been told.
    """

    def __init__(
        self,
        stream: UserStream,
        telling: Telling,
        take: Callable[[dict[str, Any]], Awaitable[None]],
        resync: Callable[[], Awaitable[None]],
    ) -> None:
        self._stream = stream
        self._telling = telling
        self._take = take
        self._resync = resync
        self.fault = ""
        self.is_caught_up = False

    async def listen(self) -> None:
        """Tell what the stream says, for good; what ends it is told last."""
        catching_up: asyncio.Task[None] | None = None
        try:
            async with aclosing(self._stream.messages()) as messages:
                async for message in messages:
                    if isinstance(message, Opened):
                        if catching_up is not None:
                            catching_up.cancel()
                        self.is_caught_up = False
                        # Beside the stream: an answer that does not come must not keep from hearing what happens now.
                        catching_up = asyncio.create_task(self._heard(self._catch_up))
                    else:
                        await self._heard(partial(self._take, message))
        except TradebotError as error:
            self._telling.put(error)
        finally:
            if catching_up is not None:
                catching_up.cancel()
                await asyncio.gather(catching_up, return_exceptions=True)

    async def _heard(self, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
        except (Refused, Unanswered, Paused) as error:
            self.doubt(str(error))
        except (KeyError, ValueError, TypeError, ArithmeticError) as error:
            self.doubt(f"a message is not understood ({error!r})")

    async def _catch_up(self) -> None:
        await self._resync()
        self.is_caught_up = True

    async def compare(self, snapshot: Callable[[], Awaitable[AccountSnapshot]]) -> None:
        """Tell the whole account."""

        async def tell() -> None:
            self._telling.put(await snapshot())

        await self.attempt(tell)

    def doubt(self, fault: str) -> None:
        """Something was not told: open the stream again, after which everything is asked for."""
        self.fault = fault
        _log.warning("binance user stream: %s; it is opened again", fault)
        self._stream.doubt()

    async def attempt(self, work: Callable[[], Awaitable[object]]) -> None:
        """Do it; that it failed is seen in ``fault``, and does not end whoever wanted it."""
        try:
            with understood("an answer"):
                await work()
        except TradebotError as error:
            self.fault = str(error)

    async def every(self, seconds: float, work: Callable[[], Awaitable[object]], due: asyncio.Event) -> None:
        """Ask for something again and again, for good: after a time, and whenever it is due."""
        while True:
            due.clear()
            await self.attempt(work)
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await due.wait()
