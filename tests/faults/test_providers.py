"""Every provider through its own client, against a server that answers as its documentation says, and fails."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from loopback import Loopback, loopback
from provider_answers import ANSWERS, DATES, DAY, DAYS, NOTHING, SPAN, price
from provider_client import KEYS, SPY, fetch
from tradebot.core.bar import BarArray
from tradebot.core.errors import ConfigError
from tradebot.core.instant import to_ns
from tradebot.core.interval import Interval
from tradebot.feeds import download as downloads
from tradebot.feeds.alpaca import AlpacaHistory
from tradebot.feeds.clients import by_date
from tradebot.feeds.faults import Retriable
from tradebot.feeds.provider import Provider, provider
from tradebot.store.bars import ParquetBarStore

pytestmark = pytest.mark.usefixtures("quick_retries")


def asked_once(name: str, server: Loopback) -> BarArray:
    async def run() -> BarArray:
        source: Provider = provider(name, KEYS, base_url=server.url)
        try:
            return await source.history(SPY, DAY, *SPAN)
        finally:
            await source.close()

    return asyncio.run(run())


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
    np.testing.assert_array_equal(bars.ts, DATES)
    if name != "yahoo":
        np.testing.assert_allclose(bars.vwap, [100.5 + n for n in range(len(DAYS))])


REQUESTS = {"alpaca": 1, "polygon": 1, "yahoo": 2}  # Yahoo's splits are asked for once.
FAULTS = [(429, {"Retry-After": "0"}), (500, {}), (502, {}), (503, {}), "truncated", "garbage", "empty", "json"]


@pytest.mark.parametrize("fault", FAULTS, ids=str)
@pytest.mark.parametrize("name", ANSWERS)
def test_a_fault_is_met_by_asking_again(name: str, fault: Any, tmp_path: Path):
    with loopback(ANSWERS[name]) as server:
        server.faults.extend([fault, fault])
        done = fetch(name, server, ParquetBarStore(tmp_path))
    assert (done.failure, done.retries, done.bars) == ("", 2, len(DAYS))
    assert len(server.requests) == 2 + REQUESTS[name]


@pytest.mark.parametrize("name", ANSWERS)
def test_a_stall_is_cut_short(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    with loopback(ANSWERS[name]) as server:
        fetch(name, server, ParquetBarStore(tmp_path / "first"))  # what the client imports takes its own time
        monkeypatch.setattr(downloads, "_STALL_S", 1.0)
        server.stall_s = 2.0
        server.faults.append("stall")
        done = fetch(name, server, ParquetBarStore(tmp_path / "second"))
    assert (done.failure, done.bars) == ("", len(DAYS))
    assert done.retries >= 1


@pytest.mark.parametrize("name", ANSWERS)
def test_the_wait_a_provider_asks_for_is_not_lost(name: str):
    with loopback(ANSWERS[name]) as server:
        server.faults.append((429, {"Retry-After": "7"}))
        with pytest.raises(Retriable, match="it asks us to wait") as told:
            asked_once(name, server)
    assert told.value.after == 7.0
    assert len(server.requests) == 1


@pytest.mark.parametrize("fault", [(503, {}), "garbage", "json"], ids=str)
@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_that_failed_is_not_taken_for_a_span_without_bars(name: str, fault: Any, tmp_path: Path):
    store = ParquetBarStore(tmp_path)
    with loopback(ANSWERS[name]) as server:
        server.faults.extend([fault] * 20)
        done = fetch(name, server, store)
    assert done.failure.startswith(f"{name} SPY")
    assert len(server.requests) == 6
    assert store.coverage("us_equity", "SPY", DAY) == []


@pytest.mark.parametrize("name", ANSWERS)
def test_a_span_without_bars_is_not_asked_for_again(name: str, tmp_path: Path):
    store = ParquetBarStore(tmp_path)
    with loopback(lambda path, query: NOTHING[name]) as server:
        assert fetch(name, server, store).failure == ""
        assert store.coverage("us_equity", "SPY", DAY) == [SPAN]
        assert fetch(name, server, store).requests == 0


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize("name", ["alpaca", "polygon"])
def test_a_refused_key_is_told_at_once_and_without_the_key(name: str, status: int, tmp_path: Path):
    with loopback(ANSWERS[name]) as server:
        server.faults.extend([(status, {})] * 20)
        done = fetch(name, server, ParquetBarStore(tmp_path))
    assert "the provider refuses the key. Check the key and what it allows." in done.failure
    assert "secret" not in done.failure
    assert len(server.requests) == 1


# Bars that are not final -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "days"),
    [
        ("2024-01-10T21:30:00", 8),  # half an hour after the close in New York
        ("2024-01-11T00:30:00", 8),  # trading after hours still goes on
        ("2024-01-11T05:10:00", 8),
        ("2024-01-11T05:15:00", 9),
    ],
)
@pytest.mark.parametrize("name", ["alpaca", "yahoo"])
def test_a_day_is_not_stored_before_it_is_over_where_the_exchange_is(
    name: str, now: str, days: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(downloads.time, "time_ns", lambda: to_ns(now))
    store = ParquetBarStore(tmp_path)
    with loopback(ANSWERS[name]) as server:
        assert fetch(name, server, store).failure == ""
    assert store.read(SPY, DAY).ts.tolist() == DATES[:days]
    assert store.coverage("us_equity", "SPY", DAY) == [(DATES[0], DATES[0] + days * DAY.ns)]


def test_a_minute_is_not_asked_for_before_providers_have_it():
    for name in ANSWERS:
        source = provider(name, KEYS)
        now = to_ns("2024-01-10T15:30:30")
        assert downloads.final_until(source, Interval.parse("1m"), now) == to_ns("2024-01-10T15:15:00"), name
        asyncio.run(source.close())


def test_weeks_begin_on_monday_whatever_day_the_provider_begins_them_on():
    week, month = Interval.parse("1w"), Interval.parse("1M")
    sunday, monday = (to_ns(f"2024-01-{day}T05:00:00") for day in ("07", "08"))
    assert by_date(np.array([sunday, monday]), week).tolist() == [to_ns("2024-01-08")] * 2
    assert by_date(np.array([to_ns("2024-07-01T04:00:00")]), month).tolist() == [to_ns("2024-07-01")]


# Keys and names --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("environment", "host"),
    [
        ({"APCA_API_KEY_ID": "PKABC"}, "https://paper-api.alpaca.markets"),
        ({"APCA_API_KEY_ID": "AKABC"}, "https://api.alpaca.markets"),
        (
            {"APCA_API_KEY_ID": "ABC", "APCA_API_BASE_URL": "https://paper-api.alpaca.markets"},
            "https://paper-api.alpaca.markets",
        ),
        ({"APCA_API_KEY_ID": "PKABC", "APCA_API_BASE_URL": "https://api.alpaca.markets"}, "https://api.alpaca.markets"),
    ],
)
def test_alpaca_assets_are_asked_of_the_host_that_knows_the_key(
    environment: dict[str, str], host: str, monkeypatch: pytest.MonkeyPatch
):
    from alpaca.trading.client import TradingClient

    asked: list[str] = []
    monkeypatch.setattr(TradingClient, "_one_request", lambda self, method, url, opts, retry: asked.append(url) or [])
    source = AlpacaHistory(environment={"APCA_API_SECRET_KEY": "very-secret"} | environment)
    assert asyncio.run(source.assets()) == []
    assert asked == [f"{host}/v2/assets"]


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


def test_an_unknown_provider_is_answered_with_the_nearest():
    with pytest.raises(ConfigError, match='Did you mean "binance"'):
        provider("binanse", {})
