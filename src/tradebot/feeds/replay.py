"""Recorded bars as a feed: a past market lived through again, at any speed."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import AsyncIterator, Iterator, Sequence

from tradebot.core.bar import BarArray
from tradebot.core.errors import DataError, NoBarsError
from tradebot.core.event import BarClosed, MarketEvent
from tradebot.core.instant import iso
from tradebot.core.instrument import Instrument
from tradebot.core.interval import Interval
from tradebot.core.protocols import FeedAbilities


class ReplayFeed:
    """Feed of recorded bars; implements :class:`tradebot.core.protocols.Feed`.

    Parameters
    ----------
    bars : a market each, of one interval.
    live_from : close time from which on bars are streamed, int64 ns UTC; earlier ones are history.
    speed : multiple of real time; ``None`` streams as fast as it is read.

    Raises
    ------
    DataError : there are no bars, or the intervals differ.
    """

    def __init__(self, bars: Sequence[BarArray], *, live_from: int, speed: float | None = None) -> None:
        if not bars:
            raise DataError("there are no bars to play", place="replay")
        intervals = {array.interval for array in bars}
        if len(intervals) > 1:
            told = ", ".join(sorted(map(str, intervals)))
            raise DataError(f"the intervals differ: {told}", place="replay", mend="Resample them to one.")
        self._bars = {array.symbol: array for array in bars}
        self._live_from = live_from
        self._speed = speed

    @property
    def abilities(self) -> FeedAbilities:
        """Bars of the one interval there is."""
        return FeedAbilities(intervals=(next(iter(self._bars.values())).interval,))

    async def history(self, instrument: Instrument, interval: Interval, start: int, end: int) -> BarArray:
        """Recorded bars that open in ``start <= ts < end``.

        Raises
        ------
        NoBarsError : no bar lies there.
        DataError : the market or the interval was not recorded.
        """
        found = self._of(instrument, interval).between(start, end)
        if not len(found):
            fact = f"no bar was recorded in {iso(start)}..{iso(end)}"
            raise NoBarsError(fact, place=f"replay of {instrument.symbol}", mend="Give bars of that time.")
        return found

    async def stream(self, instruments: Sequence[Instrument], interval: Interval | None) -> AsyncIterator[MarketEvent]:
        """Bars of all markets in the order they closed; the stream ends with them."""
        if interval is None:
            raise DataError("only bars were recorded", place="replay", mend="Ask for an interval.")
        closed = heapq.merge(
            *(self._closed(instrument, interval) for instrument in instruments), key=lambda row: row[0]
        )
        now: int | None = None
        for ts, event in closed:
            if self._speed is not None and now is not None and ts > now:
                await asyncio.sleep((ts - now) / 1e9 / self._speed)
            now = ts
            yield event

    def _of(self, instrument: Instrument, interval: Interval) -> BarArray:
        bars = self._bars.get(instrument.symbol)
        if bars is None or bars.interval != interval:
            recorded = ", ".join(f"{array.symbol} {array.interval}" for array in self._bars.values())
            fact = f"{instrument.symbol} {interval} was not recorded"
            raise DataError(fact, place="replay", mend=f"There are {recorded}.")
        return bars

    def _closed(self, instrument: Instrument, interval: Interval) -> Iterator[tuple[int, MarketEvent]]:
        bars = self._of(instrument, interval)
        for ts, bar in zip(bars.close_ts.tolist(), bars, strict=True):
            if ts > self._live_from:
                yield ts, BarClosed(instrument.symbol, interval, bar)
