"""The bars of Binance's live feed have no hole and no double, whatever its connections do."""

from __future__ import annotations

import asyncio
from random import Random

from local_exchange import INSTRUMENT, Running, bar, running
from tradebot.core.event import BarClosed, FeedHealth, History
from tradebot.core.interval import Interval
from tradebot.engine.live.clock import DataClock
from tradebot.engine.live.feeding import Feeding, Patience
from tradebot.feeds.binance_stream import BinanceFeed, StreamPatience
from tradebot.venues.binance import BinanceHost

M1 = Interval(1, "m")
COUNT = 60
BARS = [bar(n, 100 + n, 102 + n, 99 + n, 101 + n) for n in range(COUNT)]


class Fed:
    """What a feeding gives, until it is closed."""

    def __init__(self, feeding: Feeding) -> None:
        self.opened: list[int] = []
        self.fresh: list[bool] = []
        self._task = asyncio.create_task(self._take(feeding))

    async def _take(self, feeding: Feeding) -> None:
        async for event in feeding.events():
            match event:
                case BarClosed():
                    self.opened.append(event.bar.ts)
                case History():
                    self.opened.extend(event.bars.ts.tolist())
                case FeedHealth():
                    self.fresh.append(event.is_fresh)
                case _:
                    raise AssertionError(event)

    async def bars(self, count: int) -> None:
        async with asyncio.timeout(10):
            while len(self.opened) < count:
                await asyncio.sleep(0.01)

    async def close(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)


async def listening(exchange: Running) -> None:
    async with asyncio.timeout(10):
        while not any(each.route == "market" for each in exchange.exchange.venue.hub.connections):
            await asyncio.sleep(0.01)


async def trouble(exchange: Running, what: str) -> None:
    if what == "cut":
        exchange.control("disconnect", {"route": "market"})
    elif what == "freeze":
        await asyncio.sleep(0.4)
    else:
        exchange.control("faults", {"action": what, "on": "market", "event": "kline", "times": 2})
    await asyncio.to_thread(exchange.step_bar, 3)


async def test_no_bar_is_missing_or_doubled_though_the_stream_is_cut_freezes_and_loses_messages() -> None:
    random = Random(3)
    with running(BARS, stepped=True) as exchange:
        feed = BinanceFeed(BinanceHost.of("local", url=exchange.url), patience=StreamPatience(market_s=0.3))
        patience = Patience(first_s=0.02, longest_s=0.05, silence_s=1.0)
        feeding = Feeding(feed, [INSTRUMENT], M1, clock=DataClock(), patience=patience)
        fed = Fed(feeding)
        await listening(exchange)
        await asyncio.to_thread(exchange.step_bar)
        for _ in range(18):
            await listening(exchange)
            await trouble(exchange, random.choice(["cut", "lose", "duplicate", "freeze"]))
        exchange.loop.call_soon_threadsafe(exchange.exchange.venue.faults.clear)
        await listening(exchange)
        await asyncio.sleep(0.2)
        await asyncio.to_thread(exchange.step_bar, 2)
        await fed.bars(57)
        await fed.close()
        await feed.close()
    assert fed.opened == [each.bar.ts for each in BARS[: len(fed.opened)]]
    assert feeding.reconnects > 0
    assert feeding.filled > 0
    assert True in fed.fresh
