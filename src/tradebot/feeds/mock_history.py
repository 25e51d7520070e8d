"""The built-in market as a provider, so that downloads can be tried without a network."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from tradebot.core.asset_class import AssetClass
from tradebot.core.asset_facts import AssetFacts
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

    def settles(self, interval: Interval) -> int:
        """No time: bars are whole once they have closed."""
        return 0

    async def history(self, instrument: Instrument, interval: Interval, start: int, end: int) -> BarArray:
        """Bars that open in ``start <= ts < end``."""
        return await self._feed.history(instrument, interval, start, end)

    async def assets(self) -> list[AssetFacts]:
        """A hundred made-up companies of every size, some of which no filter lets through, and the built-in market."""
        companies = [
            AssetFacts(
                symbol=f"M{chr(65 + n // 26)}{chr(65 + n % 26)}{chr(65 + n * 7 % 26)}",
                name=f"Mock Company {n}",
                venue=("NYSE", "NASDAQ", "AMEX", "OTC")[n % 4],
                active=n % 17 != 0,
                tradable=n % 13 != 0,
                shortable=n % 2 == 0,
                price=Decimal(1 + n * 3),
                market_cap=Decimal(250_000_000) * 2 ** (n % 10),
            )
            for n in range(100)
        ]
        odd = [
            AssetFacts(symbol=symbol, name=name, venue="NASDAQ", price=Decimal(1), market_cap=Decimal(10**9))
            for symbol, name in (
                ("MOCKW", "Mock Company Warrants"),
                ("ZVZZT", "Test Issue"),
                ("MKAC", "Mock Acquisition Corp"),
            )
        ]
        market = AssetFacts(symbol="MOCKUSDT", name="The built-in market", venue="mock", asset_class=AssetClass.SPOT)
        return [market, *companies, *odd]

    async def close(self) -> None:
        """Nothing to let go of."""
