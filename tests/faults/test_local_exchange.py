"""What the local exchange breaks on purpose breaks as told, and the oracle knows what truly happened."""

from __future__ import annotations

import asyncio
import json
import time
from http.client import HTTPException
from typing import Any, Self

import pytest
import websockets

from local_exchange import BUY, Answer, Running, bar, running


def buy(exchange: Running, client_id: str = "mine", **more: Any) -> Answer:
    return exchange.rest("POST", "order", newClientOrderId=client_id, **BUY | more)


def placed(exchange: Running) -> dict[str, int]:
    return exchange.ledger()["placedByClientId"]


def test_an_order_is_done_though_its_answer_says_unknown(exchange: Running) -> None:
    exchange.control("faults", {"action": "error_after", "on": "POST /fapi/v1/order"})
    answer = buy(exchange)
    assert (answer.status, answer.body["msg"]) == (503, "Unknown error, please check your request or try again later.")
    assert exchange.ledger()["executedByClientId"] == {"mine": 1}
    assert buy(exchange, "next").status == 200


def test_an_order_is_done_though_its_answer_is_lost(exchange: Running) -> None:
    exchange.control("faults", {"action": "lose_answer", "on": "POST /fapi/v1/order"})
    with pytest.raises((OSError, HTTPException)):
        buy(exchange)
    assert exchange.ledger()["positions"] == {"BTCUSDT": "1"}


def test_a_dropped_order_was_never_there(exchange: Running) -> None:
    exchange.control("faults", {"action": "drop", "on": "POST /fapi/v1/order"})
    with pytest.raises((OSError, HTTPException)):
        buy(exchange)
    assert placed(exchange) == {}


def test_a_late_order_is_unknown_until_it_is_released(exchange: Running) -> None:
    exchange.control("faults", {"action": "late", "on": "POST /fapi/v1/order", "code": -1007})
    answer = buy(exchange)
    assert (answer.status, answer.body["code"]) == (408, -1007)
    assert exchange.rest("GET", "order", symbol="BTCUSDT", origClientOrderId="mine").body["code"] == -2013
    assert exchange.control("release") == {"released": 1}
    assert exchange.rest("GET", "order", symbol="BTCUSDT", origClientOrderId="mine").body["status"] == "FILLED"


def test_a_late_order_executes_after_its_time(exchange: Running) -> None:
    exchange.control("faults", {"action": "late", "on": "POST /fapi/v1/order", "seconds": 0.05})
    buy(exchange)
    assert placed(exchange) == {}
    until = time.monotonic() + 5
    while not placed(exchange) and time.monotonic() < until:
        time.sleep(0.01)
    assert placed(exchange) == {"mine": 1}


def test_a_client_id_that_was_sent_twice_is_counted_twice(exchange: Running) -> None:
    for _ in range(2):
        buy(exchange)
    assert placed(exchange) == {"mine": 2}


def test_a_hidden_order_is_not_found_and_yet_there(exchange: Running) -> None:
    exchange.control("faults", {"action": "hide", "seconds": 60})
    buy(exchange, type="LIMIT", price=99, timeInForce="GTC")
    assert exchange.rest("GET", "order", symbol="BTCUSDT", origClientOrderId="mine").body["code"] == -2013
    assert exchange.rest("GET", "openOrders").body == []
    assert placed(exchange) == {"mine": 1}


def test_a_hidden_conditional_order_is_not_found_and_yet_there(exchange: Running) -> None:
    exchange.control("faults", {"action": "hide", "seconds": 60})
    stop = {"algoType": "CONDITIONAL", "side": "SELL", "type": "STOP_MARKET", "quantity": 1, "triggerPrice": 95}
    exchange.rest("POST", "algoOrder", symbol="BTCUSDT", clientAlgoId="mine", **stop)
    assert exchange.rest("GET", "algoOrder", clientAlgoId="mine").body["code"] == -2013
    assert exchange.rest("GET", "openAlgoOrders").body == []
    assert placed(exchange) == {"mine": 1}


