"""The line to Yahoo: every request of yfinance goes through it, and nothing but charts and their faults come back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast
from urllib.parse import urlsplit

from tradebot.core.errors import DataError
from tradebot.feeds.clients import require_success

_CHARTS: Final = "/v8/finance/chart/"
_ZONE: Final = "America/New_York"
# Statuses with which Yahoo refuses a market or a span, and says why in the chart's own form.
_EXPLAINED: Final = (200, 400, 404, 422)
_EMPTY_SPAN: Final = "Data doesn't exist for startDate"


class YahooLine:
    """A session for yfinance that asks for charts alone.

    Parameters
    ----------
    base_url : address in place of Yahoo's own.

    Notes
    -----
    yfinance has no setting for its address, copies it into many modules, fetches a cookie from another host first,
    asks again behind our back when it is refused, remembers refused answers, and takes any that it cannot read for one
    without bars. Here each request meets one place that knows the address and looks at the answer. Charts need neither
    cookie nor crumb, as yfinance says itself, so it is given none.
    """

    def __init__(self, base_url: str | None) -> None:
        import yfinance
        from curl_cffi.requests import Session
        from yfinance.data import YfData

        self._yahoo: Any = yfinance
        self._data: Any = YfData
        self._base = base_url
        self._session: Any = Session(impersonate="chrome")
        self._get = self._session.get
        self._session.get = self._chart

    def ticker(self, symbol: str) -> Any:
        """A ticker of yfinance on this line."""
        ticker = self._yahoo.Ticker(symbol, session=self._session)
        # It would ask for the zone by a request of its own.
        ticker._tz = _ZONE
        ticker._data._get_cookie_and_crumb = _no_crumb
        # It remembers answers for ever, and what is asked here is always wanted anew.
        self._data.cache_get.cache_clear()
        return ticker

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def _chart(self, url: str, **wish: Any) -> Any:
        parts = urlsplit(url)
        if not parts.path.startswith(_CHARTS):
            fact = f"yfinance asks {parts.hostname}{parts.path}, which is no chart"
            mend = "This version of yfinance is not known: install the one tradebot's extra names."
            raise DataError(fact, place="provider yahoo", mend=mend)
        answer = self._get(url if self._base is None else self._base + parts.path, **wish)
        document = _mapping(answer.json() if answer.status_code in _EXPLAINED else None)
        if not _mapping(_mapping(document.get("chart")).get("error")):
            require_success(answer.status_code, answer.headers)
        _require_chart(document, f"yahoo {parts.path.removeprefix(_CHARTS)}")
        # Else yfinance would ask again, in another way.
        answer.status_code = 200
        return answer


def _no_crumb(timeout: float = 0) -> tuple[None, str]:
    return None, "basic"


def _require_chart(document: Mapping[str, Any], place: str) -> None:
    """Let through a chart, be it empty.

    Raises
    ------
    ValueError : it is none.
    DataError : Yahoo says why it has none.
    """
    chart = _mapping(document.get("chart"))
    error = _mapping(chart.get("error"))
    if error:
        described = str(error.get("description"))
        if described.startswith(_EMPTY_SPAN):
            return
        if error.get("code") == "Not Found":
            raise DataError("Yahoo has no such market", place=place, mend="Check the symbol.")
        raise DataError(f"Yahoo refuses: {described[:200]}", place=place, mend="Check the interval and the times.")
    results = chart.get("result")
    if not isinstance(results, list) or not _mapping(next(iter(cast("list[Any]", results)), None)).get("meta"):
        raise ValueError("no chart")


def _mapping(value: Any) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else {}
