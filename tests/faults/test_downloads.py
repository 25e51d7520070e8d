"""Downloads against providers that fail: nothing is lost, nothing asked twice, no limit passed."""

from __future__ import annotations

import asyncio
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from binance_answers import END, HOUR, START, TRUTH, klines
from loopback import Loopback, loopback
from tradebot.core.errors import DataError
from tradebot.core.instrument import Instrument, instrument_for
from tradebot.core.interval import Interval
from tradebot.feeds import download as downloads
from tradebot.feeds.binance import BinanceHistory
from tradebot.feeds.download import Fetched, Pace, download
from tradebot.feeds.mock_history import MockHistory
from tradebot.feeds.request_record import RequestRecord
from tradebot.store.bars import ParquetBarStore

BTC = instrument_for("BTCUSDT", "binance_usdm")

pytestmark = pytest.mark.usefixtures("quick_retries")


def fetch(server: Loopback, store: ParquetBarStore, *, end: int = END, pace: Pace | None = None) -> Fetched:
    async def run() -> list[Fetched]:
        provider = BinanceHistory(environment={}, base_url=server.url)
        try:
            return await download(provider, store, [BTC], HOUR, START, end, pace=pace)
        finally:
            await provider.close()

    return asyncio.run(run())[0]


def contents(root: Path) -> dict[str, bytes]:
    return {str(file.relative_to(root)): file.read_bytes() for file in sorted(root.rglob("*.parquet"))}


def test_klines_arrive_as_they_were_sent(tmp_path: Path):
    store = ParquetBarStore(tmp_path)
    with loopback(klines) as server:
        done = fetch(server, store)
    bars = store.read(BTC, HOUR)
    kept = TRUTH.ts // (1_000_000 * 3_600_000) % 500 != 0
    np.testing.assert_array_equal(bars.ts, TRUTH.ts[kept])
    np.testing.assert_allclose(bars.close, np.round(TRUTH.close[kept], 2))
    assert set(bars.trades.tolist()) == {42}
    assert (done.bars, done.requests, done.failure) == (len(bars), 3, "")
    assert done.gaps == 4000 // 500


def test_what_is_there_is_not_asked_again(tmp_path: Path):
    store = ParquetBarStore(tmp_path)
    with loopback(klines) as server:
        fetch(server, store, end=START + 1_000 * HOUR.ns)
        asked = len(server.requests)
        assert fetch(server, store, end=START + 1_000 * HOUR.ns).requests == 0
        assert len(server.requests) == asked
        fetch(server, store)
    spans = [(int(query["startTime"]), int(query["endTime"])) for _, _, query in server.requests]
    assert all(after[0] > before[1] for before, after in pairwise(spans))


@pytest.mark.parametrize(
    "fault", [(429, {"Retry-After": "0"}), (418, {}), (500, {}), (502, {}), (503, {}), "truncated", "garbage"], ids=str
)
def test_a_fault_is_met_by_asking_again(tmp_path: Path, fault: Any):
    whole, store = ParquetBarStore(tmp_path / "whole"), ParquetBarStore(tmp_path / "faulty")
    with loopback(klines) as server:
        fetch(server, whole)
        server.faults.extend([None, fault, fault])
        done = fetch(server, store)
    assert done.retries == 2
    assert done.failure == ""
    assert contents(tmp_path / "whole") == contents(tmp_path / "faulty")


