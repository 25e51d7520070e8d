"""Every provider through its own client, against a server that answers as its documentation says, and fails."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import stamina

from loopback import Loopback, loopback
from tradebot.core.errors import ConfigError, DataError
from tradebot.core.instrument import instrument_for
from tradebot.core.interval import Interval
from tradebot.feeds import download as downloads
from tradebot.feeds.download import Fetched, Pace, download
from tradebot.feeds.provider import Provider, provider
from tradebot.store.bars import ParquetBarStore

DAY = Interval.parse("1d")
FIRST = int(datetime(2024, 1, 2, 5, tzinfo=UTC).timestamp()) * 1_000_000_000
DAYS = [FIRST + n * DAY.ns for n in range(20)]
KEYS = {"APCA_API_KEY_ID": "id", "APCA_API_SECRET_KEY": "very-secret", "POLYGON_API_KEY": "very-secret"}


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
    results = [
        {"t": ts // 1_000_000, "n": 7, "vw": 100.5 + n, "v": 1000.0 + n} | dict(zip("ohlc", price(n), strict=True))
        for n, ts in enumerate(DAYS)
    ]
    return {"ticker": parts[4], "status": "OK", "adjusted": False, "results": results, "resultsCount": len(results)}


def yahoo(path: str, query: dict[str, str]) -> Any:
    if not path.startswith("/v8/finance/chart/"):
        return {}
    columns = list(zip(*map(price, range(len(DAYS))), strict=True))
    quote = dict(zip(("open", "high", "low", "close"), map(list, columns), strict=True))
    quote["volume"] = [1000 + n for n in range(len(DAYS))]
    meta = {
        "symbol": "SPY", "currency": "USD", "instrumentType": "ETF", "exchangeName": "PCX", "timezone": "EST",
        "exchangeTimezoneName": "America/New_York", "gmtoffset": -18000, "regularMarketPrice": 101.0, "priceHint": 2,
        "dataGranularity": "1d", "range": "", "firstTradeDate": 728317800, "validRanges": ["1d", "max"],
        "currentTradingPeriod": {}, "tradingPeriods": None,
    }  # fmt: skip
    indicators = {"quote": [quote], "adjclose": [{"adjclose": list(columns[3])}]}
    stamps = [ts // 1_000_000_000 for ts in DAYS]
    return {"chart": {"result": [{"meta": meta, "timestamp": stamps, "indicators": indicators}], "error": None}}


ANSWERS: dict[str, Callable[[str, dict[str, str]], Any]] = {"alpaca": alpaca, "polygon": polygon, "yahoo": yahoo}
SPY = instrument_for("SPY", "us_equity")


@pytest.fixture(autouse=True)
def quick_retries(monkeypatch: pytest.MonkeyPatch):
    real = stamina.retry_context

    def hurried(**wish: Any) -> Any:
        return real(**(wish | {"wait_initial": 0.0, "wait_max": 0.01, "wait_jitter": 0.0}))

    monkeypatch.setattr(downloads.stamina, "retry_context", hurried)


def fetch(name: str, server: Loopback, store: ParquetBarStore) -> Fetched:
    async def run() -> list[Fetched]:
        source: Provider = provider(name, KEYS, base_url=server.url)
        try:
            span = (DAY.floor(FIRST), DAY.floor(DAYS[-1]) + DAY.ns)
            return await download(source, store, [SPY], DAY, *span, pace=Pace(100, 1.0))
        finally:
            await source.close()

    return asyncio.run(run())[0]


@pytest.mark.parametrize("name", ANSWERS)
def test_bars_arrive_as_they_were_sent(name: str, tmp_path: Path):
    store = ParquetBarStore(tmp_path)
    with loopback(ANSWERS[name]) as server:
        done = fetch(name, server, store)
    assert done.failure == ""
    bars = store.read(SPY, DAY)
    assert len(bars) == len(DAYS)
    np.testing.assert_allclose(bars.open, [price(n)[0] for n in range(len(DAYS))])
    np.testing.assert_allclose(bars.low, [price(n)[2] for n in range(len(DAYS))])
    np.testing.assert_allclose(bars.volume, [1000 + n for n in range(len(DAYS))])
    assert abs(bars.ts - np.array(DAYS)).max() < DAY.ns
    if name != "yahoo":
        np.testing.assert_allclose(bars.vwap, [100.5 + n for n in range(len(DAYS))])


@pytest.mark.parametrize("fault", [(429, {"Retry-After": "0"}), (500, {}), (503, {}), "truncated"], ids=str)
@pytest.mark.parametrize("name", ["alpaca", "polygon"])
def test_a_fault_is_met_by_asking_again(name: str, fault: Any, tmp_path: Path):
    with loopback(ANSWERS[name]) as server:
        server.faults.extend([fault, fault])
        done = fetch(name, server, ParquetBarStore(tmp_path))
    assert (done.failure, done.retries, done.bars) == ("", 2, len(DAYS))
    assert len(server.requests) == 3


@pytest.mark.parametrize("name", ["alpaca", "polygon"])
def test_a_refused_key_is_told_without_the_key(name: str, tmp_path: Path):
    with loopback(ANSWERS[name]) as server:
        server.faults.extend([(401, {})] * 20)
        done = fetch(name, server, ParquetBarStore(tmp_path))
    assert done.failure
    assert "secret" not in done.failure


@pytest.mark.parametrize("name", ["alpaca", "polygon"])
def test_a_missing_key_is_named(name: str):
    with pytest.raises(ConfigError, match="is not set. Set [A-Z_]+ in the environment"):
        provider(name, {})


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch):
    import sys

    monkeypatch.setitem(sys.modules, "yfinance", None)
    with pytest.raises(
        ConfigError, match=r"the package \w+ is not installed. Install it: pip install 'tradebot\[yahoo\]'"
    ):
        provider("yahoo", {})


def test_yahoos_limit_on_minutes_is_told_before_it_is_asked():
    async def run() -> None:
        await provider("yahoo", {}).history(SPY, Interval.parse("1m"), FIRST, FIRST + DAY.ns)

    with pytest.raises(DataError, match="Yahoo keeps 1m bars for 30 days. Begin later"):
        asyncio.run(run())


def test_an_unknown_provider_is_answered_with_the_nearest():
    with pytest.raises(ConfigError, match='Did you mean "binance"'):
        provider("binanse", {})
