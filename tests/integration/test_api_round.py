"""A round through the API as the author of a client makes it: what is asked wrongly names its field."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from httpx2 import Client

from served_api import API, keep_bars
from served_bot import served_bot

PAGE = Path(__file__).parents[2] / "docs" / "api.md"
NO_ID = "00000000-0000-0000-0000-000000000000"
ORDER = {"symbol": "MOCKUSDT", "side": "buy", "quantity": 1.0}
TEST = {"symbol": "MOCKUSDT", "strategy": "sma_cross"}
GRID = TEST | {"x": {"name": "fast", "values": [5]}, "y": {"name": "slow", "values": [30]}}
BARS = {"name": "bars.csv", "content": "a,b\n1,2\n"}

# Method and address, body, status, and the field that is named.
WRONG: list[tuple[str, Any, int, str]] = [
    ("GET history/NOPE", None, 404, "symbol"),
    ("GET history/MOCKUSDT?interval=30s", None, 404, "interval"),
    ("GET history/MOCKUSDT?start=2030-01-01", None, 404, "start"),
    ("GET history/BTCUSDT?start=2030-01-01", None, 404, "start"),
    ("GET history/BTCUSDT?interval=1m", None, 404, "interval"),
    ("GET ohlcv/MOCKUSDT?end=never", None, 422, "end"),
    ("GET stats/NOPE", None, 404, "symbol"),
    ("GET structures/MOCKUSDT?swing_length=0", None, 422, "swing_length"),
    ("GET indicators/BTCUSDT", None, 404, "symbol"),
    ("GET strategies/nope", None, 404, "name"),
    ("GET data/NOPE/1h", None, 404, "symbol"),
    ("GET data/BTCUSDT/1m", None, 404, "interval"),
    ("GET data/BTCUSDT/1m/calendar", None, 404, "interval"),
    ("POST data/import", BARS, 422, "content"),
    ("POST data/import", BARS | {"name": "../bars.csv"}, 422, "name"),
    ("POST backtests", TEST | {"strategy": "sma_cros"}, 422, "strategy"),
    ("POST backtests", TEST | {"symbol": "NOPE"}, 422, "symbol"),
    ("POST backtests", TEST | {"params": {"fsat": 1}}, 422, "params.fsat"),
    ("POST backtests", TEST | {"params": {"fast": -1}}, 422, "params.fast"),
    ("POST backtests", TEST | {"start_date": "2024-02-01", "end_date": "2024-01-01"}, 422, "end_date"),
    ("POST backtests", TEST | {"timeframes": ["7y"]}, 422, "timeframes.0"),
    ("GET backtests/nope", None, 422, "id"),
    (f"GET backtests/{NO_ID}", None, 404, "id"),
    (f"GET backtests/{NO_ID}/trades", None, 404, "id"),
    (f"GET backtests/{NO_ID}/equity", None, 404, "id"),
    (f"GET backtests/{NO_ID}/report", None, 404, "id"),
    (f"DELETE backtests/{NO_ID}", None, 404, "id"),
    (f"GET backtests/compare?id={NO_ID}", None, 422, "id"),
    (f"GET backtests/compare?id={NO_ID}&id={NO_ID}", None, 404, "id"),
    ("POST grids", GRID | {"y": GRID["x"]}, 422, "y.name"),
    ("POST grids", GRID | {"params": {"fast": 5}}, 422, "params.fast"),
    (f"GET grids/{NO_ID}", None, 404, "id"),
    (f"DELETE verifications/{NO_ID}", None, 404, "id"),
    ("GET orders?cursor=abc", None, 422, "cursor"),
    ("GET orders?limit=5000", None, 422, "limit"),
    ("GET orders/nope", None, 404, "order_id"),
    ("GET orders/nope/timeline", None, 404, "order_id"),
    ("DELETE orders/nope", None, 404, "order_id"),
    ("POST orders", ORDER | {"quantity": 1e-8}, 409, "size_too_small"),
    ("POST orders", ORDER | {"type": "limit"}, 422, "price"),
    ("POST orders", "no JSON", 422, "body"),
    ("POST positions/NOPE/close", {}, 422, "symbol"),
    ("PUT fills/MOCKUSDT/nope/note", {"text": "x"}, 404, "trade_id"),
    ("POST bot/halt", {}, 422, "confirm"),
    ("POST bot/flatten", {"confirm": "another"}, 422, "confirm"),
    ("POST bot/start", {}, 409, "bot"),
    ("POST bot/pause", {"why": "x"}, 422, "why"),
    ("POST simulation/reset", {"confirm": "another"}, 422, "confirm"),
    ("PUT config", {"broker": {"type": "mokc"}}, 422, "broker.type"),
    ("GET logs?name=../secret", None, 404, "name"),
    ("GET stream?topics=weather", None, 422, "topics"),
    ("GET nope", None, 404, ""),
    ("PATCH bot", None, 405, ""),
]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    folder = tmp_path_factory.mktemp("round")
    keep_bars(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TRADEBOT_HOME", str(folder))
        with served_bot(folder, account="round") as client:
            yield client


@pytest.mark.parametrize(("asked", "body", "status", "field"), WRONG, ids=[f"{each[0]}-{each[3]}" for each in WRONG])
def test_what_is_asked_wrongly_names_its_field(client: Client, asked: str, body: Any, status: int, field: str):
    method, _, address = asked.partition(" ")
    content = body if isinstance(body, str) else None if body is None else json.dumps(body)
    headers = {"Content-Type": "application/json", "If-Match": "*"}
    answer = client.request(method, f"{API}/{address}", content=content, headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), answer.text
    problem = answer.json()
    assert field in {each["field"] for each in problem["errors"]} or not field, problem
    assert problem["status"] == status
    assert problem["detail"]
    assert problem["correlation_id"] == answer.headers["X-Request-ID"]
    # A mend is a whole sentence, and one for whoever asks from a program.
    assert all(each["mend"] == "" or each["mend"].rstrip()[-1] in ".?" for each in problem["errors"]), problem


@pytest.mark.parametrize("listed", ["orders", "fills", "equity", "signals", "risk/verdicts", "audit"])
def test_every_list_has_one_shape_and_every_time_says_that_it_is_utc(client: Client, listed: str):
    found = client.get(f"{API}/{listed}", params={"limit": 2}).json()
    assert set(found) == {"items", "limit", "next"}
    times = [each[name] for each in found["items"] for name in ("time", "created", "updated") if name in each]
    assert times
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", time) for time in times)


def test_amounts_are_exact_and_without_idle_zeros(client: Client):
    found = client.get(f"{API}/fills", params={"limit": 100}).json()["items"]
    amounts = [each[name] for each in found for name in ("price", "quantity", "fee", "realized")]
    assert amounts
    assert all(re.fullmatch(r"-?(0|[1-9]\d*)(\.\d*[1-9])?", amount) for amount in amounts)


def test_the_page_names_no_address_that_there_is_none_of(client: Client):
    """Addresses in ``docs/api.md`` stand in backticks, with capitals or braces for what is to be filled in."""
    paths = client.get("/openapi.json").json()["paths"]
    known = {re.sub(r"\{[^}]*\}", "X", path.removeprefix(API)) for path in paths}
    named = re.findall(r"`(?:(GET|POST|PUT|DELETE) )?(/[a-zA-Z_/{}-]+)[?`]", PAGE.read_text())
    asked = {re.sub(r"\{[^}]*\}|[A-Z_]{2,}", "X", path.removeprefix(API)) for _, path in named}
    # Parts of an address whose beginning the sentence has told, and the dashboard's own.
    parts = {"/trades", "/equity", "/report", "/docs", "/openapi.json"}
    assert len(asked) > 15
    assert {path for path in asked - parts if path not in known} == set()


def test_the_examples_of_the_page_are_taken_as_they_stand(client: Client):
    page = PAGE.read_text()
    (request,) = re.findall(r"api/v1/backtests -H 'Content-Type: application/json' -d '(\{.*?\})'", page, re.DOTALL)
    assert client.post(f"{API}/backtests", json=json.loads(request)).status_code == 202
    (grid,) = re.findall(r"```json\n(\{.*?\})\n```", page, re.DOTALL)
    answer = client.post(f"{API}/grids", json=json.loads(grid))
    assert answer.status_code == 202, answer.text
    assert client.delete(answer.headers["Location"]).status_code == 200
