"""Spot exits that are taken back for another order, and what fails on the way: no position loses its stop by it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from binance_broker import Told, connected_to_spot, order
from local_exchange import SPOT, Running, running
from tradebot.core.event import OrderNotFound

CANCEL = "DELETE /api/v3/order"
REFUSED = {"action": "error", "code": -2010, "on": CANCEL}
# Lets one request pass, so that what is armed behind it meets the second.
PASS = {"action": "delay", "seconds": 0, "on": CANCEL}


@asynccontextmanager
async def protected(*entries: str, **settings: Any) -> AsyncIterator[tuple[Running, Told]]:
    """A bot that has bought a coin by each entry, with a stop for it."""
    with running(instruments=(SPOT,), **settings) as exchange:
        async with connected_to_spot(exchange) as told:
            for entry in entries:
                await told.broker.submit(entry, order("buy", 1.0))
                await told.state(entry, "filled")
                await told.broker.submit(f"{entry}-sl", stop())
            yield exchange, told


def stop(quantity: float = 0.999) -> Any:
    return order("sell", quantity, type="stop", trigger=90.0, reduce_only=True)


def target(quantity: float = 0.999) -> Any:
    return order("sell", quantity, type="limit", price=110.0, reduce_only=True)


def working(exchange: Running) -> list[tuple[str, str]]:
    """Orders that work at the exchange: client id and type."""
    rows = [row for row in exchange.ledger()["orders"] if row["status"] in ("NEW", "PARTIALLY_FILLED")]
    return [(row["clientOrderId"], row["type"]) for row in rows]


async def test_a_stop_that_could_not_be_taken_back_rests_on_as_it_was() -> None:
    async with protected("run-1") as (exchange, told):
        exchange.control("faults", REFUSED)
        await told.broker.submit("run-1-tp", target())
        await told.state("run-1-tp", "rejected")
        assert working(exchange) == [("run-1-sl", "STOP_LOSS")]
        assert told.states("run-1-sl") == ["accepted"]


async def test_a_sale_that_cannot_have_all_exits_leaves_them_all() -> None:
    async with protected("run-1", "run-2") as (exchange, told):
        exchange.control("faults", [PASS, REFUSED])
        await told.broker.submit("run-3", order("sell", 1.998, reduce_only=True))
        await told.state("run-3", "rejected")
        assert sorted(working(exchange)) == [("run-1-sl__2", "STOP_LOSS"), ("run-2-sl", "STOP_LOSS")]
        assert {*told.states("run-1-sl"), *told.states("run-2-sl")} == {"accepted"}


async def test_a_target_that_is_taken_back_takes_its_stop_off_for_one_request_alone() -> None:
    async with protected("run-1") as (exchange, told):
        await told.broker.submit("run-1-tp", target())
        exchange.control("faults", [PASS, REFUSED])
        await told.broker.cancel("run-1-tp")
        await told.state("run-1-tp", "canceled")
        assert working(exchange) == [("run-1-sl__3", "STOP_LOSS")]
        asked = len(told.updates("run-1-sl"))
        await told.broker.query("run-1-sl")
        await told.until(lambda: len(told.updates("run-1-sl")) > asked)
        assert told.states("run-1-sl") == ["accepted"]


async def test_a_stop_that_is_to_go_while_it_is_placed_anew_goes() -> None:
    async with protected("run-1") as (exchange, told):
        exchange.control("faults", {"action": "delay", "seconds": 1, "on": "POST /api/v3/orderList/oco"})
        adding = asyncio.create_task(told.broker.submit("run-1-tp", target()))
        await told.until(lambda: working(exchange) == [])
        await asyncio.sleep(0.3)
        await told.broker.cancel("run-1-sl")
        await told.state("run-1-sl", "canceled")
        await adding
        assert [row[0] for row in working(exchange)] == ["run-1-tp__2"]
        assert not any(isinstance(event, OrderNotFound) for event in told.events)


@pytest.mark.parametrize("name", ["run-1-sl", "run-1-tp"])
async def test_exits_of_which_nobody_knows_whether_they_went_are_unknown_and_asked_about(name: str) -> None:
    async with protected("run-1") as (exchange, told):
        await told.broker.submit("run-1-tp", target())
        lost = {"action": "lose", "on": "private", "times": None}
        exchange.control("faults", [{"action": "error_after", "code": -1006, "on": CANCEL}, lost])
        await told.broker.cancel(name)
        for each in ("run-1-sl", "run-1-tp"):
            await told.state(each, "unknown")
            await told.broker.query(each)
            await told.state(each, "canceled")
