"""History of US equities from Polygon, through its own client."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from tradebot.core.bar import BarArray
from tradebot.core.instrument import Instrument
from tradebot.core.interval import Interval
from tradebot.core.protocols import FeedAbilities
from tradebot.feeds.clients import bars_of_rows, in_thread
from tradebot.feeds.provider import key_of

_SPANS: Final = {"s": "second", "m": "minute", "h": "hour", "d": "day", "w": "week", "M": "month"}
_MILLISECOND: Final = 1_000_000
_TIMEOUT_S: Final = 15.0
_NAN: Final = float("nan")


class PolygonHistory:
    """Aggregates of Polygon (massive.com), as traded: not adjusted for splits."""

    venue = "us_equity"
    abilities = FeedAbilities(live=False)
    # Five requests a minute in the free plan.
    rate = (5, 60.0)

    def __init__(self, *, environment: Mapping[str, str], market: str = "", base_url: str | None = None) -> None:
        from massive import RESTClient

        wish: dict[str, Any] = {} if base_url is None else {"base": base_url}
        key = key_of(environment, "POLYGON_API_KEY", "provider polygon")
        self._client: Any = RESTClient(
            key, connect_timeout=_TIMEOUT_S, read_timeout=_TIMEOUT_S, retries=0, pagination=False, **wish
        )

    def page(self, interval: Interval) -> int:
        """Bars of a request; the API gives fifty thousand base aggregates."""
        return 5_000

    async def history(self, instrument: Instrument, interval: Interval, start: int, end: int) -> BarArray:
        """Aggregates that open in ``start <= ts < end``."""
        from massive.exceptions import BadResponse
        from urllib3.exceptions import HTTPError

        def ask() -> list[Any]:
            return self._client.get_aggs(
                instrument.symbol,
                interval.count,
                _SPANS[interval.unit],
                start // _MILLISECOND,
                end // _MILLISECOND - 1,
                adjusted=False,
                sort="asc",
                limit=50_000,
            )

        place = f"polygon {instrument.symbol} {interval}"
        answer = await in_thread(ask, place, (BadResponse, HTTPError))
        rows = [
            (
                bar.timestamp * _MILLISECOND,
                bar.open,
                bar.high,
                bar.low,
                bar.close,
                bar.volume,
                bar.transactions or 0,
                _NAN if bar.vwap is None else bar.vwap,
            )
            for bar in answer
        ]
        return bars_of_rows(rows, instrument, interval, place)

    async def close(self) -> None:
        """Close the connections."""
        self._client.client.clear()
