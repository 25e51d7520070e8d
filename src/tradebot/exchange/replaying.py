"""Recorded bars as a market that happens."""

from __future__ import annotations

import heapq
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import replace

from tradebot.core.bar import BarArray
from tradebot.core.errors import DataError
from tradebot.core.event import BarClosed, MarketEvent


async def replayed(events: Iterable[MarketEvent]) -> AsyncIterator[MarketEvent]:
    """A market of events that are known."""
    for event in events:
        yield event


def bars_in_order(markets: Sequence[BarArray]) -> AsyncIterator[MarketEvent]:
    """Bars of several markets in the order in which they close."""
    merged = heapq.merge(*map(_closing, markets), key=lambda timed: timed[0])
    return replayed(event for _, event in merged)


def dated_anew(markets: Sequence[BarArray], opens: int, now: int) -> tuple[list[BarArray], int]:
    """Bars of one interval moved in time together, so that those that open at ``opens`` are under way at ``now``.

    Parameters
    ----------
    opens, now : int64 ns UTC.

    Returns
    -------
    The bars, and where ``opens`` lies now.

    Raises
    ------
    DataError : months have different lengths.
    """
    interval = markets[0].interval
    if not interval.is_fixed:
        raise DataError(f"bars of {interval} cannot be moved in time", place="exchange data", mend="Use shorter bars.")
    shift = interval.floor(now) - opens
    return [replace(market, ts=market.ts + shift) for market in markets], opens + shift


def _closing(bars: BarArray) -> Iterator[tuple[int, BarClosed]]:
    for ts, bar in zip(bars.close_ts.tolist(), bars, strict=True):
        yield ts, BarClosed(bars.symbol, bars.interval, bar)