def test_a_stall_is_cut_short(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(downloads, "_STALL_S", 0.3)
    with loopback(klines) as server:
        server.stall_s = 1.0
        server.faults.append("stall")
        done = fetch(server, ParquetBarStore(tmp_path), end=START + 100 * HOUR.ns)
    assert (done.retries, done.failure) == (1, "")


def test_a_provider_that_asks_us_to_wait_is_waited_for(tmp_path: Path):
    with loopback(klines) as server:
        server.faults.append((429, {"Retry-After": "1"}))
        fetch(server, ParquetBarStore(tmp_path), end=START + 100 * HOUR.ns)
    (first, *_), (second, *_) = server.requests[:2]
    assert second - first >= 1.0


def test_a_provider_that_stays_away_is_given_up_and_what_came_is_kept(tmp_path: Path):
    store = ParquetBarStore(tmp_path)
    with loopback(klines) as server:
        server.faults.extend([None, *[(503, {})] * 50])
        done = fetch(server, store)
        assert "it asks us to wait" in done.failure
        assert len(server.requests) == 1 + 6
        assert len(store.read(BTC, HOUR)) == done.bars > 0
        server.faults.clear()
        assert fetch(server, store).failure == ""


def test_an_unknown_market_is_refused_at_once(tmp_path: Path):
    def unknown(path: str, query: dict[str, str]) -> Any:
        return {"code": -1121, "msg": "Invalid symbol."}

    with loopback(unknown) as server:
        done = fetch(server, ParquetBarStore(tmp_path))
    assert "Binance has no such market. Check the symbol" in done.failure
    assert len(server.requests) == 1


def test_an_interval_the_provider_lacks_is_refused(tmp_path: Path):
    provider = BinanceHistory(environment={}, base_url="http://127.0.0.1:1")

    async def run() -> None:
        try:
            await download(provider, ParquetBarStore(tmp_path), [BTC], Interval.parse("7m"), START, END)
        finally:
            await provider.close()

    with pytest.raises(DataError, match="it has no 7m bars. Choose one of 1m, 3m"):
        asyncio.run(run())


def test_no_window_sees_more_requests_than_allowed(tmp_path: Path):
    with loopback(klines) as server:

        async def run() -> None:
            provider = BinanceHistory(environment={}, base_url=server.url)
            provider.page = lambda interval: 100  # type: ignore[method-assign]
            try:
                await download(
                    provider, ParquetBarStore(tmp_path), [BTC], HOUR, START, END, pace=Pace(10, 1.0, concurrency=4)
                )
            finally:
                await provider.close()

        asyncio.run(run())
        assert len(server.requests) == 40
        assert server.most_in(1.0) <= 10


class Watched(MockHistory):
    """The built-in provider, which notes when it is asked for which market."""

    def __init__(self) -> None:
        super().__init__(environment={})
        self.asked: list[tuple[float, str]] = []

    def page(self, interval: Interval) -> int:
        return 50

    async def history(self, instrument: Instrument, *wish: Any) -> Any:
        self.asked.append((time.monotonic(), instrument.symbol))
        return await super().history(instrument, *wish)


def watched(root: Path, symbols: str, pace: Pace, record: Path | None = None) -> list[tuple[float, str]]:
    provider, markets = Watched(), [instrument_for(symbol, "mock") for symbol in symbols]
    span = (START, START + 100 * HOUR.ns)
    asyncio.run(download(provider, ParquetBarStore(root), markets, HOUR, *span, pace=pace, record=record))
    return provider.asked


def test_a_batch_of_markets_is_done_before_the_next_begins(tmp_path: Path):
    asked = [symbol for _, symbol in watched(tmp_path, "ABCDE", Pace(1_000, 1.0, concurrency=5, batch=2))]
    assert [sorted(asked[:4]), sorted(asked[4:8]), asked[8:]] == [list("AABB"), list("CCDD"), list("EE")]


def test_a_delay_lies_between_any_two_requests(tmp_path: Path):
    began = time.monotonic()
    asked = watched(tmp_path, "ABCDE", Pace(1_000, 1.0, concurrency=5, delay=0.05))
    assert len(asked) == 10
    assert all(at - began >= 0.05 * n for n, (at, _) in enumerate(asked))


def test_the_next_run_counts_what_the_last_one_asked(tmp_path: Path):
    pace, record = Pace(10, 1.5, concurrency=5), tmp_path / "requests"
    first = watched(tmp_path / "one", "ABCDE", pace, record)
    second = watched(tmp_path / "two", "ABCDE", pace, record)
    assert all(later - earlier >= 1.5 for (earlier, _), (later, _) in zip(first, second, strict=True))


def test_what_was_under_way_when_a_run_was_killed_counts_from_now_on(tmp_path: Path):
    record = tmp_path / "requests"
    now = time.time()
    record.write_text(f"sent {now - 9:.6f}\nanswered {now - 9:.6f}\nsent {now - 1:.6f}\nsent {now - 1:.6f}\nansw")
    assert RequestRecord(record, 5.0).ages() == [0.0, 0.0]
    assert RequestRecord(record, 60.0).ages()[-1] < 60.0
    assert RequestRecord(tmp_path / "no folder" / "requests", 5.0).ages() == []
    assert RequestRecord(None, 5.0).ages() == []
