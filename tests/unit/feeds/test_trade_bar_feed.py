"""A feed of bars that are built from the trades of another: whole bars alone, on time, though nobody trades."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing

import pytest

from tradebot.core.bar import Bar, BarArray, Tick
from tradebot.core.errors import DataError, NoBarsError
from tradebot.core.event import BarClosed, MarketEvent, TickSeen
from tradebot.core.instrument import Instrument
from tradebot.core.interval import MINUTE, SECOND, Interval
from tradebot.core.protocols import FeedAbilities
from tradebot.feeds.mock import MockFeed
from tradebot.feeds.trade_bar_feed import TradeBarFeed

BTC = Instrument.binance_perpetual("BTCUSDT")
S10 = Interval.parse("10s")
WHOLE = 123.0


class Told:
    """Tells trades at given seconds, and then nothing any more; its history has bars at one price."""

    abilities = FeedAbilities(ticks=True)

    def __init__(self, *trades: tuple[float, float], has_history: bool = True, breaks: bool = False) -> None:
        self._trades = trades
        self._has_history = has_history
        self._breaks = breaks
        self.asked: list[tuple[int, int]] = []
        self._newest = self._told_at = 0

    def now(self) -> int:
        """The venue's time: the latest trade's, and what has passed since."""
        return self._newest + time.monotonic_ns() - self._told_at

    async def history(self, instrument: Instrument, interval: Interval, start: int, end: int) -> BarArray:
        self.asked.append((start // SECOND, end // SECOND))
        if not self._has_history:
            raise NoBarsError("there is none", place="told")
        prices = [[WHOLE]] * 4
        return BarArray(instrument, interval, [start], *prices, [1.0])

    async def stream(self, instruments: Sequence[Instrument], interval: Interval | None) -> AsyncIterator[MarketEvent]:
        assert interval is None
        for second, price in self._trades:
            self._newest, self._told_at = int(second * SECOND), time.monotonic_ns()
            yield TickSeen("BTCUSDT", Tick(self._newest, price, 1.0, 1))
        if self._breaks:
            raise DataError("the stream broke off", place="told")
        await asyncio.Event().wait()


async def first(feed: TradeBarFeed, count: int) -> list[Bar]:
    found: list[Bar] = []
    async with asyncio.timeout(5), aclosing(feed.stream([BTC], S10)) as stream:
        async for event in stream:
            assert isinstance(event, BarClosed)
            found.append(event.bar)
            if len(found) == count:
                break
    return found


async def test_the_interval_under_way_at_the_start_is_asked_of_history():
    told = Told((4.0, 10.0), (12.0, 11.0), (25.0, 12.0))
    bars = await first(TradeBarFeed(told, None), 2)
    assert [(bar.ts // SECOND, bar.close) for bar in bars] == [(0, WHOLE), (10, 11.0)]
    assert told.asked == [(0, 10)]


async def test_where_history_has_it_not_it_is_left_to_whoever_reads():
    (bar,) = await first(TradeBarFeed(Told((4.0, 10.0), (12.0, 11.0), (25.0, 12.0), has_history=False), None), 1)
    assert (bar.ts // SECOND, bar.close) == (10, 11.0)


async def test_a_bar_closes_by_time_where_nobody_trades_any_more():
    told = Told((4.0, 10.0), (12.0, 11.0), (19.9, 12.0))
    bars = await first(TradeBarFeed(told, told.now, late_ns=SECOND // 20), 2)
    assert [(bar.ts // SECOND, bar.open, bar.close, bar.volume) for bar in bars][1] == (10, 11.0, 12.0, 2.0)


@pytest.mark.parametrize(("flat", "opened"), [(True, [0, 10, 20, 30]), (False, [0, 30])])
async def test_an_interval_without_trades_has_a_bar_where_the_venue_has_one(flat: bool, opened: list[int]):
    told = Told((4.0, 10.0), (35.0, 11.0), (42.0, 12.0))
    bars = await first(TradeBarFeed(told, None, flat=flat), len(opened))
    assert [bar.ts // SECOND for bar in bars] == opened


async def test_a_stream_that_breaks_off_does_so_for_the_reader_too():
    with pytest.raises(DataError, match="broke off"):
        await first(TradeBarFeed(Told((4.0, 10.0), breaks=True), None), 1)


async def test_a_feed_without_trades_is_refused():
    class Deaf(Told):
        abilities = FeedAbilities()

    with pytest.raises(DataError, match=r"feed: the feed tells no trades\. Take its bars\."):
        TradeBarFeed(Deaf(), None)


async def test_the_bars_of_the_mock_market_are_built_from_its_trades():
    feed, interval = MockFeed(), Interval.parse("1m")
    built: list[Bar] = []
    async with aclosing(TradeBarFeed(feed, None).stream([BTC], interval)) as stream:
        async for event in stream:
            assert isinstance(event, BarClosed)
            built.append(event.bar)
            if len(built) == 10:
                break
    true = await feed.history(BTC, interval, built[0].ts, built[-1].ts + MINUTE)
    for name in ("ts", "open", "high", "low", "close", "volume"):
        assert [getattr(bar, name) for bar in built] == getattr(true, name).tolist(), name
