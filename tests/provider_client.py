"""A download of the market of :mod:`provider_answers` by a provider's own client."""

from __future__ import annotations

import asyncio

from loopback import Loopback
from provider_answers import DAY, SPAN
from tradebot.core.instrument import instrument_for
from tradebot.core.interval import Interval
from tradebot.feeds.download import Fetched, Pace, download
from tradebot.feeds.provider import Provider, provider
from tradebot.store.bars import ParquetBarStore

KEYS = {"APCA_API_KEY_ID": "id", "APCA_API_SECRET_KEY": "very-secret", "POLYGON_API_KEY": "very-secret"}
SPY = instrument_for("SPY", "us_equity")


def fetch(name: str, server: Loopback, store: ParquetBarStore, interval: Interval = DAY, end: int = SPAN[1]) -> Fetched:
    async def run() -> list[Fetched]:
        source: Provider = provider(name, KEYS, base_url=server.url)
        try:
            return await download(source, store, [SPY], interval, SPAN[0], end, pace=Pace(100, 1.0))
        finally:
            await source.close()

    return asyncio.run(run())[0]
