"""The built-in mock venue: a seeded market that needs no network and never ends."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import date, datetime
from itertools import count, pairwise
from typing import Final

import numpy as np

from tradebot.core.bar import BarArray
from tradebot.core.errors import DataError, NoBarsError
from tradebot.core.event import BarClosed, MarketEvent, QuoteSeen, TickSeen
from tradebot.core.instant import iso, to_ns
from tradebot.core.instrument import Instrument
from tradebot.core.interval import HOUR, Interval
from tradebot.core.protocols import FeedAbilities
from tradebot.feeds.mock_market import MockMarket, Regime, mock_bars
from tradebot.feeds.mock_ticks import mock_quotes, mock_ticks

__all__ = ["MockFeed", "MockMarket", "Regime", "mock_bars", "mock_quotes", "mock_ticks"]

_BASE: Final = Interval(1, "m")
_FEWEST_BARS: Final = 4_096


class MockFeed:
    """Feed of the built-in market; implements :class:`tradebot.core.protocols.Feed`.

    Every symbol has a path of its own. All intervals, ticks and quotes of a symbol are views of the same one-minute
    bars, and what ``history`` said of a time ``stream`` says too.

    Parameters
    ----------
    seed : zero or more; the same seed gives the same market on every machine.
    start : when the market begins.
    live_from : when the stream begins; ``start`` unless given.
    speed : multiple of real time at which the stream runs; ``None`` runs as fast as it is read.
    market : character of the market.

    Raises
    ------
    DataError : the seed is negative, the speed is not positive or the stream would begin before the market.
    """

    def __init__(
        self,
        *,
        seed: int = 1,
        start: datetime | date | str | int = "2024-01-01",
        live_from: datetime | date | str | int | None = None,
        speed: float | None = None,
        market: MockMarket | None = None,
    ) -> None:
        if seed < 0:
            raise DataError(f"the seed {seed} is negative", place="mock feed seed", mend="Use 0 or more.")
        if speed is not None and speed <= 0:
            raise DataError(f"{speed:g} is not positive", place="mock feed speed", mend="1 is real time.")
        self._seed = seed
        self._start = _BASE.floor(to_ns(start))
        self._live_from = self._start if live_from is None else _BASE.floor(to_ns(live_from))
        if self._live_from < self._start:
            raise DataError(
                f"{iso(self._live_from)} lies before the market's start",
                place="mock feed live_from",
                mend="Begin later.",
            )
        self._speed = speed
        self._market = market or MockMarket()
        self._known: dict[Instrument, BarArray] = {}

    @property
    def abilities(self) -> FeedAbilities:
        """Bars of a minute and longer, trades and quotes, past and present."""
        return FeedAbilities(ticks=True, quotes=True)

    async def history(self, instrument: Instrument, interval: Interval, start: int, end: int) -> BarArray:
        """Closed bars that open in ``start <= ts < end`` (int64 ns UTC); none from before the market's start.

        Raises
        ------
        NoBarsError : the span holds no bar.
        DataError : the interval is shorter than a minute.
        """
        bars = self._bars(instrument, interval, end).between(start, end)
        if not len(bars):
            raise NoBarsError(
                f"no {interval} bar opens in {iso(start)}..{iso(end)}; the market begins {iso(self._start)}",
                place=f"mock feed {instrument.symbol}",
                mend="Ask for a later or longer span.",
            )
        return bars

    async def stream(
        self, instruments: Sequence[Instrument], interval: Interval | None = None
    ) -> AsyncIterator[MarketEvent]:
        """Closed bars of all instruments in the order they are known, or, without an interval, quotes and trades.

        Raises
        ------
        DataError : the interval is shorter than a minute.
        """
        if interval is None:
            sources = [self._ticks(instrument) for instrument in instruments]
        else:
            sources = [self._closed_bars(instrument, interval) for instrument in instruments]
        now = self._live_from
        for ts, event in heapq.merge(*sources, key=lambda timed: timed[0]):
            if ts > now:
                await asyncio.sleep(0 if self._speed is None else (ts - now) / 1e9 / self._speed)
                now = ts
            yield event

    def _bars(self, instrument: Instrument, interval: Interval, end: int) -> BarArray:
        """Bars from the market's start that open before ``end``, and maybe more."""
        if not _BASE.fits_into(interval):
            raise DataError(
                f"no {interval} bars", place=f"mock feed {instrument.symbol}", mend="Ask for whole minutes or longer."
            )
        needed = max(interval.next(end) - self._start, 0) // _BASE.ns
        known = self._known.get(instrument)
        if known is None or len(known) < needed:
            # Twice what is known, so that a stream that goes on costs a constant time per bar.
            wanted = max(needed, _FEWEST_BARS, 2 * len(known) if known is not None else 0)
            known = mock_bars(
                interval=_BASE,
                count=wanted,
                seed=self._seed,
                start=self._start,
                instrument=instrument,
                market=self._market,
            )
            self._known[instrument] = known
        return known if interval == _BASE else known.resample(interval)

    def _closed_bars(self, instrument: Instrument, interval: Interval) -> Iterator[tuple[int, MarketEvent]]:
        for start, end in self._spans(max(24 * HOUR, 100 * interval.ns)):
            bars = self._bars(instrument, interval, end)
            # A span holds the bars that close in it, so that one across a boundary is told once, and only when known.
            closes = bars.close_ts
            rows = slice(*np.searchsorted(closes, (start, end), side="right").tolist())
            for ts, bar in zip(closes[rows].tolist(), bars[rows], strict=True):
                yield ts, BarClosed(instrument.symbol, interval, bar)

    def _ticks(self, instrument: Instrument) -> Iterator[tuple[int, MarketEvent]]:
        for hour, (start, end) in enumerate(self._spans(HOUR)):
            bars = self._bars(instrument, _BASE, end).between(start, end)
            if not len(bars):
                continue
            ticks = mock_ticks(bars, seed=(self._seed << 64) + hour)
            quotes = mock_quotes(ticks, seed=(self._seed << 64) + hour)
            for tick, quote in zip(ticks, quotes, strict=True):
                yield quote.ts, QuoteSeen(instrument.symbol, quote)
                yield tick.ts, TickSeen(instrument.symbol, tick)

    def _spans(self, length: int) -> Iterator[tuple[int, int]]:
        return pairwise(count(self._live_from, length))
