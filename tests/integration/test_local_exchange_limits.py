"""The limits of the local exchange are Binance's: positions, orders, look-ups, sockets."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from local_exchange import BUY, LIMIT, START, STOP, Running, running
from tradebot.exchange import algo_desk, desk


def place(exchange: Running, **terms: Any) -> Any:
    return exchange.rest("POST", "order", **terms).body


def code(exchange: Running, path: str = "order", method: str = "POST", **terms: Any) -> int:
    return exchange.rest(method, path, **terms).body["code"]


def test_the_largest_position_is_that_of_the_leverage() -> None:
    with running(cash=Decimal(10_000_000)) as exchange:
        told = {n: exchange.rest("POST", "leverage", symbol="BTCUSDT", leverage=n).body for n in (1, 20, 125)}
        largest = [Decimal(told[n]["maxNotionalValue"]) for n in (1, 20, 125)]
        assert largest == sorted(largest, reverse=True)
        assert len(set(largest)) == 3
        (row,) = exchange.rest("GET", "symbolConfig", symbol="BTCUSDT").body
        assert Decimal(row["maxNotionalValue"]) == largest[2]
        assert code(exchange, **BUY | {"quantity": str(largest[2] / 100 + 1)}) == -2027
        assert "orderId" in place(exchange, **BUY | {"quantity": str(largest[2] / 100)})
        exchange.rest("POST", "leverage", symbol="BTCUSDT", leverage=100)
        place(exchange, **BUY | {"quantity": 1})
        assert code(exchange, "leverage", symbol="BTCUSDT", leverage=125) == -2027


def test_orders_at_work_have_a_largest_number(exchange: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk, "MOST_ORDERS", 2)
    monkeypatch.setattr(algo_desk, "MOST_CONDITIONAL", 2)
    for _ in range(2):
        assert "orderId" in place(exchange, **LIMIT)
        assert "algoId" in exchange.rest("POST", "algoOrder", **STOP).body
    assert code(exchange, **LIMIT) == -2025
    assert code(exchange, "algoOrder", **STOP) == -4045


def test_a_batch_counts_as_five_orders_of_ten_seconds_and_one_of_a_minute(exchange: Running) -> None:
    rows = json.dumps([{key: str(value) for key, value in LIMIT.items()}])
    headers = exchange.rest("POST", "batchOrders", batchOrders=rows).headers
    assert (headers["x-mbx-order-count-10s"], headers["x-mbx-order-count-1m"]) == ("5", "1")


def test_a_look_up_covers_seven_days(exchange: Running) -> None:
    place(exchange, **BUY)
    now, day = START // 1_000_000, 86_400_000
    for path in ("userTrades", "allOrders"):
        assert len(exchange.rest("GET", path, symbol="BTCUSDT").body) == 1
        assert len(exchange.rest("GET", path, symbol="BTCUSDT", startTime=now - 6 * day).body) == 1
        assert exchange.rest("GET", path, symbol="BTCUSDT", startTime=now - 8 * day).body == []
        assert code(exchange, path, "GET", symbol="BTCUSDT", startTime=now - 8 * day, endTime=now) == -1127
    assert code(exchange, "userTrades", "GET", symbol="BTCUSDT", fromId=1, startTime=now) == -1128


def test_a_client_that_sends_too_much_on_a_socket_is_cut_off(exchange: Running) -> None:
    ask = json.dumps({"method": "LIST_SUBSCRIPTIONS", "id": 1})
    with connect(f"{exchange.ws_url}/market/ws") as socket:
        for _ in range(11):
            socket.send(ask)
        with pytest.raises(ConnectionClosed):
            [socket.recv(timeout=5) for _ in range(12)]


def test_a_socket_lives_for_its_time() -> None:
    with (
        running(stream_hours=0.2 / 3600) as exchange,
        connect(f"{exchange.ws_url}/market/ws") as socket,
        pytest.raises(ConnectionClosed),
    ):
        socket.recv(timeout=5)
