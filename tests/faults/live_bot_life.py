"""One life of a live bot on a local exchange: the real bot on real files, told by prints instead of by minutes."""

from __future__ import annotations

import asyncio
import dataclasses
import os
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

from fork_server import replace

from tradebot.app import bot as bots
from tradebot.app.bot import Bot
from tradebot.app.decision import plan_of
from tradebot.app.markets import binance_host, markets_of
from tradebot.brokers.binance import budget
from tradebot.config import load
from tradebot.core import crashpoint
from tradebot.core.event import MarketEvent
from tradebot.engine.live import checkpoints
from tradebot.engine.live.clock import VenueClock
from tradebot.engine.plan import Patience, Plan
from tradebot.exchange.settings import DEMO_KEY, DEMO_SECRET
from tradebot.feeds.binance_stream import BinanceFeed

# Less patience than in earnest, so that an order that never left is given up within a second.
HASTY = Patience(first_query=0.1, longest_query=0.4, grace=1.0, queries=3)


class Prints(BinanceFeed):
    """Trades and quotes in the place of bars."""

    def stream(self, instruments: Sequence[Any], interval: Any) -> AsyncIterator[MarketEvent]:
        return super().stream(instruments, None)


def live(config: Path, home: Path, url: str, crash: str = "") -> None:
    """Run the bot of a configuration until it is killed."""
    os.environ |= {
        "TRADEBOT_HOME": str(home),
        "TRADEBOT_STRATEGIES": str(config.parent),
        "TRADEBOT_BINANCE_URL": url,
        "BINANCE_LOCAL_API_KEY": DEMO_KEY,
        "BINANCE_LOCAL_API_SECRET": DEMO_SECRET,
    }
    crashpoint.arm(crash)

    def prints(configuration: Any, environment: Any) -> Any:
        markets = markets_of(configuration, environment)
        host = binance_host(configuration, environment)

        def opened(_newest: int | None) -> tuple[Prints, VenueClock]:
            feed = Prints(host)
            return feed, VenueClock(feed.time)

        return dataclasses.replace(markets, open=opened)

    def hasty(*arguments: Any) -> Plan:
        return dataclasses.replace(plan_of(*arguments), patience=HASTY)

    # Lives follow one another faster than the limits of a minute allow; this exchange tells higher ones.
    replace(budget, _LIMITS={"usdm": (), "spot": ()})
    # Short lives, of which some begin from a saved state and others end at the next.
    replace(checkpoints, _LEAST_EVENTS=100, _BYTES_AN_EVENT=10_000)
    replace(bots, markets_of=prints, plan_of=hasty)
    asyncio.run(_run(config))


async def _run(config: Path) -> None:
    async with Bot.open(load(config, os.environ), os.environ) as bot:
        print(await bot.run(), file=sys.stderr)
