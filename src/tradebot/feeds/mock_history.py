"""The built-in market as a provider, so that downloads can be tried without a network."""

from __future__ import annotations

from collections.abc import Mapping

from tradebot.core.bar import BarArray
from tradebot.core.instrument import Instrument
from tradebot.core.interval import Interval
from tradebot.core.protocols import FeedAbilities
from tradebot.feeds.mock import MockFeed

_PAGE = 1_000


class MockHistory:
    """History of the seeded market; it begins in 2020 and never fails."""

    venue = "mock"
    abilities = FeedAbilities(live=False)
    rate = (1_000, 1.0)

    def __init__(self, *, environment: Mapping[str, str], market: str = "", base_url: str | None = None) -> None:
        self._feed = MockFeed(start="2020-01-01")

    def page(self, interval: Interval) -> int:
        """Bars of a request."""
        return _PAGE

    async def history(self, instrument: Instrument, interval: Interval, start: int, end: int) -> BarArray:
        """Bars that open in ``start <= ts < end``."""
        return await self._feed.history(instrument, interval, start, end)

    async def close(self) -> None:
        """Nothing to let go of."""
