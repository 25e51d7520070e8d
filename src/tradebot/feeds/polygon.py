"""History of US equities from Polygon, through its own client."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, Final, Literal

import msgspec

from tradebot.core.bar import BarArray
from tradebot.core.instant import iso
from tradebot.core.instrument import Instrument
from tradebot.core.interval import DAY, Interval
from tradebot.core.protocols import FeedAbilities
from tradebot.feeds.clients import bars_of_rows, in_thread, require_success
from tradebot.feeds.faults import Retriable
from tradebot.feeds.provider import equity_settles, key_of

_INTERVALS: Final = ("1s", "1m", "3m", "5m", "15m", "30m", "1h", "2h", "4h", "1d", "1w", "1M")
_SPANS: Final = {"s": "second", "m": "minute", "h": "hour", "d": "day", "w": "week", "M": "month"}
# A request is answered from so many base aggregates: seconds for seconds, minutes for minutes and hours, days above.
_BASE_AGGREGATES: Final = 50_000
_BASES: Final = {"s": Interval.parse("1s").ns, "m": Interval.parse("1m").ns, "h": Interval.parse("1m").ns}
_MILLISECOND: Final = 1_000_000
_TIMEOUT_S: Final = 15.0
_NAN: Final = float("nan")


class PolygonHistory:
    """Aggregates of Polygon (massive.com), as traded: not adjusted for splits."""

    venue = "us_equity"
    abilities = FeedAbilities(intervals=tuple(map(Interval.parse, _INTERVALS)), live=False)
    # Five requests a minute in the free plan.
    rate = (5, 60.0)

    def __init__(self, *, environment: Mapping[str, str], market: str = "", base_url: str | None = None) -> None:
        from massive import RESTClient
        from urllib3.util.retry import Retry

        wish: dict[str, Any] = {} if base_url is None else {"base": base_url}
        key = key_of(environment, "POLYGON_API_KEY", "provider polygon")
        self._client: Any = RESTClient(
            key,
            connect_timeout=_TIMEOUT_S,
            read_timeout=_TIMEOUT_S,
            pagination=False,
            # Retries are ours; its own end in an error that has lost the status and the wait.
            connection_pool_kw={"retries": Retry(0)},
            **wish,
        )
        pool = self._client.client
        pool.request = _succeeding(pool.request)

    def page(self, interval: Interval) -> int:
        """Bars of a request."""
        return _BASE_AGGREGATES * _BASES.get(interval.unit, DAY) // interval.ns

    def settles(self, interval: Interval) -> int:
        """Time from the end of a bar until it is final, ns."""
        return equity_settles(interval)

    async def history(self, instrument: Instrument, interval: Interval, start: int, end: int) -> BarArray:
        """Aggregates that open in ``start <= ts < end``."""
        from urllib3.exceptions import HTTPError

        # Longer bars are asked for by the dates they bear; a time would name the day it is in New York.
        first: int | str = start // _MILLISECOND
        last: int | str = end // _MILLISECOND - 1
        if interval.ns >= DAY:
            first, last = iso(start)[:10], iso(end - DAY)[:10]

        def ask() -> Any:
            # The client takes an answer that is no JSON for an empty one: it is read here.
            return self._client.get_aggs(
                instrument.symbol,
                interval.count,
                _SPANS[interval.unit],
                first,
                last,
                adjusted=False,
                sort="asc",
                limit=_BASE_AGGREGATES,
                raw=True,
            )

        place = f"polygon {instrument.symbol} {interval}"
        answer = await in_thread(ask, place, (HTTPError,))
        rows = (
            (bar["t"] * _MILLISECOND, *(bar[name] for name in "ohlcv"), bar.get("n") or 0, bar.get("vw", _NAN))
            for bar in _aggregates(answer.data, place)
        )
        return bars_of_rows(rows, instrument, interval, place)

    async def close(self) -> None:
        """Close the connections."""
        self._client.client.clear()


class _Answer(msgspec.Struct):
    """An answer that says it is one; it has no results where their count is zero."""

    status: Literal["OK", "DELAYED"]
    count: int = msgspec.field(name="resultsCount")
    results: list[dict[str, Any]] = []
    next_url: str = ""


def _aggregates(body: bytes, place: str) -> list[dict[str, Any]]:
    try:
        answer = msgspec.json.decode(body, type=_Answer)
    except msgspec.DecodeError as error:
        raise Retriable(f"{place}: the answer is no list of aggregates") from error
    if len(answer.results) != answer.count or answer.next_url:
        raise Retriable(f"{place}: the answer is not whole")
    return answer.results


def _succeeding(request: Callable[..., Any]) -> Callable[..., Any]:
    """The request of a pool, less the answers of which the client would keep neither status nor wait."""

    @wraps(request)
    def wrapped(*args: Any, **wish: Any) -> Any:
        answer = request(*args, **wish)
        require_success(answer.status, answer.headers)
        return answer

    return wrapped
