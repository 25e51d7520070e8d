"""Market data without a hole: every bar once and in order, whatever the stream does."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any, Final, Protocol

import msgspec
import numpy as np

from tradebot.core.bar import Bar
from tradebot.core.errors import DataError, NoBarsError
from tradebot.core.event import BarClosed, FeedHealth, History, MarketEvent
from tradebot.core.instrument import Instrument
from tradebot.core.interval import SECOND, Interval
from tradebot.core.protocols import Feed

_ANSWER_S: Final = 30.0
# A feed asked for the last bar the moment it closes may not have it yet.
_SETTLING_NS: Final = 2 * SECOND


class Patience(msgspec.Struct, frozen=True, kw_only=True):
    """How long a silent or broken feed is waited for.

    Parameters
    ----------
    first_s, longest_s : wait before the stream is opened again: the first, then doubled up to the longest. The wait
        is drawn between half of it and all of it, so that many bots do not come back at once.
    silence_s : age of the newest data from which it is stale, beyond the time the next bar is due.
    """

    first_s: float = 1.0
    longest_s: float = 60.0
    silence_s: float = 10.0


class Clock(Protocol):
    """The time the bot lives by."""

    @property
    def is_real(self) -> bool:
        """Whether time passes by itself."""
        ...

    def now(self) -> int:
        """Current time, int64 ns UTC."""
        ...


class Feeding:
    """The bars of some markets from a feed that may fail.

    The stream is opened again after it breaks or falls silent; the bars that closed meanwhile are asked of the feed's
    history, so that the bars given are each one once and in order.

    Parameters
    ----------
    feed : where the data comes from.
    instruments, interval : what is asked of it.
    clock : the bot's.
    patience : how long it is waited for.

    Attributes
    ----------
    data_points : events given so far.
    reconnects : times the stream was opened again.
    filled : bars that came from history because the stream had lost them.
    last_ts : time at which the newest event was known, by symbol, int64 ns UTC.
    """

    def __init__(
        self, feed: Feed, instruments: Sequence[Instrument], interval: Interval, *, clock: Clock, patience: Patience
    ) -> None:
        self._feed = feed
        self._instruments = {instrument.symbol: instrument for instrument in instruments}
        self._interval = interval
        self._clock = clock
        self._patience = patience
        self._stale: set[str] = set()
        self._newest: dict[str, int] = {}
        self.data_points = self.reconnects = self.filled = 0
        self.last_ts: dict[str, int] = {}
        self.fault = ""

    async def history(self, count: int) -> list[History]:
        """The last ``count`` closed bars of each market that was not resumed, before the stream begins.

        Raises
        ------
        DataError : the feed has none of a market.
        """
        found: list[History] = []
        for symbol, instrument in self._instruments.items():
            if symbol in self._newest:
                continue
            end = self._interval.floor(self._clock.now())
            start = end - count * self._interval.ns
            async with asyncio.timeout(_ANSWER_S):
                bars = await self._feed.history(instrument, self._interval, start, end)
            if len(bars):
                self.resume(symbol, int(bars.ts[-1]))
            found.append(History(symbol, self._interval, bars))
        return found

    def status(self) -> dict[str, Any]:
        """How the feed does, as plain data; times int64 ns UTC."""
        return {
            "data_points": self.data_points,
            "reconnects": self.reconnects,
            "filled": self.filled,
            "last_ts": dict(self.last_ts),
            "stale": sorted(self._stale),
            "fault": self.fault if self._stale else "",
        }

    def resume(self, symbol: str, open_ts: int) -> None:
        """Go on after the bar of a market that opened at ``open_ts``."""
        self._newest[symbol] = max(open_ts, self._newest.get(symbol, open_ts))

    async def events(self) -> AsyncIterator[MarketEvent | History | FeedHealth]:
        """Bars, ticks and quotes for good, and what becomes of the feed between them."""
        wait = self._patience.first_s
        while True:
            try:
                async for event in self._session():
                    wait = self._patience.first_s
                    yield event
                self.fault = "the stream has ended"
            except (OSError, DataError, TimeoutError) as error:
                self.fault = str(error) or type(error).__name__
            for health in self._lost():
                yield health
            await asyncio.sleep(wait * random.uniform(0.5, 1.0))  # noqa: S311 - no secret hangs on it
            wait = min(2 * wait, self._patience.longest_s)
            self.reconnects += 1

    async def _session(self) -> AsyncIterator[MarketEvent | History | FeedHealth]:
        """One life of the stream, opened before history is asked so that nothing falls between the two."""
        stream = self._feed.stream(list(self._instruments.values()), self._interval)
        try:
            first = asyncio.ensure_future(anext(stream, None))
            try:
                async for event in self._missed():
                    yield event
                while (event := await self._awaited(first)) is not None:
                    async for each in self._taken(event):
                        yield each
                    first = asyncio.ensure_future(anext(stream, None))
            finally:
                first.cancel()
                # Also where it has failed by itself: what ended the session is told, and this would be said beside it.
                await asyncio.gather(first, return_exceptions=True)
        finally:
            close = getattr(stream, "aclose", None)
            if close is not None:
                await close()

    async def _awaited(self, coming: asyncio.Future[MarketEvent | None]) -> MarketEvent | None:
        """The next event of the stream; a silence longer than the market's own is a fault."""
        if not self._clock.is_real:
            return await coming
        due = min(self._interval.next(self._interval.next(ts)) for ts in self._newest.values()) if self._newest else 0
        silence = max(due - self._clock.now(), 0) / SECOND + self._patience.silence_s
        try:
            async with asyncio.timeout(silence):
                return await asyncio.shield(coming)
        except TimeoutError:
            if coming.done():
                return coming.result()
            raise DataError(f"nothing has come for {silence:.0f} s", place="feed") from None

    async def _taken(self, event: MarketEvent) -> AsyncIterator[MarketEvent | History | FeedHealth]:
        """An event of the stream, behind the bars that are missing before it; nothing for one given already."""
        if not isinstance(event, BarClosed):
            for health in self._alive(event.symbol, self._clock.now()):
                yield health
            self.data_points += 1
            yield event
            return
        newest = self._newest.get(event.symbol)
        if newest is not None and event.bar.ts <= newest:
            return
        if newest is not None and self._interval.next(newest) < event.bar.ts:
            async for missed in self._between(event.symbol, newest, event.bar.ts):
                yield missed
        for each in self._given(event.symbol, event.bar):
            yield each

    async def _missed(self) -> AsyncIterator[MarketEvent | History | FeedHealth]:
        """Bars that closed while there was no stream."""
        if not self._clock.is_real:
            return
        end = self._interval.floor(self._clock.now() - _SETTLING_NS)
        for symbol, newest in list(self._newest.items()):
            if self._interval.next(newest) < end:
                async for missed in self._between(symbol, newest, end):
                    yield missed

    async def _between(self, symbol: str, newest: int, end: int) -> AsyncIterator[MarketEvent | History | FeedHealth]:
        start = newest + 1
        try:
            async with asyncio.timeout(_ANSWER_S):
                bars = await self._feed.history(self._instruments[symbol], self._interval, start, end)
        except NoBarsError:
            # The market's own gap. One that could not be asked about ends the session, and is asked about in the next.
            return
        late = bars[int(np.searchsorted(bars.ts, self._newest[symbol], side="right")) :]
        self.filled += len(late)
        # A bar that another has followed is no moment to trade any more: indicators take it, nothing is decided.
        old = int(np.searchsorted(late.close_ts, self._clock.now() - self._interval.ns, side="right"))
        if not self._clock.is_real:
            old = 0
        if old:
            self._newest[symbol] = int(late.ts[old - 1])
            self.data_points += old
            yield History(symbol, self._interval, late[:old])
        for bar in late[old:]:
            for each in self._given(symbol, bar):
                yield each

    def _given(self, symbol: str, bar: Bar) -> Iterator[MarketEvent | History | FeedHealth]:
        known = self._interval.close_of(bar.ts)
        self._newest[symbol] = bar.ts
        self.data_points += 1
        yield from self._alive(symbol, known)
        yield BarClosed(symbol, self._interval, bar)

    def _alive(self, symbol: str, known: int) -> Iterator[FeedHealth]:
        self.last_ts[symbol] = known
        if symbol in self._stale:
            self._stale.discard(symbol)
            yield FeedHealth(self._clock.now(), symbol, is_fresh=True)

    def _lost(self) -> Iterator[FeedHealth]:
        for symbol in self._instruments:
            if symbol not in self._stale:
                self._stale.add(symbol)
                yield FeedHealth(self._clock.now(), symbol, is_fresh=False)
