"""Downloads: what the store lacks, in pages, at the provider's pace, with nothing asked twice."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final, Protocol

import msgspec
import stamina

from tradebot.core.bar import BarArray
from tradebot.core.errors import DataError
from tradebot.core.instant import iso
from tradebot.core.instrument import Instrument
from tradebot.core.interval import Interval
from tradebot.feeds.faults import Retriable
from tradebot.feeds.provider import Provider
from tradebot.feeds.window import Window

_ATTEMPTS: Final = 6
# A provider that stalls is given up on after this long, whatever its client does.
_STALL_S: Final = 45.0
_LONGEST_WAIT_S: Final = 120.0

Span = tuple[int, int]
Progress = Callable[[int, int], None]


class Change(Protocol):
    """What a write has done to a store."""

    @property
    def replaced(self) -> int:
        """Stored bars whose values differed and gave way."""
        ...


class CoveringStore(Protocol):
    """A bar store that remembers for which spans a provider has answered."""

    def coverage(self, venue: str, symbol: str, interval: Interval) -> Sequence[Span]:
        """Spans that are complete as far as known."""
        ...

    def upsert(self, bars: BarArray, *, replace: bool = True, covered: Span | None = None) -> Change:
        """Store bars and what they cover in one step."""
        ...

    def mark_covered(self, venue: str, symbol: str, interval: Interval, start: int, end: int) -> None:
        """Remember that a span holds no bars."""
        ...


class Fetched(msgspec.Struct):
    """What a download did for one market.

    Parameters
    ----------
    bars : bars that were stored.
    replaced : those of them that took the place of a stored one with other values.
    requests, retries : requests that were answered, and those that were asked again.
    gaps : places inside the answers where bars are missing: the market's own.
    failure : why it was given up; empty when it was not.
    """

    symbol: str
    bars: int = 0
    replaced: int = 0
    requests: int = 0
    retries: int = 0
    gaps: int = 0
    failure: str = ""


class Pace(msgspec.Struct, frozen=True):
    """How hard a provider is asked.

    Parameters
    ----------
    requests, seconds : most requests in any window of so many seconds.
    concurrency : requests under way at once.
    delay : least seconds between the sending of two requests.
    batch : markets that are worked on at once; the next batch begins when all of them are done.
    """

    requests: int
    seconds: float
    concurrency: int = 5
    delay: float = 0.0
    batch: int = 200


async def download(
    provider: Provider,
    store: CoveringStore,
    instruments: Sequence[Instrument],
    interval: Interval,
    start: int,
    end: int,
    *,
    pace: Pace | None = None,
    record: Path | None = None,
    progress: Progress | None = None,
) -> list[Fetched]:
    """Fetch the bars that the store lacks.

    Every page is stored, with the span it covers, in one step: a download that is killed goes on where it stood.

    Parameters
    ----------
    instruments : the markets.
    start, end : bars that open in ``start <= ts < end``, int64 ns UTC; those that are not final yet are left out.
    pace : the provider's own unless given.
    record : file in which the requests are noted, so that the provider's limit holds for the next run as well.
    progress : called with the pages done and the pages in all.

    Returns
    -------
    What was done, by market; one that failed says why, and the others go on.

    Raises
    ------
    DataError : the provider does not have the interval.
    """
    _require_interval(provider, interval)
    end = min(end, final_until(provider, interval, time.time_ns()))
    pace = pace or Pace(*provider.rate)
    plan = [(instrument, list(_pages(provider, store, instrument, interval, start, end))) for instrument in instruments]
    job = _Job(provider, store, interval, pace, sum(len(pages) for _, pages in plan), progress, record)
    done: list[Fetched] = []
    for first in range(0, len(plan), pace.batch):
        batch = plan[first : first + pace.batch]
        done += await asyncio.gather(*(job.market(instrument, pages) for instrument, pages in batch))
    return done


class _Job:
    """One download: the limits all its markets share."""

    def __init__(
        self,
        provider: Provider,
        store: CoveringStore,
        interval: Interval,
        pace: Pace,
        pages: int,
        progress: Progress | None,
        record: Path | None,
    ) -> None:
        self._provider, self._store, self._interval = provider, store, interval
        self._window = Window(pace.requests, pace.seconds, delay=pace.delay, record=record)
        self._slots = asyncio.Semaphore(pace.concurrency)
        self._pages, self._done, self._progress = pages, 0, progress

    async def market(self, instrument: Instrument, pages: Sequence[Span]) -> Fetched:
        """Fetch the pages of a market, one after the other."""
        done = Fetched(instrument.symbol)
        for start, end in pages:
            try:
                async with self._slots:
                    bars = await self._page(instrument, start, end, done)
            except (Retriable, DataError, TimeoutError) as error:
                done.failure = str(error) or "it does not answer"
                return done
            done.replaced += self._keep(instrument, bars, start, end)
            done.bars += len(bars)
            done.gaps += bars.gaps
            self._done += 1
            if self._progress is not None:
                self._progress(self._done, self._pages)
        return done

    async def _page(self, instrument: Instrument, start: int, end: int, done: Fetched) -> BarArray:
        def backoff(error: Exception) -> bool | float:
            if isinstance(error, Retriable) and error.after is not None:
                return min(error.after, _LONGEST_WAIT_S)
            return isinstance(error, Retriable | TimeoutError)

        async for attempt in stamina.retry_context(on=backoff, attempts=_ATTEMPTS, timeout=None, wait_max=30.0):
            with attempt:
                done.retries += attempt.num > 1
                async with self._window.request(), asyncio.timeout(_STALL_S):
                    bars = await self._provider.history(instrument, self._interval, start, end)
                done.requests += 1
                return bars.between(start, end)
        raise AssertionError  # the last attempt raises

    def _keep(self, instrument: Instrument, bars: BarArray, start: int, end: int) -> int:
        """Store a page; gives how many stored bars gave way."""
        if len(bars):
            return self._store.upsert(bars, covered=(start, end)).replaced
        self._store.mark_covered(instrument.venue, instrument.symbol, self._interval, start, end)
        return 0


def _pages(
    provider: Provider, store: CoveringStore, instrument: Instrument, interval: Interval, start: int, end: int
) -> Iterator[Span]:
    """Pages of what is missing, oldest first."""
    length = provider.page(interval) * interval.ns
    known = store.coverage(instrument.venue, instrument.symbol, interval)
    for first, last in _missing(known, start, end):
        for at in range(first, last, length):
            yield at, min(at + length, last)


def _missing(known: Sequence[Span], start: int, end: int) -> Iterator[Span]:
    at = start
    for first, last in sorted(known):
        if first >= end:
            break
        if first > at:
            yield at, min(first, end)
        at = max(at, last)
    if at < end:
        yield at, end


def _require_interval(provider: Provider, interval: Interval) -> None:
    offered = provider.abilities.intervals
    if offered and interval not in offered:
        listed = ", ".join(map(str, offered))
        raise DataError(f"it has no {interval} bars", place=provider.venue, mend=f"Choose one of {listed}.")


def final_until(provider: Provider, interval: Interval, now: int) -> int:
    """End of a span in which every bar is final: it has closed, and the provider has it whole.

    Raises
    ------
    DataError : the time lies before the first bar there could be.
    """
    end = interval.floor(now - provider.settles(interval))
    if end <= 0:
        raise DataError(f"no bar is final by {iso(now)}", place="--end", mend="Set the clock.")
    return end