def test_a_rejection_by_code_does_nothing(exchange: Running) -> None:
    exchange.control("faults", {"action": "error", "on": "POST /fapi/v1/order", "code": -2019})
    assert buy(exchange).body == {"code": -2019, "msg": "Margin is insufficient."}
    assert placed(exchange) == {}


def test_an_execution_comes_in_pieces_that_add_up(exchange: Running) -> None:
    exchange.control("faults", {"action": "split", "pieces": 3})
    buy(exchange)
    trades = exchange.ledger()["trades"]
    assert [trade["qty"] for trade in trades] == ["0.333", "0.333", "0.334"]
    assert sum(float(trade["commission"]) for trade in trades) == pytest.approx(0.05)


def test_the_clock_goes_wrong(exchange: Running) -> None:
    exchange.control("clock", {"skew_ms": 7000})
    assert buy(exchange).body["code"] == -1021
    exchange.control("clock", {"skew_ms": -7000})
    assert buy(exchange).body["code"] == -1021
    exchange.control("clock", {"skew_ms": 0})
    assert buy(exchange).status == 200


def test_maintenance_closes_the_symbol_and_a_delisting_only_lets_out(exchange: Running) -> None:
    buy(exchange)
    exchange.control("symbol", {"symbol": "BTCUSDT", "status": "BREAK"})
    assert buy(exchange, "two").body["code"] == -4141
    (listed,) = exchange.rest("GET", "exchangeInfo", signed=False).body["symbols"]
    assert listed["status"] == "BREAK"
    exchange.control("symbol", {"symbol": "BTCUSDT", "status": "SETTLING"})
    assert buy(exchange, "three").body["code"] == -4140
    assert buy(exchange, "four", side="SELL", reduceOnly="true").status == 200


def test_a_ban_refuses_everything_and_counts_what_comes_anyway(exchange: Running) -> None:
    exchange.control("ban", {"seconds": 60})
    answer = buy(exchange)
    assert (answer.status, answer.body["code"]) == (418, -1003)
    assert 0 < int(answer.headers["retry-after"]) <= 61
    assert exchange.ledger()["requestsWhileBanned"] == 1


def test_an_order_nobody_sent_is_there(exchange: Running) -> None:
    exchange.control("order", BUY | {"newClientOrderId": "adl_autoclose", "side": "SELL"})
    assert exchange.ledger()["positions"] == {"BTCUSDT": "-1"}


def test_the_chances_of_faults_repeat_with_their_seed() -> None:
    def outcomes(seed: int) -> list[int]:
        with running(seed=seed) as exchange:
            exchange.control("faults", {"action": "error", "code": -1008, "times": None, "chance": 0.5, "on": "GET"})
            return [exchange.rest("GET", "ping", signed=False).status for _ in range(30)]

    assert outcomes(3) == outcomes(3) != outcomes(4)
    assert set(outcomes(3)) == {200, 503}


@pytest.mark.parametrize("body", ['{"action": "burn"}', '{"action": "lose", "often": 2}', "[", "3"])
def test_a_fault_that_does_not_exist_is_refused_with_the_place_to_look(exchange: Running, body: str) -> None:
    with pytest.raises(Exception, match="400"):
        exchange.control("faults", json.loads(body) if body != "[" else "[")


class UserStream:
    """The user stream of a local exchange, and what was heard on it."""

    def __init__(self, exchange: Running) -> None:
        self.exchange = exchange

    async def __aenter__(self) -> Self:
        key = (await self.call("POST", "listenKey", signed=False)).body["listenKey"]
        self.socket = await websockets.connect(f"{self.exchange.ws_url}/private/ws?listenKey={key}")
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.socket.close()

    async def call(self, *args: Any, **kwargs: Any) -> Answer:
        return await asyncio.to_thread(self.exchange.rest, *args, **kwargs)

    async def buy(self, client_id: str = "mine") -> Answer:
        return await self.call("POST", "order", newClientOrderId=client_id, **BUY)

    async def arm(self, **fault: Any) -> None:
        await asyncio.to_thread(self.exchange.control, "faults", fault)

    async def heard(self) -> list[tuple[str, str]]:
        """Kinds of all messages until an order marks the end, and what happened in order updates."""
        await self.call("POST", "leverage", symbol="BTCUSDT", leverage=7)
        told: list[tuple[str, str]] = []
        async with asyncio.timeout(10):
            async for text in self.socket:
                message = json.loads(text)
                if message["e"] == "ACCOUNT_CONFIG_UPDATE":
                    return told
                told.append((message["e"], message.get("o", {}).get("x", "")))
        return told


