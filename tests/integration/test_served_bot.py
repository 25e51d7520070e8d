"""A bot on the built-in market, looked at and told over the interface."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest
from httpx2 import Client

from served_api import API
from served_bot import CONFIGURATION, heard, listen, served_bot, state_is, until
from tradebot.app.bot import Bot
from tradebot.store.account_file import FILE
from tradebot.store.accounts import account_folder


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    folder = tmp_path_factory.mktemp("served")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TRADEBOT_HOME", str(folder))
        with served_bot(folder) as client:
            yield client


def newest(client: Client, path: str, **asked: object) -> list[dict]:
    answer = client.get(f"{API}/{path}", params=asked)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


def test_the_bot_is_seen_at_work(client: Client):
    status = client.get(f"{API}/bot").json()
    assert (status["phase"], status["state"], status["mode"], status["account"]) == (
        "running", "trading", "paper", "served",
    )  # fmt: skip
    assert status["equity"] > 0
    assert status["day_loss_limit"] == 5000.0
    assert status["markets"][0]["is_fresh"] is True


def test_orders_fills_and_signals_tell_one_story(client: Client):
    fill = newest(client, "fills")[0]
    order = client.get(f"{API}/orders/{fill['order_id']}").json()
    assert (order["symbol"], order["state"]) == ("MOCKUSDT", "filled")
    assert [each["trade_id"] for each in newest(client, "fills", order_id=fill["order_id"])] == [fill["trade_id"]]
    # The bot goes on between two questions: what is newer in the second is no part of the story.
    entries = [each for each in newest(client, "orders", limit=1000) if not each["order_id"].endswith(("-sl", "-tp"))]
    signals = {each["order_id"]: each["action"] for each in newest(client, "signals", limit=1000)}
    assert {each["order_id"] for each in entries} <= set(signals)
    verdict = next(
        each for each in newest(client, "risk/verdicts", limit=1000) if signals.get(each["order_id"]) == "long"
    )
    assert verdict["allowed"] is True


def test_an_orders_timeline_tells_its_way_by_one_clock(client: Client):
    orders = newest(client, "orders", limit=1000)
    # The newest may still be on its way.
    entry = next(each for each in orders if (each["side"], each["state"]) == ("buy", "filled"))
    steps = client.get(f"{API}/orders/{entry['order_id']}/timeline").json()
    assert [each["step"] for each in steps if each["step"] != "answer"] == ["signal", "review", "intent", "fill"]
    assert [each["time"] for each in steps] == sorted(each["time"] for each in steps)
    assert steps[-1]["state"] == "filled"
    assert client.get(f"{API}/orders/none/timeline").status_code == 404


def test_an_exit_of_the_broker_is_shown_with_its_side_size_and_level(client: Client):
    orders = {each["order_id"]: each for each in newest(client, "orders", limit=1000)}
    entry = next(each for name, each in orders.items() if f"{name}-sl" in orders and each["state"] == "filled")
    stop, target = orders[f"{entry['order_id']}-sl"], orders[f"{entry['order_id']}-tp"]
    price = float(entry["average_price"])
    assert float(stop["trigger"]) == pytest.approx(price * 0.98, abs=0.01)
    assert float(target["price"]) == pytest.approx(price * 1.04, abs=0.01)
    assert {(each["side"], each["quantity"], each["reduce_only"]) for each in (stop, target)} == {
        ("sell", entry["quantity"], True)
    }
    assert entry["created"] <= stop["created"] <= stop["updated"]
    (first, *_) = client.get(f"{API}/orders/{stop['order_id']}/timeline").json()
    assert (first["step"], first["text"], first["price"], first["quantity"]) == (
        "answer", "stop loss", stop["trigger"], stop["quantity"],
    )  # fmt: skip


def test_the_level_of_an_exit_is_the_one_the_bot_holds(client: Client):
    held = until(lambda: [each for each in client.get(f"{API}/positions").json()["positions"] if each["stop_price"]])
    orders = newest(client, "orders", limit=1000)
    assert held[0]["stop_price"] in {float(each["trigger"]) for each in orders if each["tag"] == "stop_loss"}


@pytest.mark.parametrize("listed", ["orders", "fills", "equity", "signals", "risk/verdicts", "audit"])
def test_pages_follow_one_another_though_the_bot_goes_on(client: Client, listed: str):
    def pages(limit: int, most: int) -> Iterator[dict]:
        cursor: dict[str, str] = {}
        for _ in range(most):
            answer = client.get(f"{API}/{listed}", params={"limit": limit, **cursor}).json()
            yield from answer["items"]
            if answer["next"] is None:
                return
            cursor = {"cursor": answer["next"]}

    first, *rest = pages(3, 4)
    found = [first, *rest]
    assert len({json.dumps(each, sort_keys=True) for each in found}) == len(found)
    again = list(pages(1000, 5))
    name = next(name for name in ("order_id", "trade_id", "id", "time") if name in first)
    begun = [each[name] for each in again].index(first[name])
    assert [each[name] for each in again[begun : begun + len(found)]] == [each[name] for each in found]


def test_signals_are_found_by_the_time_they_were_given_at(client: Client):
    def place(until: str) -> str | None:
        return client.get(f"{API}/signals/place", params={"until": until}).json()["cursor"]

    until(lambda: len(newest(client, "signals", limit=30)) == 30)
    given = newest(client, "signals", limit=30)
    then = given[20]["time"]
    earlier = [each for each in given if each["time"] <= then]
    assert newest(client, "signals", cursor=place(then), limit=len(earlier)) == earlier
    assert newest(client, "signals", cursor=place("1971-01-01")) == []
    assert place("2200-01-01") is None
    assert client.get(f"{API}/signals/place", params={"until": "yesterday"}).status_code == 422


def test_the_indicators_are_those_of_the_bots_strategy(client: Client):
    found = client.get(f"{API}/indicators/MOCKUSDT", params={"limit": 20}).json()
    assert [line["name"] for line in found["lines"]] == ["fast_ma", "slow_ma"]
    assert {len(line["values"]) for line in found["lines"]} == {len(found["time"])} == {20}
    assert client.get(f"{API}/indicators/BTCUSDT").status_code == 404


def test_a_position_shows_the_stop_that_rests_for_it(client: Client):
    def held() -> dict | None:
        answer = client.get(f"{API}/positions").json()
        assert answer["source"] == "bot"
        return next((each for each in answer["positions"] if each["is_stop_confirmed"]), None)

    position = until(held)
    assert position["stop_price"] < position["entry_price"] < position["target_price"]
    assert position["notional"] == pytest.approx(abs(position["quantity"]) * position["mark_price"], rel=1e-6)


def test_how_old_everything_is_that_it_knows_is_told(client: Client):
    status = client.get(f"{API}/bot").json()
    for name in ("data_age_s", "broker_age_s", "journal_age_s"):
        assert 0 <= status[name] < 60, name
    assert (status["clock_skew_ms"], status["clock_is_off"], status["is_simulated"]) == (0.0, False, True)
    assert (status["feed_fault"], status["broker_fault"], status["differences"]) == ("", "", 0)
    assert status["day_loss_used"] == pytest.approx(max(-status["day_pnl"], 0.0) / 5000.0)


def test_the_books_are_shown_beside_the_brokers_answer(client: Client):
    def compared() -> dict | None:
        """Once it was compared while something was held."""
        assert client.post(f"{API}/reconcile").status_code == 202
        found = client.get(f"{API}/reconcile").json()
        return found if {each["kind"] for each in found["compared"]} == {"position", "order", "balance"} else None

    found = until(compared)
    assert (found["account"], found["is_simulated"], found["differences"]) == ("served", True, 0)
    kinds = {each["kind"]: each for each in found["compared"]}
    assert kinds["position"]["ours"] == kinds["position"]["brokers"]
    assert kinds["balance"]["name"] == "USDT"
    assert found["time"] > client.get(f"{API}/history/MOCKUSDT", params={"limit": 1000}).json()["bars"][0]["time"]


def test_a_paper_bot_is_compared_again_and_again_without_being_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tradebot.app.hosting._COMPARE_EVERY_S", 0.3)
    with served_bot(tmp_path, account="compared") as client:
        first = client.get(f"{API}/reconcile").json()["time"]
        until(lambda: (client.get(f"{API}/reconcile").json()["time"] or "") > (first or ""))


def test_a_bot_on_paper_in_its_place_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def lost(bot: Bot, *_: object) -> str:
        bot.stand_in = "lost-paper"
        return await bot.run()

    monkeypatch.setattr("tradebot.app.hosting.trade", lost)
    with served_bot(tmp_path, account="lost") as client:
        assert client.get(f"{API}/bot").json()["stand_in"] == "lost-paper"


def test_limits_are_shown_with_what_is_used_of_them(client: Client):
    limits = {each["name"]: each for each in client.get(f"{API}/risk").json()["limits"]}
    assert set(limits) == {"max_positions", "max_drawdown", "max_daily_loss"}
    assert limits["max_positions"]["limit"] == 1.0
    assert 0 <= limits["max_drawdown"]["used"] < limits["max_drawdown"]["limit"] == 0.3


def test_bars_of_a_traded_market_are_those_the_bot_has_seen(client: Client):
    answer = client.get(f"{API}/history/MOCKUSDT", params={"limit": 30}).json()
    assert (answer["source"], answer["interval"], answer["count"]) == ("bot", "1m", 30)
    longer = client.get(f"{API}/history/MOCKUSDT", params={"interval": "5m"}).json()
    assert longer["interval"] == "5m"
    assert client.get(f"{API}/stats/MOCKUSDT").json()["bars"] > 50
    (symbol,) = client.get(f"{API}/symbols").json()["symbols"]
    assert symbol["is_traded"] is True


def test_pause_halt_and_release_change_its_state_and_are_audited(client: Client):
    for action, state in (("pause", "paused"), ("resume", "trading"), ("halt", "halted"), ("release", "trading")):
        answer = client.post(
            f"{API}/bot/{action}", json={"reason": "a drill"} | ({"confirm": "served"} if action == "halt" else {})
        )
        assert answer.status_code == 202, answer.text
        until(state_is(client, state))
    told = [
        (each["operator"], each["text"])
        for each in newest(client, "audit", limit=200)
        if each["kind"] == "OperatorCommand"
    ]
    assert ("local", "halt: a drill") in told
    assert ("local", "release: a drill") in told
    answer = client.post(f"{API}/bot/cancel-entries", json={})
    assert (answer.status_code, answer.json()["action"]) == (202, "cancel-entries")


@pytest.mark.parametrize("action", ["halt", "flatten"])
def test_what_cannot_be_taken_back_needs_the_name_of_the_account(client: Client, action: str):
    for body in ({}, {"confirm": "another"}):
        answer = client.post(f"{API}/bot/{action}", json=body)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["field"] == "confirm"
    assert client.get(f"{API}/bot").json()["state"] == "trading"


def test_the_stream_tells_every_message_in_order_and_goes_on_without_a_gap(client: Client):
    with listen(client, "topics=bars,equity") as socket:
        first = [heard(socket) for _ in range(20)]
    with listen(client, f"topics=bars,equity&after={first[9]['seq']}") as socket:
        again = [heard(socket) for _ in range(20)]
    assert again[:10] == first[10:]
    bars = [each["data"]["time"] for each in [*first[:10], *again] if each["topic"] == "bars"]
    assert len(bars) >= 10
    minutes = [int(time[11:13]) * 60 + int(time[14:16]) for time in bars]
    assert all((later - before) % 1440 == 1 for before, later in pairwise(minutes))


def test_events_by_http_are_those_of_the_socket(client: Client):
    with listen(client, "topics=bars") as socket:
        first = [heard(socket) for _ in range(10)]
    asked = {"params": {"topics": "bars"}, "headers": {"Last-Event-ID": str(first[0]["seq"])}}
    told: list[dict] = []
    with client.stream("GET", f"{API}/stream", **asked) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        for line in answer.iter_lines():
            if line.startswith("data: {"):
                told.append(json.loads(line.removeprefix("data: ")))
            if len(told) == 9:
                break
    assert told == first[1:]


def test_topics_can_be_changed_while_listening(client: Client):
    with listen(client, "topics=bars") as socket:
        assert heard(socket)["topic"] == "bars"
        socket.send(json.dumps({"topics": ["equity"]}))
        until(lambda: heard(socket)["topic"] == "equity")
        assert {heard(socket)["topic"] for _ in range(5)} == {"equity"}


def test_what_is_not_remembered_is_refused_rather_than_skipped(client: Client):
    with listen(client, "after=1") as socket:
        assert "not remembered" in heard(socket)["reason"]
    assert client.get(f"{API}/stream", params={"after": 1}).status_code == 409
    assert client.get(f"{API}/stream", params={"topics": "weather"}).status_code == 422


def test_the_configuration_is_shown_and_checked(client: Client):
    shown = client.get(f"{API}/config").json()
    assert (shown["document"], shown["is_pending"]) == (CONFIGURATION, False)
    assert shown["configuration"]["strategy"]["type"] == "sma_cross"
    assert client.post(f"{API}/config/validate", json=CONFIGURATION).json() == {"is_valid": True, "problems": []}
    wrong = CONFIGURATION | {"risk_management": {"stop_loss_pct": 500}, "tradign": {}}
    answer = client.post(f"{API}/config/validate", json=wrong).json()
    assert {each["path"] for each in answer["problems"]} == {"risk_management.stop_loss_pct", "tradign"}
    changed = CONFIGURATION | {"description": "changed"}
    assert client.put(f"{API}/config", json=changed, headers={"If-Match": "*"}).json()["is_valid"] is True
    after = client.get(f"{API}/config").json()
    assert (after["document"], after["is_pending"]) == (changed, True)
    assert after["configuration"] == shown["configuration"]
    assert after["changes"] == [
        {"path": "description", "running": shown["configuration"]["description"], "written": "changed"}
    ]
    client.put(f"{API}/config", json=CONFIGURATION, headers={"If-Match": "*"})
    again = client.get(f"{API}/config").json()
    assert (again["is_pending"], again["changes"]) == (False, [])
    assert client.get(f"{API}/config/schema").json()["type"] == "object"


def test_metrics_tell_of_the_bot(client: Client):
    figures = client.get(f"{API}/status/metrics").json()["figures"]
    assert figures["tradebot_bot_running"] == 1.0
    assert figures["tradebot_equity"] > 0


def test_the_simulation_begins_anew(client: Client):
    before = client.get(f"{API}/bot").json()["run_id"]
    assert client.get(f"{API}/simulation/status").json()["initial_balance"] == 10000.0
    assert client.post(f"{API}/simulation/reset", json={"confirm": "wrong"}).status_code == 422
    assert client.post(f"{API}/simulation/reset", json={"confirm": "served"}).status_code == 202
    until(state_is(client, "trading"))
    assert client.get(f"{API}/bot").json()["run_id"] != before


def test_a_bot_that_refuses_the_record_of_another_configuration_begins_anew_by_a_reset(client: Client):
    client.post(f"{API}/bot/stop", json={})
    until(lambda: client.get(f"{API}/bot").json()["phase"] == "stopped")
    with closing(sqlite3.connect(account_folder("served") / FILE)) as record, record:
        record.execute("UPDATE runs SET configuration_hash = 'of a strategy before its update'")
    client.post(f"{API}/bot/start", json={})
    until(lambda: client.get(f"{API}/bot").json()["phase"] == "failed")
    assert "the record of another configuration" in client.get(f"{API}/bot").json()["error"]
    assert client.post(f"{API}/simulation/reset", json={"confirm": "served"}).status_code == 202
    until(state_is(client, "trading"))


def test_the_bot_stops_and_starts(client: Client):
    assert client.post(f"{API}/bot/start", json={}).status_code == 409
    assert client.post(f"{API}/bot/stop", json={}).status_code == 202
    until(lambda: client.get(f"{API}/bot").json()["phase"] == "stopped")
    assert client.post(f"{API}/bot/pause", json={}).status_code == 409
    assert client.get(f"{API}/positions").json()["source"] == "ledger"
    assert client.post(f"{API}/bot/start", json={}).status_code == 202
    until(state_is(client, "trading"))


def test_a_halt_holds_with_the_bot_stopped(client: Client):
    client.post(f"{API}/bot/stop", json={})
    until(lambda: client.get(f"{API}/bot").json()["phase"] == "stopped")
    assert client.post(f"{API}/bot/halt", json={"confirm": "served"}).status_code == 202
    client.post(f"{API}/bot/start", json={})
    until(state_is(client, "halted"))
    client.post(f"{API}/bot/release", json={})
    until(state_is(client, "trading"))
