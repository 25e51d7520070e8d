from decimal import Decimal

import msgspec
import pytest
from fastapi.testclient import TestClient

import tradebot
from served_api import API, REQUEST, finished
from tradebot.core.instrument import instrument_for
from tradebot.feeds.mock import mock_bars
from tradebot.strategies.registry import find

ANSWER = {
    "id", "symbol", "strategy", "start_date", "end_date", "initial_balance", "final_balance", "total_return",
    "max_drawdown", "sharpe_ratio", "total_trades", "winning_trades", "losing_trades", "win_rate",
}  # fmt: skip


@pytest.fixture(scope="module")
def run_id(client: TestClient) -> str:
    answer = client.post(f"{API}/backtests", json=REQUEST)
    assert answer.status_code == 202
    wanted = answer.json()["id"]
    assert answer.headers["location"] == f"{API}/backtests/{wanted}"
    assert finished(client, wanted)["state"] == "done"
    return wanted


def test_the_request_as_it_is_documented_gives_the_answer_as_it_is_documented(client: TestClient, run_id: str):
    answer = client.get(f"{API}/backtests/{run_id}").json()
    assert answer.keys() >= ANSWER
    assert answer["initial_balance"] == REQUEST["initial_balance"]
    assert answer["commission"] == REQUEST["commission"]
    assert answer["total_return"] == pytest.approx(answer["final_balance"] / 1000.0 - 1)
    assert answer["total_trades"] >= answer["winning_trades"] + answer["losing_trades"] > 0
    assert answer["params"] == REQUEST["params"]
    assert answer["progress"] == 1.0


def test_a_backtest_is_the_one_that_the_library_gives(client: TestClient, run_id: str):
    fee = Decimal("0.001")
    instrument = msgspec.structs.replace(instrument_for("MOCKUSDT", "mock"), maker_fee=fee, taker_fee=fee)
    bars = mock_bars("MOCKUSDT", "1h", 31 * 24, seed=1, instrument=instrument)
    result = tradebot.backtest(find("sma_cross")(fast=10, slow=30), bars, cash=1000.0).to_dict()
    answer = client.get(f"{API}/backtests/{run_id}").json()
    assert {name: answer[name] for name in ANSWER - {"id"}} == {name: result[name] for name in ANSWER - {"id"}}


def test_a_backtest_that_waits_spells_its_span_as_the_one_that_is_done(client: TestClient, run_id: str):
    asked = client.post(f"{API}/backtests", json=REQUEST).json()
    done = client.get(f"{API}/backtests/{run_id}").json()
    assert [asked[name] for name in ("start_date", "end_date")] == [done[name] for name in ("start_date", "end_date")]


def test_the_commission_that_was_asked_for_is_told_while_it_waits_in_the_list_and_when_it_is_done(client: TestClient):
    free = REQUEST | {"commission": 0.0}
    of_the_venue = {name: value for name, value in REQUEST.items() if name != "commission"}
    for request, commission in ((free, 0.0), (of_the_venue, None)):
        asked = client.post(f"{API}/backtests", json=request).json()
        done = finished(client, asked["id"])
        [listed] = [each for each in client.get(f"{API}/backtests").json()["items"] if each["id"] == asked["id"]]
        assert [each["commission"] for each in (asked, done, listed)] == [commission] * 3


def test_trades_come_in_pages(client: TestClient, run_id: str):
    whole = client.get(f"{API}/backtests/{run_id}/trades", params={"limit": 1000}).json()
    assert whole["total"] == len(whole["items"]) > 2
    part = client.get(f"{API}/backtests/{run_id}/trades", params={"limit": 1, "offset": 1}).json()
    assert part["items"] == whole["items"][1:2]


def test_the_equity_curve_ends_where_the_balance_does(client: TestClient, run_id: str):
    curve = client.get(f"{API}/backtests/{run_id}/equity", params={"points": 50}).json()
    answer = client.get(f"{API}/backtests/{run_id}").json()
    assert len(curve["time"]) == len(curve["equity"]) == len(curve["drawdown"]) == 50
    assert curve["equity"][-1] == pytest.approx(answer["final_balance"])
    assert min(curve["drawdown"]) >= answer["max_drawdown"] - 1e-12


