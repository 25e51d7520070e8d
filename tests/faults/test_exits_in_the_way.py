"""A venue that counts resting exits against the position takes nothing else that closes it, until they are gone."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from binance_broker import connected, order
from local_exchange import Running, running
from tradebot.exchange.desk import Desk
from tradebot.exchange.refusals import Refusal


@pytest.fixture
def exchange(monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    """An exchange of which the exits in the book leave nothing to close."""
    prepare = Desk.prepare

    def counting(self: Desk, params: Any) -> Any:
        prepared = prepare(self, params)
        resting = [each for each in self._state.orders.open(prepared.symbol) if each.reduce_only]
        if prepared.reduce_only and prepared.kind == "MARKET" and resting:
            raise Refusal(-4118)
        return prepared

    monkeypatch.setattr(Desk, "prepare", counting)
    with running() as started:
        yield started


async def test_a_target_in_the_book_does_not_keep_its_position_open(exchange: Running) -> None:
    async with connected(exchange) as told:
        await told.broker.submit("run-0", order("buy", 2))
        await told.broker.submit("run-0-sl", order("sell", 2, type="stop", trigger=90.0, reduce_only=True))
        await told.broker.submit("run-0-tp", order("sell", 2, type="limit", price=110.0, reduce_only=True))
        await told.state("run-0-tp", "accepted")
        await told.broker.submit("run-0-x", order("sell", 2, reduce_only=True))
        await told.state("run-0-x", "filled")
        assert told.position == 0
        assert told.states("run-0-tp")[-1] == "canceled"
    assert [row["status"] for row in exchange.ledger()["orders"]] == ["FILLED", "CANCELED", "FILLED"]


async def test_what_closes_all_in_pieces_makes_way_too(exchange: Running) -> None:
    async with connected(exchange) as told:
        await told.broker.submit("run-0", order("buy", 2))
        await told.broker.submit("run-0-tp", order("sell", 2, type="limit", price=110.0, reduce_only=True))
        await told.state("run-0-tp", "accepted")
        rules = told.broker._rules
        rules["BTCUSDT"] = msgspec.structs.replace(rules["BTCUSDT"], market_max=Decimal("0.8"))
        await told.broker.submit("run-0-x", order("sell", 2, reduce_only=True))
        await told.state("run-0-x", "filled")
        assert told.states("run-0-tp")[-1] == "canceled"


async def test_what_closes_a_part_leaves_the_target_of_the_rest(exchange: Running) -> None:
    async with connected(exchange) as told:
        await told.broker.submit("run-0", order("buy", 2))
        await told.broker.submit("run-0-tp", order("sell", 2, type="limit", price=110.0, reduce_only=True))
        await told.state("run-0-tp", "accepted")
        await told.broker.submit("run-0-x", order("sell", 1, reduce_only=True))
        await told.state("run-0-x", "rejected")
        assert told.states("run-0-tp") == ["accepted"]


async def test_an_order_of_another_hand_is_left_and_the_refusal_is_told(exchange: Running) -> None:
    async with connected(exchange) as told:
        await told.broker.submit("run-0", order("buy", 2))
        await told.state("run-0", "filled")
        by_hand: dict[str, Any] = {
            "symbol": "BTCUSDT",
            "side": "SELL",
            "type": "LIMIT",
            "timeInForce": "GTC",
            "price": "110",
        }
        exchange.rest("POST", "order", quantity="1", reduceOnly="true", newClientOrderId="by-hand", **by_hand)
        await told.broker.submit("run-0-x", order("sell", 2, reduce_only=True))
        await told.state("run-0-x", "rejected")
    assert [row["status"] for row in exchange.ledger()["orders"]] == ["FILLED", "NEW"]
