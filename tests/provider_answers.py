"""Answers of providers of US equities as their documentation has them: twenty days of one market."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from tradebot.core.interval import Interval

DAY = Interval.parse("1d")
FIRST = int(datetime(2024, 1, 2, 5, tzinfo=UTC).timestamp()) * 1_000_000_000
# Midnights of New York, as providers have them.
DAYS = [FIRST + n * DAY.ns for n in range(20)]
DATES = [DAY.floor(ts) for ts in DAYS]
SPAN = (DATES[0], DATES[-1] + DAY.ns)


def price(n: int) -> tuple[float, float, float, float]:
    return 100.0 + n, 102.5 + n, 99.25 + n, 101.0 + n


def alpaca(path: str, query: dict[str, str]) -> Any:
    assert path == "/v2/stocks/bars"
    assert (query["timeframe"], query["adjustment"]) == ("1Day", "raw")
    bars = [
        {
            "t": datetime.fromtimestamp(ts / 1e9, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "n": 7,
            "vw": 100.5 + n,
            "v": 1000 + n,
        }
        | dict(zip("ohlc", price(n), strict=True))
        for n, ts in enumerate(DAYS)
    ]
    return {"bars": {query["symbols"]: bars}, "next_page_token": None}


def polygon(path: str, query: dict[str, str]) -> Any:
    parts = path.split("/")
    assert (parts[:4], parts[5:8]) == (["", "v2", "aggs", "ticker"], ["range", "1", "day"])
    assert parts[8:] == ["2024-01-02", "2024-01-21"]
    assert query == {"adjusted": "false", "sort": "asc", "limit": "50000"}
    results = [
        {"t": ts // 1_000_000, "n": 7, "vw": 100.5 + n, "v": 1000.0 + n} | dict(zip("ohlc", price(n), strict=True))
        for n, ts in enumerate(DAYS)
    ]
    return {"ticker": parts[4], "status": "OK", "adjusted": False, "results": results, "resultsCount": len(results)}


def yahoo(path: str, query: dict[str, str], splits: dict[int, int] | None = None) -> Any:
    """A chart; its prices are divided by the splits that came later, as Yahoo's are."""
    assert path == "/v8/finance/chart/SPY"
    shares = [math.prod(ratio for first, ratio in (splits or {}).items() if n < first) for n in range(len(DAYS))]
    columns = [
        [cell / shares[n] for n, cell in enumerate(column)] for column in zip(*map(price, range(20)), strict=True)
    ]
    quote = dict(zip(("open", "high", "low", "close"), columns, strict=True))
    quote["volume"] = [(1000 + n) * shares[n] for n in range(len(DAYS))]
    # Bars of a day bear the open of the session.
    stamps = [ts // 1_000_000_000 + 34_200 for ts in DAYS]
    events = {
        str(stamps[n]): {"date": stamps[n], "numerator": ratio, "denominator": 1, "splitRatio": f"{ratio}:1"}
        for n, ratio in (splits or {}).items()
        if int(query["period1"]) <= stamps[n] < int(query["period2"])
    }
    kept = [n for n, stamp in enumerate(stamps) if int(query["period1"]) <= stamp < int(query["period2"])]
    result = {"meta": META, "events": {"splits": events}, "timestamp": [stamps[n] for n in kept]}
    quote = {name: [column[n] for n in kept] for name, column in quote.items()}
    result["indicators"] = {"quote": [quote], "adjclose": [{"adjclose": quote["close"]}]}
    return {"chart": {"result": [result], "error": None}}


META = {
    "symbol": "SPY", "currency": "USD", "instrumentType": "ETF", "exchangeName": "PCX", "timezone": "EST",
    "exchangeTimezoneName": "America/New_York", "gmtoffset": -18000, "regularMarketPrice": 101.0, "priceHint": 2,
    "dataGranularity": "1d", "range": "", "firstTradeDate": 728317800, "validRanges": ["1d", "max"],
    "currentTradingPeriod": {}, "tradingPeriods": None,
}  # fmt: skip
ANSWERS: dict[str, Callable[[str, dict[str, str]], Any]] = {"alpaca": alpaca, "polygon": polygon, "yahoo": yahoo}

# Answers that say there are no bars.
NOTHING = {
    "alpaca": {"bars": {}, "next_page_token": None},
    "polygon": {"ticker": "SPY", "queryCount": 0, "resultsCount": 0, "adjusted": False, "status": "OK"},
    "yahoo": {"chart": {"result": [{"meta": META, "indicators": {"quote": [{}], "adjclose": [{}]}}], "error": None}},
}
