"""Faults on purpose reach spot as they reach the futures."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from websockets.sync.client import connect

from local_exchange import SPOT, Running, running

BUY = {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": 1}
ORDER = "POST /api/v3/order"


@pytest.fixture
def exchange() -> Iterator[Running]:
    with running(instruments=(SPOT,), balances={"BTC": Decimal(1)}) as started:
        yield started


def subscribed(exchange: Running, secret: str = "") -> Any:
    """A socket of the WebSocket API that has asked for the user stream, and the answer."""
    socket = connect(f"{exchange.ws_url}/ws-api/v3")
    params: dict[str, Any] = {"apiKey": exchange.key, "timestamp": time.time_ns() // 1_000_000}
    text = "&".join(f"{name}={params[name]}" for name in sorted(params))
    signature = hmac.new((secret or exchange.secret).encode(), text.encode(), hashlib.sha256).hexdigest()
    request = {
        "id": 1,
        "method": "userDataStream.subscribe.signature",
        "params": params | {"signature": signature},
    }
    socket.send(msgspec.json.encode(request).decode())
    return socket, heard(socket)


def heard(socket: Any) -> dict[str, Any]:
    return msgspec.json.decode(socket.recv(timeout=5))


@pytest.mark.parametrize(
    ("fault", "status", "executed"),
    [
        ({"action": "error", "code": -1003}, 429, 0),
        ({"action": "error_after", "code": 0}, 503, 1),
        ({"action": "error", "text": "Service Unavailable."}, 503, 0),
    ],
)
def test_an_order_is_answered_with_an_error_and_done_or_not(
    exchange: Running, fault: dict[str, Any], status: int, executed: int
) -> None:
    exchange.control("faults", fault | {"on": ORDER})
    assert exchange.rest("POST", "/api/v3/order", **BUY, newClientOrderId="mine").status == status
    assert exchange.ledger()["executedByClientId"].get("mine", 0) == executed


def test_an_order_is_done_late_and_hidden_from_queries(exchange: Running) -> None:
    exchange.control("faults", [{"action": "late", "on": ORDER}, {"action": "hide", "seconds": 60}])
    exchange.rest("POST", "/api/v3/order", **BUY, newClientOrderId="mine")
    assert exchange.ledger()["placedByClientId"] == {}
    exchange.control("release")
    assert exchange.ledger()["executedByClientId"] == {"mine": 1}
    asked = exchange.rest("GET", "/api/v3/order", symbol="BTCUSDT", origClientOrderId="mine")
    assert asked.body["code"] == -2013


def test_a_split_execution_comes_in_pieces_and_their_fees_add_up(exchange: Running) -> None:
    exchange.control("faults", {"action": "split", "pieces": 3})
    answer = exchange.rest("POST", "/api/v3/order", **BUY).body
    assert [fill["qty"] for fill in answer["fills"]] == ["0.33333", "0.33333", "0.33334"]
    fees = sum(Decimal(fill["commission"]) for fill in answer["fills"])
    assert fees == Decimal("0.001")
    assert Decimal(exchange.ledger()["balances"]["BTC"]) == 2 - fees


def test_messages_of_the_account_are_lost_and_doubled(exchange: Running) -> None:
    socket, answer = subscribed(exchange)
    assert answer["result"] == {"subscriptionId": answer["result"]["subscriptionId"]}
    lost = {"action": "lose", "on": "private", "event": "outboundAccountPosition", "times": None}
    exchange.control("faults", [lost, {"action": "duplicate", "on": "private", "event": "executionReport"}])
    exchange.rest("POST", "/api/v3/order", **BUY)
    told = [heard(socket)["event"] for _ in range(3)]
    assert [(each["e"], each["x"]) for each in told] == [
        ("executionReport", "NEW"),
        ("executionReport", "NEW"),
        ("executionReport", "TRADE"),
    ]
    socket.close()


def test_a_subscription_with_another_signature_is_refused(exchange: Running) -> None:
    socket, answer = subscribed(exchange, secret="another")
    assert (answer["status"], answer["error"]["code"]) == (400, -1022)
    socket.close()


def test_listen_keys_are_gone(exchange: Running) -> None:
    assert exchange.rest("POST", "/api/v3/userDataStream", signed=False).status == 404


def test_the_budgets_of_spot_are_told_and_kept(exchange: Running) -> None:
    answer = exchange.rest("POST", "/api/v3/order", **BUY)
    told = {name: value for name, value in answer.headers.items() if name.startswith("x-mbx")}
    assert told == {"x-mbx-used-weight-1m": "1", "x-mbx-order-count-10s": "1", "x-mbx-order-count-1d": "1"}
    limits = exchange.rest("GET", "/api/v3/exchangeInfo", signed=False).body["rateLimits"]
    assert [(row["rateLimitType"], row["interval"], row["limit"]) for row in limits] == [
        ("REQUEST_WEIGHT", "MINUTE", 6_000),
        ("ORDERS", "SECOND", 100),
        ("ORDERS", "DAY", 200_000),
    ]
    # Windows turn with the clock: of two in a row one sees more than its hundred.
    sent = (exchange.rest("POST", "/api/v3/order", **BUY | {"quantity": "0.1"}) for _ in range(201))
    assert next(each.body["code"] for each in sent if each.status == 429) == -1015


def test_an_id_with_a_point_is_refused_on_spot(exchange: Running) -> None:
    answer = exchange.rest("POST", "/api/v3/order", **BUY, newClientOrderId="run-1-sl.2")
    told = "Illegal characters found in parameter 'newClientOrderId'; legal range is '^[a-zA-Z0-9-_]{1,36}$'."
    assert (answer.status, answer.body["code"], answer.body["msg"]) == (400, -1100, told)
