"""A bot lives through many days and lost connections and needs no more than on its first."""

from __future__ import annotations

import asyncio
import json
import os
import threading
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from local_exchange import INSTRUMENT, Running, running
from tradebot.app.bot import Bot
from tradebot.config import load
from tradebot.core.bar import BarArray
from tradebot.core.event import BarClosed
from tradebot.core.interval import DAY, MINUTE, Interval
from tradebot.feeds.mock import mock_bars

QUARTERLY = Interval(15, "m")
PAST, HOUR_BARS, HOURS = 100, 4, 24
# `make soak` asks for many more.
DAYS = int(os.environ.get("TRADEBOT_SOAK_DAYS", "2"))
DOCUMENT = {
    "broker": {"type": "binance_paper", "initial_balance": 10_000.0},
    "trading": {"symbol": "BTCUSDT", "position_size": 0.1},
    "data": {"data_source": "binance", "interval": "15m", "lookback_bars": 10_000, "retry_interval": 0.05},
    "strategy": {"type": "sma_cross", "params": {"fast": 2, "slow": 4}},
    "risk_management": {"stop_loss_pct": 5.0},
}


class Needs(NamedTuple):
    """What the process has at one moment."""

    files: int
    threads: int
    tasks: int
    memory_mb: float


def needs() -> Needs:
    """What it has now."""
    resident = int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    files = len(list(Path("/proc/self/fd").iterdir()))
    # The loop's own pool takes as many threads as were needed at once, up to its bound, and keeps them.
    threads = [thread for thread in threading.enumerate() if not thread.name.startswith("asyncio_")]
    return Needs(files, len(threads), len(asyncio.all_tasks()), resident / (1 << 20))


def quarters() -> BarArray:
    """Days of the mock market, the last of which ends now."""
    count = PAST + DAYS * HOURS * HOUR_BARS
    made = mock_bars(instrument=INSTRUMENT, interval="15m", count=count, seed=5)
    step = 15 * MINUTE
    ts = time.time_ns() // step * step - np.arange(count, 0, -1, dtype=np.int64) * step
    return BarArray(INSTRUMENT, QUARTERLY, ts, made.open, made.high, made.low, made.close, made.volume)


async def connected(exchange: Running) -> None:
    """Wait until the bot listens."""
    while not any(each.streams for each in exchange.exchange.venue.hub.connections):
        await asyncio.sleep(0.005)


async def settled(exchange: Running) -> Needs:
    """What the process has once the bot listens again.

    The least of half a second: a connection that comes or goes has tasks and files of its own meanwhile, what is never
    given back is there at every moment.
    """
    async with asyncio.timeout(30):
        await connected(exchange)
        seen: list[Needs] = []
        for _ in range(25):
            seen.append(needs())
            await asyncio.sleep(0.02)
    return Needs(*map(min, zip(*seen, strict=True)))


async def hour(exchange: Running, bot: Bot) -> None:
    """Four bars, behind which every connection is cut."""
    hub = exchange.exchange.venue.hub
    async with asyncio.timeout(30):
        await connected(exchange)
        goal = bot.driver.bars + HOUR_BARS
        await asyncio.to_thread(exchange.step_bar, HOUR_BARS)
        while bot.driver.bars < goal:
            await asyncio.sleep(0.005)
        await asyncio.to_thread(exchange.control, "disconnect")
        while hub.connections:
            await asyncio.sleep(0.005)


@pytest.mark.usefixtures("home")
async def test_what_a_bot_needs_stays_flat_over_days_and_lost_connections(tmp_path: Path) -> None:
    bars = quarters()
    file = tmp_path / "days.json"
    file.write_text(json.dumps(DOCUMENT))
    coming = [BarClosed("BTCUSDT", QUARTERLY, bar) for bar in bars[PAST:]]
    assert coming[-1].bar.ts // DAY > coming[0].bar.ts // DAY
    days: list[Needs] = []
    with running(
        coming, start=coming[0].bar.ts, stepped=True, interval=QUARTERLY, history={"BTCUSDT": bars[:PAST]}
    ) as exchange:
        async with Bot.open(load(file, {}), {"TRADEBOT_BINANCE_URL": exchange.url}) as bot:
            run = asyncio.create_task(bot.run())
            for _ in range(DAYS):
                for _ in range(HOURS):
                    await hour(exchange, bot)
                days.append(await settled(exchange))
            status = bot.status()
            bot.stop("the days are over")
            await run
    assert status["feed"]["reconnects"] >= DAYS * HOURS - 1
    assert status["performance"]["fills"] > DAYS
    first, last = days[0], days[-1]
    # A moment of waiting more or less for a connection on its way: two files, four tasks. A leak has one for every cut.
    assert last.files <= first.files + 2, days
    assert last.threads <= first.threads, days
    assert last.tasks <= first.tasks + 4, days
    assert last.memory_mb - first.memory_mb < 8 + DAYS / 10, days
    print(first, last)
