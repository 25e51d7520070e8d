import pytest
from fastapi.testclient import TestClient

from served_api import API


@pytest.mark.parametrize("prefix", ["", API])
def test_history_gives_the_newest_bars_oldest_first(client: TestClient, prefix: str):
    answer = client.get(f"{prefix}/history/BTCUSDT", params={"limit": 3}).json()
    assert answer["symbol"] == "BTCUSDT"
    assert answer["interval"] == "1h"
    assert answer["count"] == len(answer["bars"]) == 3
    assert [bar["time"] for bar in answer["bars"]] == [f"2024-01-21T{hour}:00:00Z" for hour in (17, 18, 19)]
    assert all(bar["low"] <= bar["open"] <= bar["high"] for bar in answer["bars"])


def test_a_span_is_from_start_to_before_end(client: TestClient):
    asked = {"start": "2024-01-02", "end": "2024-01-03", "interval": "4h"}
    bars = client.get(f"{API}/history/BTCUSDT", params=asked).json()["bars"]
    assert [bar["time"][11:13] for bar in bars] == ["00", "04", "08", "12", "16", "20"]


@pytest.mark.parametrize("prefix", ["", API])
def test_ohlcv_gives_the_same_bars_as_rows(client: TestClient, prefix: str):
    rows = client.get(f"{prefix}/ohlcv/BTCUSDT", params={"limit": 2}).json()["ohlcv"]
    bars = client.get(f"{prefix}/history/BTCUSDT", params={"limit": 2}).json()["bars"]
    assert rows[0][0] == 1_705_860_000_000
    assert [row[1:] for row in rows] == [
        [bar[name] for name in ("open", "high", "low", "close", "volume")] for bar in bars
    ]


@pytest.mark.parametrize("prefix", ["", API])
def test_stats_are_of_the_last_day(client: TestClient, prefix: str):
    stats = client.get(f"{prefix}/stats/BTCUSDT").json()
    bars = client.get(f"{prefix}/history/BTCUSDT", params={"limit": 24}).json()["bars"]
    assert stats["bars"] == 24
    assert stats["high"] == max(bar["high"] for bar in bars)
    assert stats["last"] == bars[-1]["close"]
    assert stats["change"] == pytest.approx(bars[-1]["close"] - bars[0]["open"])


@pytest.mark.parametrize("prefix", ["", API])
def test_symbols_are_those_there_are_bars_of(client: TestClient, prefix: str):
    (symbol,) = client.get(f"{prefix}/symbols").json()["symbols"]
    assert (symbol["symbol"], symbol["venue"], symbol["intervals"]) == ("BTCUSDT", "binance_usdm", ["1h"])


@pytest.mark.parametrize(
    ("path", "status", "field"),
    [
        ("/history/NOSUCH", 404, "symbol"),
        ("/stats/NOSUCH", 404, "symbol"),
        ("/structures/NOSUCH", 404, "symbol"),
        ("/history/BTCUSDT?interval=1m", 404, "interval"),
        ("/history/BTCUSDT?start=2030-01-01", 404, "start"),
        ("/data/NOSUCH/1h", 404, "symbol"),
        ("/data/BTCUSDT/1m/calendar", 404, "interval"),
        ("/strategies/nosuch", 404, "name"),
        ("/history/BTCUSDT?interval=7y", 422, "interval"),
        ("/history/BTCUSDT?start=yesterday", 422, "start"),
        ("/history/BTCUSDT?limit=0", 422, "limit"),
        ("/history/BTCUSDT?start=0001-01-01", 422, "start"),
        ("/history/..%2f..%2fetc", 404, ""),
    ],
)
def test_what_cannot_be_had_is_a_problem_with_its_field(client: TestClient, path: str, status: int, field: str):
    answer = client.get(f"{API}{path}")
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status
    assert problem["correlation_id"] == answer.headers["x-request-id"]
    assert not field or [each["field"] for each in problem["errors"]] == [field]
