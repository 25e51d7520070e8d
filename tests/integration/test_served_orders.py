"""Orders by hand over the interface: reviewed by the bot, answered, audited, and refused to those who only look."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from httpx2 import Client, Response

from served_api import API
from served_bot import SILENT, heard, listen, served_bot, state_is, until
from tradebot.api.access.roles import Role
from tradebot.api.access.tokens import Tokens
from tradebot.api.idempotency import once
from tradebot.api.schemas.orders import OrderAnswer, PlaceOrder
from tradebot.api.settings import ApiSettings
from tradebot.store.accounts import account_folder

PASSWORD = "canary-password"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    folder = tmp_path_factory.mktemp("orders")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TRADEBOT_HOME", str(folder))
        with served_bot(folder, account="hand", configuration=SILENT, fills=0) as client:
            yield client


@pytest.fixture(autouse=True)
def flat(client: Client) -> Iterator[None]:
    """Every test leaves the account without positions and working orders."""
    yield
    client.post(f"{API}/bot/resume", json={})
    for position in client.get(f"{API}/positions").json()["positions"]:
        client.post(f"{API}/positions/{position['symbol']}/close", json={})
    client.post(f"{API}/bot/cancel-entries", json={})
    until(lambda: client.get(f"{API}/bot").json()["positions"] == client.get(f"{API}/bot").json()["open_orders"] == 0)


def place(client: Client, **terms: Any) -> Response:
    return client.post(f"{API}/orders", json={"symbol": "MOCKUSDT", "side": "buy", "quantity": 1.0} | terms)


def price(client: Client) -> float:
    return client.get(f"{API}/history/MOCKUSDT", params={"limit": 1}).json()["bars"][-1]["close"]


def held(client: Client) -> dict[str, Any] | None:
    return next(iter(client.get(f"{API}/positions").json()["positions"]), None)


def order(client: Client, order_id: str) -> dict[str, Any]:
    answer = client.get(f"{API}/orders/{order_id}")
    return answer.json() if answer.status_code == 200 else {"state": ""}


def test_exits_that_the_venue_attached_are_listed_with_their_side_type_and_price(client: Client):
    last = price(client)
    entry = place(client, stop_loss=round(last * 0.5, 2), take_profit=round(last * 2, 2)).json()["order_id"]
    until(lambda: held(client))
    working = client.get(f"{API}/orders", params={"is_open": True}).json()["items"]
    exits = {each["type"]: each for each in working if each["order_id"].startswith(f"{entry}-")}
    assert {each["side"] for each in exits.values()} == {"sell"}
    assert float(exits["stop"]["trigger"]) == pytest.approx(last * 0.5, abs=0.01)
    assert float(exits["limit"]["price"]) == pytest.approx(last * 2, abs=0.01)
    assert {float(each["quantity"]) for each in exits.values()} == {1.0}


def test_a_market_order_fills_and_its_position_is_closed_again(client: Client):
    last = price(client)
    answer = place(client, stop_loss=last * 0.5, take_profit=last * 2, reason="a hunch")
    assert answer.status_code == 202, answer.text
    told = answer.json()
    assert (told["action"], told["account"], told["symbol"], told["is_decided"]) == ("place", "hand", "MOCKUSDT", True)
    until(lambda: order(client, told["order_id"])["state"] == "filled")
    assert order(client, told["order_id"])["tag"] == "operator"
    position = until(lambda: (found := held(client)) and found["is_stop_confirmed"] and found)
    assert (position["quantity"], position["stop_price"]) == (1.0, pytest.approx(last * 0.5, abs=0.01))
    closed = client.post(f"{API}/positions/MOCKUSDT/close", json={"reason": "enough"})
    assert closed.status_code == 202
    until(lambda: held(client) is None)
    assert order(client, closed.json()["order_id"])["side"] == "sell"
    audit = client.get(f"{API}/audit", params={"limit": 50}).json()["items"]
    texts = [(each["operator"], each["text"]) for each in audit if each["kind"] == "OperatorCommand"]
    assert ("local", "close MOCKUSDT: enough") in texts
    assert any(
        text.startswith("place buy 1 MOCKUSDT market stop loss ") and text.endswith(": a hunch") for _, text in texts
    )


def test_a_resting_order_is_canceled(client: Client):
    answer = place(client, type="limit", price=price(client) * 0.85)
    assert answer.status_code == 202, answer.text
    order_id = answer.json()["order_id"]
    until(lambda: order(client, order_id)["state"] == "accepted")
    assert client.delete(f"{API}/orders/{order_id}", params={"reason": "a change of mind"}).status_code == 202
    until(lambda: order(client, order_id)["state"] == "canceled")
    again = client.delete(f"{API}/orders/{order_id}")
    assert (again.status_code, again.json()["errors"][0]["field"]) == (409, "not_working")
    assert client.delete(f"{API}/orders/never-sent").status_code == 404
    audit = client.get(f"{API}/audit", params={"limit": 50}).json()["items"]
    assert any(each["text"].startswith("cancel ") and "a change of mind" in each["text"] for each in audit)


def test_a_stop_order_waits_for_its_price(client: Client):
    answer = place(client, type="stop", trigger=price(client) * 1.15)
    assert answer.status_code == 202, answer.text
    until(lambda: order(client, answer.json()["order_id"])["state"] == "accepted")


def test_the_stop_of_a_position_is_not_canceled(client: Client):
    place(client, stop_loss=price(client) * 0.5)
    until(lambda: (found := held(client)) and found["is_stop_confirmed"])
    orders = client.get(f"{API}/orders", params={"is_open": True}).json()["items"]
    stop = next(each for each in orders if each["order_id"].endswith("-sl"))
    answer = client.delete(f"{API}/orders/{stop['order_id']}")
    assert answer.status_code == 409
    assert "protects the position of MOCKUSDT" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        ({"symbol": "OTHERUSDT"}, "symbol"),
        ({"type": "limit"}, "price"),
        ({"type": "stop"}, "trigger"),
        ({"price": 100.0}, "price"),
        ({"type": "limit", "price": 100.0, "trigger": 100.0}, "trigger"),
        ({"reduce_only": True, "stop_loss": 1.0}, "stop_loss"),
        ({"quantity": 0}, "quantity"),
        ({"side": "hold"}, "side"),
        ({"size": 1}, "size"),
    ],
)
def test_an_order_that_is_none_is_refused_with_its_field(client: Client, terms: dict[str, Any], field: str):
    answer = place(client, **terms)
    assert answer.status_code == 422
    assert [each["field"] for each in answer.json()["errors"]] == [field]


def test_the_limits_refuse_it_by_name_and_the_verdict_is_on_record(client: Client):
    assert place(client).status_code == 202
    until(lambda: held(client))
    client.post(f"{API}/bot/pause", json={})
    until(state_is(client, "paused"))
    with listen(client, "topics=orders") as socket:
        answer = place(client, reason="more")
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (409, "paused")
        told = until(lambda: (message := heard(socket))["type"] == "answer" and message)
    assert (told["data"]["allowed"], told["data"]["rule"]) == (False, "paused")
    verdicts = client.get(f"{API}/risk/verdicts", params={"allowed": False}).json()["items"]
    assert verdicts[0]["rule"] == "paused"


def test_a_halted_bot_opens_nothing_and_closes_what_is_asked(client: Client):
    place(client, stop_loss=price(client) * 0.5)
    until(lambda: held(client))
    client.post(f"{API}/bot/halt", json={"confirm": "hand", "reason": "a drill"})
    until(state_is(client, "halted"))
    try:
        answer = place(client)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (409, "halted")
        assert client.post(f"{API}/positions/MOCKUSDT/close", json={}).status_code == 202
        until(lambda: held(client) is None)
        assert client.post(f"{API}/positions/MOCKUSDT/close", json={}).json()["errors"][0]["field"] == "no_position"
    finally:
        client.post(f"{API}/bot/release", json={})
    until(state_is(client, "trading"))
    audit = client.get(f"{API}/audit", params={"limit": 100}).json()["items"]
    # Told once: by the command, and by neither the latch nor the halt that came of it.
    told = [(each["kind"], each["operator"]) for each in audit if each["text"] == "halt: a drill"]
    assert told == [("OperatorCommand", "local")]
    assert not [each for each in audit if each["kind"] == "Halt"]


def keyed(client: Client, key: str, **terms: Any) -> Response:
    body = {"symbol": "MOCKUSDT", "side": "buy", "quantity": 1.0} | terms
    return client.post(f"{API}/orders", json=body, headers={"Idempotency-Key": key})


def sent(client: Client) -> int:
    return len(client.get(f"{API}/orders", params={"limit": 1000}).json()["items"])


@pytest.mark.parametrize("key", ["", '""'])
def test_a_key_of_nothing_is_refused_as_orders_would_share_it(client: Client, key: str):
    answer = keyed(client, key)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "Idempotency-Key")


def test_an_order_that_is_sent_twice_under_one_key_is_placed_once(client: Client):
    terms = {"type": "limit", "price": round(price(client) * 0.85, 2)}
    before = sent(client)
    first, second = (keyed(client, "twice", **terms) for _ in range(2))
    assert (first.status_code, first.json()) == (second.status_code, second.json())
    assert first.status_code == 202
    assert sent(client) == before + 1
    # As the draft spells it: a string of structured fields.
    assert keyed(client, '"twice"', **terms).json() == first.json()
    other = keyed(client, "twice", **(terms | {"quantity": 2.0}))
    assert (other.status_code, other.json()["errors"][0]["field"]) == (422, "Idempotency-Key")
    assert keyed(client, "another", **terms).json()["order_id"] != first.json()["order_id"]
    assert sent(client) == before + 2


def test_a_refusal_is_given_again_under_its_key_though_the_order_would_now_be_taken(client: Client):
    client.post(f"{API}/bot/pause", json={})
    until(state_is(client, "paused"))
    first = keyed(client, "refused")
    client.post(f"{API}/bot/resume", json={})
    until(state_is(client, "trading"))
    second = keyed(client, "refused")
    assert first.status_code == second.status_code == 409
    names = ("detail", "mend", "errors")
    assert [first.json()[name] for name in names] == [second.json()[name] for name in names]


def test_many_who_send_the_same_at_once_place_it_once(client: Client):
    before = sent(client)
    terms = {"type": "limit", "price": round(price(client) * 0.85, 2)}
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: keyed(client, "at once", **terms), range(8)))
    assert {each.status_code for each in answers} <= {202, 409}
    assert len({each.json()["order_id"] for each in answers if each.status_code == 202}) == 1
    assert sent(client) == before + 1


def test_an_answer_is_remembered_over_a_restart_and_an_answer_that_never_came_is_told(client: Client):
    """A book that is opened anew knows what the process before it answered, and what it left without an answer."""
    terms = {"type": "limit", "price": round(price(client) * 0.85, 2)}
    answer = keyed(client, "restart", **terms).json()
    asked = PlaceOrder(symbol="MOCKUSDT", side="buy", quantity=1.0, **terms)
    folder = account_folder("hand")

    def never() -> OrderAnswer:
        raise AssertionError("it was placed again")

    assert once(folder, "local", "restart", asked, never).order_id == answer["order_id"]
    with pytest.raises(KeyboardInterrupt):
        once(folder, "local", "killed", asked, killed)
    left = keyed(client, "killed", **terms)
    assert left.status_code == 409
    assert "GET /api/v1/orders" in left.json()["mend"]


def killed() -> OrderAnswer:
    raise KeyboardInterrupt


def test_an_order_that_never_came_to_the_bot_may_be_sent_again_under_its_key(client: Client):
    client.post(f"{API}/bot/stop", json={})
    until(lambda: client.get(f"{API}/bot").json()["phase"] == "stopped")
    terms = {"type": "limit", "price": round(price(client) * 0.85, 2)}
    assert keyed(client, "later", **terms).status_code == 409
    client.post(f"{API}/bot/start", json={})
    until(state_is(client, "trading"))
    assert keyed(client, "later", **terms).status_code == 202


def test_a_viewer_places_and_cancels_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TRADEBOT_HOME", str(tmp_path))
    token = Tokens(tmp_path / "tokens.json").create("looker", Role.VIEWER)
    settings = ApiSettings(operator_password=PASSWORD, tokens=tmp_path / "tokens.json")
    headers = {"Authorization": f"Bearer {token}"}
    with served_bot(tmp_path, account="seen", configuration=SILENT, fills=0, settings=settings, **headers) as viewer:
        assert place(viewer).status_code == 403
        assert viewer.delete(f"{API}/orders/any").status_code == 403
        assert viewer.post(f"{API}/positions/MOCKUSDT/close", json={}).status_code == 403
        assert viewer.get(f"{API}/orders").json()["items"] == []


def test_a_bot_that_does_not_run_takes_no_order(client: Client):
    client.post(f"{API}/bot/stop", json={})
    until(lambda: client.get(f"{API}/bot").json()["phase"] == "stopped")
    try:
        assert place(client).status_code == 409
    finally:
        client.post(f"{API}/bot/start", json={})
        until(state_is(client, "trading"))
