"""A machine whose clock is wrong trades by the venue's, and its operator is told."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

import pytest

from live_trading import trading
from local_exchange import Running, running
from tradebot.core.event import Alarm
from tradebot.engine.live.clock import VenueClock
from tradebot.feeds.binance_stream import BinanceFeed
from tradebot.venues.binance import BinanceHost

NEAR_NS = 500_000_000


@asynccontextmanager
async def watched(exchange: Running) -> AsyncIterator[tuple[VenueClock, AsyncIterator[Alarm]]]:
    """A clock that is corrected again and again, and its alarms."""
    feed = BinanceFeed(BinanceHost.of("local", url=exchange.url))
    clock = VenueClock(feed.time, every_s=0.01)
    try:
        async with aclosing(clock.corrections()) as alarms:  # type: ignore[type-var]
            yield clock, alarms
    finally:
        await feed.close()


@pytest.mark.parametrize(("skew_ms", "way"), [(5_000, "behind"), (-5_000, "ahead of")])
async def test_clock_skew_is_taken_over_and_told_and_so_is_its_end(skew_ms: int, way: str) -> None:
    with running() as exchange:
        exchange.control("clock", {"skew_ms": skew_ms})
        async with watched(exchange) as (clock, alarms):
            alarm = await anext(alarms)
            assert f"{way} the venue's" in alarm.text
            assert not alarm.stops_entries
            assert abs(clock.now() - time.time_ns() - skew_ms * 1_000_000) < NEAR_NS
            exchange.control("clock", {"skew_ms": 0})
            assert "right again" in (await anext(alarms)).text
            assert not clock.is_off


async def test_a_venue_that_does_not_tell_its_time_leaves_the_clock_as_it_was() -> None:
    with running() as exchange:
        exchange.control("clock", {"skew_ms": 5_000})
        async with watched(exchange) as (_, alarms):
            await anext(alarms)
            exchange.control("clock", {"skew_ms": 0})
            exchange.control("faults", {"action": "error", "on": "GET /fapi/v1/time", "times": 3})
            assert "right again" in (await anext(alarms)).text
            assert [fault.fired for fault in exchange.exchange.venue.faults.armed] == [3]


async def test_a_jump_of_the_machines_clock_moves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = VenueClock(lambda: None)  # type: ignore[arg-type,return-value]
    before = clock.now()
    monkeypatch.setattr(time, "time_ns", lambda: 0)
    assert before <= clock.now() < before + 60 * NEAR_NS


@pytest.mark.parametrize("skew_ms", [5_000, -5_000])
@pytest.mark.usefixtures("home", "candles_of_a_second")
async def test_a_bot_with_a_wrong_clock_trades_and_protects_its_position(tmp_path: Path, skew_ms: int) -> None:
    def skewed(exchange: Running) -> None:
        exchange.control("clock", {"skew_ms": skew_ms})

    async with trading(tmp_path, "Held", prepare=skewed) as bot:
        await bot.until_told("set it by a time server")
        await bot.until(bot.stops)
        assert bot.position == bot.books > 0
        assert abs(bot.bot.status()["clock"]["skew_ns"] - skew_ms * 1_000_000) < NEAR_NS
