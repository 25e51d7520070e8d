"""Recorded bars as a market that happens."""

from __future__ import annotations

import heapq
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence

from tradebot.core.bar import BarArray
from tradebot.core.event import BarClosed, MarketEvent


async def replayed(events: Iterable[MarketEvent]) -> AsyncIterator[MarketEvent]:
    """A market of events that are known."""
    for event in events:
        yield event


def bars_in_order(markets: Sequence[BarArray]) -> AsyncIterator[MarketEvent]:
    """Bars of several markets in the order in which they close."""
    merged = heapq.merge(*map(_closing, markets), key=lambda timed: timed[0])
    return replayed(event for _, event in merged)


def _closing(bars: BarArray) -> Iterator[tuple[int, BarClosed]]:
    for ts, bar in zip(bars.close_ts.tolist(), bars, strict=True):
        yield ts, BarClosed(bars.symbol, bars.interval, bar)
