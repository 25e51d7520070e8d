"""A stream that falls silent while its socket lives is found within its threshold and a second, every time."""

from __future__ import annotations

import asyncio
import os

import pytest

from binance_broker import connected, order
from local_exchange import INSTRUMENT, flat, running
from tradebot.brokers.binance.user_stream import UserStreamPatience
from tradebot.core.errors import DataError
from tradebot.core.interval import Interval
from tradebot.feeds.binance_stream import BinanceFeed, StreamPatience
from tradebot.venues.binance import BinanceHost

M1 = Interval(1, "m")
MARKET_STREAMS = 100
# A bar passes in a second, and most of it at its end.
AGES_S = (2.5, 3.0, 3.5, 4.0)
# One after the other, for there is one account: `make soak` asks for a hundred.
USER_STREAMS = 100 if "TRADEBOT_SOAK" in os.environ else 10
GRACE_S = 1.0
EVIDENCE_S = 0.2


async def found(feed: BinanceFeed) -> float:
    """When a stream finds that its data has grown old, on the loop's clock."""
    with pytest.raises(DataError, match="nothing has come"):
        async for _ in feed.stream([INSTRUMENT], M1):
            pass
    return asyncio.get_running_loop().time()


async def test_a_frozen_market_stream_is_found_a_hundred_times_of_a_hundred() -> None:
    loop = asyncio.get_running_loop()
    with running(flat(10_000), speed=60.0) as exchange:
        host = BinanceHost.of("local", url=exchange.url)
        feeds = {age_s: BinanceFeed(host, patience=StreamPatience(market_s=age_s)) for age_s in AGES_S}
        streams = [age_s for age_s in AGES_S for _ in range(MARKET_STREAMS // len(AGES_S))]
        finding = [asyncio.create_task(found(feeds[age_s])) for age_s in streams]
        connections = exchange.exchange.venue.hub.connections
        async with asyncio.timeout(30):
            while len(connections) < MARKET_STREAMS:
                await asyncio.sleep(0.05)
        await asyncio.sleep(max(AGES_S))
        assert not any(task.done() for task in finding), "found before anything was wrong"
        await asyncio.to_thread(exchange.control, "faults", {"action": "lose", "on": "market", "times": None})
        frozen = loop.time()
        assert len(connections) == MARKET_STREAMS
        times = await asyncio.gather(*finding)
        for feed in feeds.values():
            await feed.close()
    late = [ts - frozen - age_s for ts, age_s in zip(times, streams, strict=True) if ts > frozen + age_s + GRACE_S]
    assert late == []


async def test_a_frozen_user_stream_is_found_whenever_something_has_happened() -> None:
    loop = asyncio.get_running_loop()
    patience = UserStreamPatience(first_s=0.01, longest_s=0.02, evidence_s=EVIDENCE_S)
    with running() as exchange:
        async with connected(exchange, stream=patience) as told:
            for n in range(USER_STREAMS):
                exchange.control("faults", {"action": "lose", "on": "private", "times": None})
                before = told.broker.reconnects
                await told.broker.submit(f"run-{n}", order("buy", 0.1, type="limit", price=95.0))
                accepted = loop.time()
                await told.until(lambda before=before: told.broker.reconnects > before)
                assert loop.time() <= accepted + EVIDENCE_S + GRACE_S
                exchange.loop.call_soon_threadsafe(exchange.exchange.venue.faults.clear)
                await told.until(lambda: told.broker.is_hearing)