def test_the_report_is_a_page_that_may_do_nothing_here(client: TestClient, run_id: str):
    answer = client.get(f"{API}/backtests/{run_id}/report")
    assert answer.text.startswith("<!doctype html>")
    assert "sandbox" in answer.headers["content-security-policy"]
    again = client.get(f"{API}/backtests/{run_id}/report", headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_runs_are_compared_figure_by_figure(client: TestClient, run_id: str):
    other = client.post(f"{API}/backtests", json=REQUEST | {"params": {"fast": 5, "slow": 30}}).json()["id"]
    finished(client, other)
    found = client.get(f"{API}/backtests/compare", params={"id": [run_id, other]}).json()
    assert found["runs"] == [run_id, other]
    assert {"label": "fast", "cells": ["10", "5"], "differs": True} in found["settings"]
    assert any(row["label"] == "Total return" for row in found["figures"])


def test_every_figure_of_a_backtest_is_told_with_its_meaning(client: TestClient, run_id: str):
    told = client.get(f"{API}/backtests/figures").json()
    found = client.get(f"{API}/backtests/{run_id}").json()["statistics"]
    plain = {each["name"] for each in told if each["group"] != "Trades"}
    assert plain <= found.keys()
    assert {each["name"] for each in told if each["group"] == "Trades"} == found["trades"].keys()
    assert all(each["label"] and each["definition"] for each in told)


def test_the_newest_backtests_come_first(client: TestClient, run_id: str):
    listed = client.get(f"{API}/backtests").json()["items"]
    assert run_id in [each["id"] for each in listed]
    assert [each["created"] for each in listed] == sorted((each["created"] for each in listed), reverse=True)


def test_a_backtest_is_canceled_and_one_that_is_done_is_deleted(client: TestClient):
    long = REQUEST | {"start_date": "2020-01-01", "end_date": "2025-01-01", "timeframes": ["1m"]}
    wanted = client.post(f"{API}/backtests", json=long).json()["id"]
    assert client.delete(f"{API}/backtests/{wanted}").status_code == 200
    answer = finished(client, wanted)
    assert answer["state"] == "canceled", answer["error"]
    done = client.post(f"{API}/backtests", json=REQUEST).json()["id"]
    finished(client, done)
    assert client.delete(f"{API}/backtests/{done}").json()["state"] == "done"
    assert client.get(f"{API}/backtests/{done}/trades").status_code in (404, 409)


def test_a_backtest_that_fails_says_why(client: TestClient):
    wrong = REQUEST | {"symbol": "BTCUSDT", "start_date": "2030-01-01", "end_date": "2030-02-01"}
    answer = finished(client, client.post(f"{API}/backtests", json=wrong).json()["id"])
    assert answer["state"] == "failed"
    assert "no stored bar" in answer["error"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"strategy": "sma_cros"}, "strategy"),
        ({"strategy": "../../etc/passwd"}, "strategy"),
        ({"strategy": "/tmp/x.py"}, "strategy"),
        ({"params": {"fast": 0}}, "params.fast"),
        ({"params": {"fsat": 5}}, "params.fsat"),
        ({"symbol": "NOSUCH"}, "symbol"),
        ({"end_date": "2023-01-01"}, "end_date"),
        ({"start_date": "soon"}, "start_date"),
        ({"timeframes": ["1x"]}, "timeframes.0"),
        ({"initial_balance": 0}, "initial_balance"),
        ({"commission": 2}, "commission"),
        ({"comission": 0.1}, "comission"),
    ],
)
def test_what_is_wrong_with_a_request_is_said_before_it_is_queued(client: TestClient, change: dict, field: str):
    answer = client.post(f"{API}/backtests", json=REQUEST | change)
    assert answer.status_code == 422
    assert [each["field"] for each in answer.json()["errors"]] == [field]


def test_strategies_come_with_the_schema_of_their_parameters(client: TestClient):
    found = {each["name"]: each for each in client.get(f"{API}/strategies").json()["strategies"]}
    schema = found["sma_cross"]["params_schema"]
    assert schema["properties"]["fast"] | {"description": ""} == {
        "type": "integer", "default": 10, "minimum": 2, "maximum": 200, "description": "",
    }  # fmt: skip
    assert client.get(f"{API}/strategies/sma_cross").json() == found["sma_cross"]
    assert client.get(f"{API}/strategies/nosuch").status_code == 404


def test_coverage_names_spans_and_gaps(client: TestClient):
    answer = client.get(f"{API}/data")
    (series,) = answer.json()["series"]
    assert (series["symbol"], series["interval"], series["rows"]) == ("BTCUSDT", "1h", 500)
    assert client.get(f"{API}/data", headers={"If-None-Match": answer.headers["etag"]}).status_code == 304
    detail = client.get(f"{API}/data/BTCUSDT/1h").json()
    assert (detail["gaps"], detail["months"]) == ([], {"2024-01": 500})
    assert client.get(f"{API}/data/BTCUSDT/5m").status_code == 404


def test_a_file_is_brought_into_the_store(client: TestClient):
    rows = "\n".join(f"2024-05-0{day}T00:00:00Z,1,2,0.5,1.5,10" for day in range(1, 9))
    body = {"name": "ETHUSDT-1d.csv", "content": f"time,open,high,low,close,volume\n{rows}\n", "venue": "binance_usdm"}
    answer = client.post(f"{API}/data/import", json=body)
    assert answer.status_code == 201, answer.text
    assert answer.json()["imported"][0]["rows"] == 8
    assert client.get(f"{API}/history/ETHUSDT").json()["count"] == 8
    wrong = client.post(f"{API}/data/import", json=body | {"name": "../../ETHUSDT-1d.csv"})
    assert wrong.status_code == 422


def test_status_tells_whether_all_is_well(client: TestClient):
    assert client.get(f"{API}/status/health").json()["status"] == "ok"
    detailed = client.get(f"{API}/status/health/detailed").json()
    assert {part["name"] for part in detailed["parts"]} >= {"disk", "bot"}
    assert client.get(f"{API}/status/metrics").json()["figures"]["tradebot_backtests"] == 0.0
    assert "tradebot_api_requests_total" in client.get("/metrics").text
