"""Heat maps, verifications, and the coverage of the store day by day."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import pytest
from fastapi.testclient import TestClient

from served_api import API, REQUEST, finished, served, services_in
from tradebot.api.backtests.asking import work_of
from tradebot.api.schemas.research import BacktestRequest
from tradebot.core.instrument import instrument_for
from tradebot.feeds.mock import mock_bars
from tradebot.store.library import Library

SHARED = {name: value for name, value in REQUEST.items() if name != "params"}
GRID = SHARED | {
    "params": {},
    "x": {"name": "fast", "values": [5, 10, 20]},
    "y": {"name": "slow", "values": [20, 30]},
}


def axis(name: str, values: Iterable[int]) -> dict[str, Any]:
    return {"name": name, "values": list(values)}


def over(client: TestClient, path: str) -> dict[str, Any]:
    """What was asked for, once nothing more comes of it."""
    for _ in range(1200):
        answer = client.get(f"{API}/{path}").json()
        if answer["state"] not in ("queued", "running"):
            return answer
        time.sleep(0.05)
    raise AssertionError("it did not end")


@pytest.fixture(scope="module")
def made(client: TestClient) -> dict[str, Any]:
    answer = client.post(f"{API}/grids", json=GRID)
    assert answer.status_code == 202, answer.text
    assert answer.headers["location"] == f"{API}/grids/{answer.json()['id']}"
    return over(client, f"grids/{answer.json()['id']}")


def test_each_cell_of_a_grid_is_the_backtest_of_its_pair(client: TestClient, made: dict[str, Any]):
    assert (made["state"], made["progress"]) == ("done", 1.0)
    answer = client.post(f"{API}/backtests", json=SHARED | {"params": {"fast": 10, "slow": 30}})
    alone = finished(client, answer.json()["id"])
    for name, rows in made["figures"].items():
        assert rows[1][1] == alone[name], name
        assert [len(row) for row in rows] == [3, 3]


def test_a_pair_that_the_strategy_does_not_take_is_told_and_left_empty(made: dict[str, Any]):
    (refused,) = made["refused"]
    assert (refused["x"], refused["y"]) == (20, 20)
    assert refused["fact"]
    assert made["figures"]["total_return"][0][2] is None


def test_a_grid_is_listed_and_is_no_backtest(client: TestClient, made: dict[str, Any]):
    (listed,) = client.get(f"{API}/grids").json()["items"]
    assert (listed["id"], listed["x"]) == (made["id"], GRID["x"])
    assert "figures" not in listed
    assert client.get(f"{API}/backtests/{made['id']}").status_code == 404
    assert client.get(f"{API}/verifications/{made['id']}").status_code == 404
    assert client.get(f"{API}/grids/{uuid4()}").status_code == 404


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"x": {"name": "quick", "values": [1]}}, "x.name"),
        ({"x": {"name": "fast", "values": [5, 100_000]}}, "x.values.1"),
        ({"y": {"name": "fast", "values": [5]}}, "y.name"),
        ({"params": {"slow": 30}}, "params.slow"),
        ({"x": axis("fast", range(2, 102)), "y": axis("slow", range(3, 103))}, "y.values"),
        ({"x": {"name": "fast", "values": []}}, "x.values"),
    ],
)
def test_a_grid_that_cannot_be_made_is_refused_with_its_field(client: TestClient, changes: dict[str, Any], field: str):
    answer = client.post(f"{API}/grids", json=GRID | changes)
    assert answer.status_code == 422
    assert [each["field"] for each in answer.json()["errors"]] == [field]


def test_a_grid_is_canceled(client: TestClient):
    many = {"x": axis("fast", range(2, 52)), "y": axis("slow", range(60, 110))}
    wanted = client.post(f"{API}/grids", json=GRID | many | {"start_date": "2020-01-01"}).json()["id"]
    assert client.delete(f"{API}/grids/{wanted}").status_code == 200
    assert over(client, f"grids/{wanted}")["state"] == "canceled"


def test_each_is_canceled_by_itself_however_they_were_asked_for_at_once(client: TestClient):
    services = client.app.state.services  # type: ignore[attr-defined]
    # Both are ready before either is queued.
    works = [work_of(BacktestRequest(**REQUEST), services) for _ in range(2)]
    first, second = [services.backtests.submit(work) for work in works]
    services.backtests.cancel(first)
    assert over(client, f"backtests/{second.work.id}")["state"] == "done"
    assert first.work.slot != second.work.slot


def test_a_verification_is_the_table_of_the_command(client: TestClient):
    asked = SHARED | {"strategy": "sma_cross", "params": {"fast": 10, "slow": 30}}
    answer = client.post(f"{API}/verifications", json=asked)
    assert answer.status_code == 202, answer.text
    found = over(client, f"verifications/{answer.json()['id']}")
    assert (found["state"], found["passed"], found["bars"]) == ("done", True, 31 * 24)
    assert [each["name"] for each in found["checks"]] == ["look-ahead", "start", "forms", "streaming", "costs", "delay"]
    assert all(each["fact"] for each in found["checks"])
    assert client.get(f"{API}/verifications").json()["items"][0]["passed"] is True
    assert client.delete(f"{API}/verifications/{found['id']}").status_code == 200


def test_a_verification_of_too_few_bars_fails_with_the_reason(client: TestClient):
    answer = client.post(f"{API}/verifications", json=REQUEST | {"end_date": "2024-01-03"})
    found = over(client, f"verifications/{answer.json()['id']}")
    assert (found["state"], found["passed"], found["checks"]) == ("failed", None, [])
    assert "too few" in found["error"]


def test_the_calendar_counts_bars_and_what_is_missing_day_by_day(tmp_path: Path):
    bars = replace(mock_bars("BTCUSDT", "1h", 24 * 5, seed=3), instrument=instrument_for("BTCUSDT", "binance_usdm"))
    # From the fifth hour of the second day on, a day and two hours are gone.
    keep = np.r_[0 : 24 + 5, 48 + 7 : 24 * 5]
    library = Library(tmp_path)
    library.bars.write(replace(bars, **{name: column[keep] for name, column in bars.columns().items()}))
    with served(services_in(tmp_path)) as client:
        answer = client.get(f"{API}/data/BTCUSDT/1h/calendar")
        days = [(each["day"], each["bars"], each["missing"]) for each in answer.json()["days"]]
        assert days == [
            ("2024-01-01", 24, 0),
            ("2024-01-02", 5, 19),
            ("2024-01-03", 17, 7),
            ("2024-01-04", 24, 0),
            ("2024-01-05", 24, 0),
        ]
        asked = {"If-None-Match": answer.headers["etag"]}
        assert client.get(f"{API}/data/BTCUSDT/1h/calendar", headers=asked).status_code == 304
        assert client.get(f"{API}/data/BTCUSDT/5m/calendar").status_code == 404


def test_days_on_which_a_market_is_closed_are_no_gaps(tmp_path: Path):
    from tradebot.core.bar import BarArray
    from tradebot.core.instant import to_ns
    from tradebot.core.interval import Interval

    # Independence Day of 2024 was a Thursday; Friday the fifth is left out of the bars.
    dates = ["2024-07-01", "2024-07-02", "2024-07-03", "2024-07-08"]
    ts = np.array([to_ns(date) for date in dates], np.int64)
    prices = {name: np.full(len(ts), 100.0) for name in ("open", "high", "low", "close", "volume")}
    bars = BarArray(instrument_for("AAPL", "us_equity"), Interval.parse("1d"), ts, **prices)
    Library(tmp_path).bars.write(bars)
    with served(services_in(tmp_path)) as client:
        days = client.get(f"{API}/data/AAPL/1d/calendar").json()["days"]
    assert [(each["day"], each["bars"], each["missing"]) for each in days] == [
        ("2024-07-01", 1, 0),
        ("2024-07-02", 1, 0),
        ("2024-07-03", 1, 0),
        ("2024-07-05", 0, 1),
        ("2024-07-08", 1, 0),
    ]