NEW, TRADE = ("ORDER_TRADE_UPDATE", "NEW"), ("ORDER_TRADE_UPDATE", "TRADE")
LITE, ACCOUNT = ("TRADE_LITE", ""), ("ACCOUNT_UPDATE", "")


async def test_without_faults_an_execution_is_told_whole(exchange: Running) -> None:
    async with UserStream(exchange) as stream:
        await stream.buy()
        assert await stream.heard() == [NEW, LITE, ACCOUNT, TRADE]


async def test_exactly_one_message_is_lost(exchange: Running) -> None:
    async with UserStream(exchange) as stream:
        await stream.arm(action="lose", on="private", event="ORDER_TRADE_UPDATE")
        await stream.buy()
        assert await stream.heard() == [LITE, ACCOUNT, TRADE]


async def test_messages_come_twice_and_in_another_order(exchange: Running) -> None:
    async with UserStream(exchange) as stream:
        await stream.arm(action="duplicate", event="TRADE_LITE")
        await stream.arm(action="reorder", event="ACCOUNT_UPDATE")
        await stream.buy()
        assert await stream.heard() == [NEW, LITE, LITE, TRADE, ACCOUNT]


async def test_a_silent_stream_still_answers_pings(exchange: Running) -> None:
    async with UserStream(exchange) as stream:
        await stream.arm(action="lose", on="private", times=None)
        await stream.buy()
        async with asyncio.timeout(5):
            await (await stream.socket.ping())
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await stream.socket.recv()


async def test_a_disconnect_cuts_the_stream(exchange: Running) -> None:
    async with UserStream(exchange) as stream:
        await asyncio.to_thread(exchange.control, "disconnect", {"route": "private"})
        with pytest.raises(websockets.ConnectionClosed):
            async with asyncio.timeout(5):
                await stream.socket.recv()


async def test_an_expired_listen_key_is_told_and_opens_nothing_any_more(exchange: Running) -> None:
    async with UserStream(exchange) as stream:
        await asyncio.to_thread(exchange.control, "listen-key/expire")
        async with asyncio.timeout(5):
            assert json.loads(await stream.socket.recv())["e"] == "listenKeyExpired"
        assert (await stream.call("PUT", "listenKey", signed=False)).body["code"] == -1125
        await stream.buy()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await stream.socket.recv()


def test_the_budget_of_requests_is_enforced_with_429_and_then_418() -> None:
    from tradebot.exchange.settings import RateLimits

    with running(limits=RateLimits(weight_per_minute=10, strikes=2)) as exchange:
        exchange.control("clock", {"skew_ms": 60_000 - time.time_ns() // 1_000_000 % 60_000})  # a minute begins
        statuses = [exchange.rest("GET", "ping", signed=False).status for _ in range(15)]
    assert set(statuses) <= {200, 429, 418}
    assert statuses.count(429) == 3
    assert statuses[-1] == 418


def test_positions_are_liquidated_and_told_as_autoclose() -> None:
    events = [bar(0, 100, 100, 100, 100), bar(1, 100, 100, 40, 41)]
    with running(events, stepped=True) as exchange:
        exchange.step_bar()
        exchange.rest("POST", "leverage", symbol="BTCUSDT", leverage=20)
        buy(exchange, quantity=1000)
        exchange.step_bar()
        ledger = exchange.ledger()
    forced = [order for order in ledger["orders"] if order["clientOrderId"].startswith("autoclose-")]
    assert [order["status"] for order in forced] == ["FILLED"]
    assert ledger["positions"] == {"BTCUSDT": "0"}
