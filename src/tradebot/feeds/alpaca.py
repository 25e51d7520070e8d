"""History of US equities from Alpaca, through its own client."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

from tradebot.core.asset_class import AssetClass
from tradebot.core.asset_facts import AssetFacts
from tradebot.core.bar import BarArray
from tradebot.core.instrument import Instrument
from tradebot.core.interval import Interval
from tradebot.core.protocols import FeedAbilities
from tradebot.feeds.clients import bars_of_rows, in_thread
from tradebot.feeds.provider import equity_settles, key_of

_INTERVALS: Final = ("1m", "5m", "15m", "30m", "1h", "4h", "1d", "1w", "1M")
_UNITS: Final = {"m": "Min", "h": "Hour", "d": "Day", "w": "Week", "M": "Month"}
_TIMEOUT_S: Final = 15
_SECOND: Final = 1_000_000_000
_NAN: Final = float("nan")


class AlpacaHistory:
    """Bars of Alpaca's market data API v2, as traded: neither split nor dividend is taken into them."""

    venue = "us_equity"
    abilities = FeedAbilities(intervals=tuple(map(Interval.parse, _INTERVALS)), live=False)
    # 200 requests a minute in the free plan.
    rate = (200, 60.0)

    def __init__(self, *, environment: Mapping[str, str], market: str = "", base_url: str | None = None) -> None:
        from alpaca.data.historical import StockHistoricalDataClient

        key = key_of(environment, "APCA_API_KEY_ID", "provider alpaca")
        secret = key_of(environment, "APCA_API_SECRET_KEY", "provider alpaca")
        self._keys, self._base = (key, secret), base_url
        self._is_paper = is_paper(key, environment)
        self._client: Any = StockHistoricalDataClient(key, secret, raw_data=True, url_override=base_url)
        # Retries and timeouts are ours; the client waits for ever by itself.
        self._client._retry = 0
        self._client._retry_codes = []
        session = self._client._session
        session.request = partial(session.request, timeout=_TIMEOUT_S)

    def page(self, interval: Interval) -> int:
        """Bars of a request; the API gives ten thousand."""
        return 10_000

    def settles(self, interval: Interval) -> int:
        """Time from the end of a bar until it is final, ns."""
        return equity_settles(interval)

    async def history(self, instrument: Instrument, interval: Interval, start: int, end: int) -> BarArray:
        """Bars that open in ``start <= ts < end``."""
        from alpaca.common.exceptions import APIError
        from alpaca.data.enums import Adjustment
        from alpaca.data.requests import StockBarsRequest
        from alpaca.data.timeframe import TimeFrame, TimeFrameUnit

        unit = TimeFrameUnit(_UNITS[interval.unit])
        wish = StockBarsRequest(
            symbol_or_symbols=instrument.symbol,
            timeframe=TimeFrame(interval.count, unit),
            start=datetime.fromtimestamp(start / _SECOND, UTC),
            end=datetime.fromtimestamp(end / _SECOND - 1, UTC),
            adjustment=Adjustment.RAW,
            limit=self.page(interval),
        )
        place = f"alpaca {instrument.symbol} {interval}"
        answer: dict[str, Any] = await in_thread(lambda: self._client.get_stock_bars(wish), place, (APIError,))
        found: list[Any] = answer.get(instrument.symbol) or []
        rows = (
            (_ns(bar["t"]), bar["o"], bar["h"], bar["l"], bar["c"], bar["v"], bar.get("n", 0), bar.get("vw", _NAN))
            for bar in found
        )
        return bars_of_rows(rows, instrument, interval, place)

    async def assets(self) -> list[AssetFacts]:
        """Assets of the trading API."""
        from alpaca.common.exceptions import APIError
        from alpaca.trading.client import TradingClient
        from alpaca.trading.requests import GetAssetsRequest

        client: Any = TradingClient(*self._keys, paper=self._is_paper, raw_data=True, url_override=self._base)
        client._retry, client._retry_codes = 0, []
        client._session.request = partial(client._session.request, timeout=_TIMEOUT_S)
        wish = GetAssetsRequest()
        answer: list[dict[str, Any]] = await in_thread(
            lambda: client.get_all_assets(wish), "alpaca assets", (APIError,)
        )
        return [
            AssetFacts(
                symbol=str(row["symbol"]),
                name=str(row.get("name") or ""),
                venue=str(row.get("exchange") or ""),
                asset_class=AssetClass.EQUITY,
                active=row.get("status") == "active",
                tradable=bool(row.get("tradable")),
                shortable=bool(row.get("shortable")),
            )
            for row in answer
            if row.get("class", "us_equity") == "us_equity"
        ]

    async def close(self) -> None:
        """Close the connections."""
        self._client._session.close()


def is_paper(key: str, environment: Mapping[str, str]) -> bool:
    """Whether a key is one of the paper account, whose host knows no others.

    ``APCA_API_BASE_URL``, which Alpaca's own clients read, tells it; else the key does, for those of paper accounts
    begin with PK.
    """
    host = environment.get("APCA_API_BASE_URL", "")
    return "paper" in host if host else key.startswith("PK")


def _ns(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp()) * _SECOND
