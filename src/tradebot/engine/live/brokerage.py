"""The way to a broker and back: commands in order, events without end, and the truth asked for now and then."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final, Protocol

import msgspec

from tradebot.core.account import AccountSnapshot
from tradebot.core.crashpoint import crashpoint
from tradebot.core.errors import TradebotError
from tradebot.core.event import AccountEvent, Cancel, MarketEvent, Query, Replace, Submit
from tradebot.core.protocols import ExecutionEngine

_SNAPSHOT_S: Final = 30.0
_BLIND_S: Final = 60.0
_HEAD_START_S: Final = 0.5

Errand = Submit | Cancel | Replace | Query
"""A command that goes to the broker."""


class SimulatedEngine(Protocol):
    """A broker inside this process: it answers at once, and sees the market before the trader does."""

    def on_market(self, event: MarketEvent) -> list[AccountEvent]:
        """Let market data pass; returns what it did to the orders."""
        ...

    def apply(self, errand: Errand) -> list[AccountEvent]:
        """Take a command; returns its answer."""
        ...

    def account(self) -> AccountSnapshot:
        """Orders, positions, balances and recent fills."""
        ...

    def state(self) -> bytes:
        """What :meth:`restore` takes back."""
        ...

    def restore(self, state: bytes) -> None:
        """Go on from a saved state."""
        ...


class Rhythm(msgspec.Struct, frozen=True, kw_only=True):
    """How often a broker is asked, and how long a broken stream is waited for.

    Parameters
    ----------
    compare_s : time between two comparisons of our books with the broker's answers, even when all is well.
    first_s, longest_s : wait before a broken event stream is opened again: the first, then doubled up to the longest.
    lost_after_s : time without an answer after which the broker counts as lost; ``None`` waits for good.
    """

    compare_s: float = 10.0
    first_s: float = 1.0
    longest_s: float = 30.0
    lost_after_s: float | None = None


class Brokerage:
    """One broker, asked and heard.

    Parameters
    ----------
    engine : the broker.
    rhythm : how often it is asked.

    Attributes
    ----------
    may_leave : asked about every order at the moment it would leave its line; one that may not is not sent.
    market_of : names the market of an order by its client id; without it all orders stand in one line.
    reconnects : times the event stream was opened again.
    fault : why the last question or stream failed; empty while all is well.
    """

    def __init__(self, engine: ExecutionEngine, rhythm: Rhythm) -> None:
        self._engine = engine
        self.rhythm = rhythm
        self._lines: dict[str, asyncio.Queue[Errand]] = {}
        self._senders: set[asyncio.Task[None]] = set()
        # The latest command of each order that has left and is not answered.
        self._leaving: dict[str, asyncio.Task[None]] = {}
        self._changed = asyncio.Event()
        self.may_leave: Callable[[Submit], Awaitable[bool]] = _always
        self.market_of: Callable[[str], str] = _any_market
        self.reconnects = 0
        self.fault = ""
        # When the first question went out that has failed since the last answer.
        self._failing_since: float | None = None
        # The same of comparisons alone, which a stream that speaks does not stand in for; and why the last one failed.
        self._blind_since: float | None = None
        self._blindness = ""

    def send(self, errand: Errand) -> None:
        """Put a command in its market's line; returns at once.

        Commands of one market leave one after the other, each when the one before it was answered. One that gets no
        answer keeps only those of its own order waiting for it, the others for half a second: the next may be the stop
        of a position.
        """
        symbol = self.market_of(errand.order_id)
        line = self._lines.get(symbol)
        if line is None:
            line = self._lines[symbol] = asyncio.Queue()
            sender = asyncio.create_task(self._sender(line), name=f"orders of {symbol}")
            self._senders.add(sender)
        line.put_nowait(errand)

    async def settle(self) -> None:
        """Wait until every command has left."""
        await asyncio.gather(*(line.join() for line in self._lines.values()))

    async def close(self) -> None:
        """End the lines; what has not left yet does not leave any more."""
        working = (*self._senders, *self._leaving.values())
        for task in working:
            task.cancel()
        await asyncio.gather(*working, return_exceptions=True)
        self._senders.clear()
        self._leaving.clear()
        self._lines.clear()

    async def _sender(self, line: asyncio.Queue[Errand]) -> None:
        while True:
            errand = await line.get()
            before = self._leaving.get(errand.order_id)
            leaving = asyncio.create_task(self._leave(errand, before, line))
            self._leaving[errand.order_id] = leaving
            await asyncio.wait({leaving}, timeout=_HEAD_START_S)

    async def _leave(self, errand: Errand, before: asyncio.Task[None] | None, line: asyncio.Queue[Errand]) -> None:
        try:
            if before is not None:
                await asyncio.wait({before})
            await self._carry(errand)
        finally:
            line.task_done()
            if self._leaving.get(errand.order_id) is asyncio.current_task():
                del self._leaving[errand.order_id]

    async def _carry(self, errand: Errand) -> None:
        match errand:
            case Submit(order_id, intent):
                if await self.may_leave(errand):
                    await self._engine.submit(order_id, intent)
            case Cancel(order_id):
                await self._engine.cancel(order_id)
            case Replace(order_id, quantity, price, trigger):
                await self._engine.replace(order_id, quantity=quantity, price=price, trigger=trigger)
                crashpoint("after-replace")
            case Query(order_id):
                await self._engine.query(order_id)
        # The broker has answered, and nobody has heard it yet.
        crashpoint("after-send")

    async def events(self) -> AsyncIterator[AccountEvent]:
        """Everything the broker says, for good; a broken stream is opened again and followed by a snapshot."""
        wait = self.rhythm.first_s
        while True:
            try:
                async for event in self._engine.stream_events():
                    wait = self.rhythm.first_s
                    self._hear()
                    yield event
                self._fail("the event stream has ended", time.monotonic())
            except (OSError, TimeoutError, TradebotError) as error:
                self._fail(str(error) or type(error).__name__, time.monotonic())
            self.reconnects += 1
            await asyncio.sleep(wait * random.uniform(0.5, 1.0))  # noqa: S311 - no secret hangs on it
            wait = min(2 * wait, self.rhythm.longest_s)
            self._changed.set()

    def compare(self) -> None:
        """Ask for the broker's truth now, not at the next turn."""
        self._changed.set()

    async def comparisons(self) -> AsyncIterator[AccountSnapshot]:
        """The broker's truth at every turn, and at once after a broken stream."""
        while True:
            # In Python 3.11 wait_for loses a cancellation that meets the end of the wait; timeout does not.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self.rhythm.compare_s):
                    await self._changed.wait()
            self._changed.clear()
            snapshot = await self.snapshot()
            if snapshot is not None:
                yield snapshot

    async def snapshot(self) -> AccountSnapshot | None:
        """The broker's truth now; ``None`` (and :attr:`fault`) where it does not answer."""
        asked = time.monotonic()
        try:
            async with asyncio.timeout(_SNAPSHOT_S):
                found = await self._engine.snapshot()
        except (OSError, TimeoutError, TradebotError) as error:
            self._fail(str(error) or type(error).__name__, asked)
            self._blindness = self.fault
            self._blind_since = asked if self._blind_since is None else self._blind_since
            return None
        self._hear()
        self._blind_since = None
        return found

    @property
    def loss(self) -> str:
        """Why it counts as lost, in one sentence; empty while it does not."""
        longest, since = self.rhythm.lost_after_s, self._failing_since
        if longest is None or since is None or time.monotonic() - since <= longest:
            return ""
        return f"the broker has not answered for {longest:g} s ({self.fault})"

    @property
    def blindness(self) -> str:
        """Why no comparison has succeeded for a minute, in one sentence; empty where one has."""
        if self._blind_since is None or time.monotonic() - self._blind_since <= _BLIND_S:
            return ""
        return f"the books have not been held against the broker's for {_BLIND_S:g} s ({self._blindness})"

    def _fail(self, fault: str, since: float) -> None:
        self.fault = fault
        if self._failing_since is None:
            self._failing_since = since

    def _hear(self) -> None:
        self.fault = ""
        self._failing_since = None


async def _always(submit: Submit) -> bool:
    return True


def _any_market(order_id: str) -> str:
    return ""
