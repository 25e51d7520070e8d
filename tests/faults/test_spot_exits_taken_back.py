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
from tradebot.core.order import OrderState

CANCEL = "DELETE /api/v3/order"
REFUSED = {"action": "error", "code": -2010, "on": CANCEL}
# Lets one request pass, so that what is armed behind it meets the second.
PASS = {"action": "delay", "seconds": 0, "on": CANCEL}
DEAF = {"action": "lose", "on": "private", "times": None}


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


@pytest.mark.parametrize(("name", "other"), [("run-1-sl", "run-1-tp"), ("run-1-tp", "run-1-sl")])
async def test_a_cancellation_without_an_answer_is_asked_about_and_its_partner_stays(name: str, other: str) -> None:
    async with protected("run-1") as (exchange, told):
        await told.broker.submit("run-1-tp", target())
        exchange.control("faults", [{"action": "error_after", "code": -1006, "on": CANCEL}, DEAF])
        await told.broker.cancel(name)
        await told.state(name, "canceled")
        assert [row[0].partition("__")[0] for row in working(exchange)] == [other]
        assert "unknown" not in told.states(other)


async def test_a_cancellation_that_has_not_arrived_leaves_the_exits_as_they_are() -> None:
    async with protected("run-1") as (exchange, told):
        await told.broker.submit("run-1-tp", target())
        resting = working(exchange)
        exchange.control("faults", {"action": "drop", "on": CANCEL, "times": None})
        await told.broker.submit("run-2", order("sell", 0.5, reduce_only=True))
        await told.state("run-2", "rejected")
        assert working(exchange) == resting
        assert {*told.states("run-1-sl"), *told.states("run-1-tp")} == {"accepted"}


@pytest.mark.parametrize("name", ["run-1-sl", "run-1-tp"])
async def test_exits_of_which_nobody_knows_whether_they_went_are_unknown_and_asked_about(name: str) -> None:
    async with protected("run-1") as (exchange, told):
        await told.broker.submit("run-1-tp", target())
        mute = {"action": "error", "code": -1100, "on": "GET /api/v3/order", "times": 2}
        exchange.control("faults", [{"action": "error_after", "code": -1006, "on": CANCEL}, DEAF, mute])
        await told.broker.cancel(name)
        for each in ("run-1-sl", "run-1-tp"):
            await told.state(each, "unknown")
            await told.broker.query(each)
            await told.state(each, "canceled")


async def test_what_nobody_foresaw_while_exits_are_taken_back_leaves_none_away(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with protected("run-1", "run-2") as (exchange, told):
        settling: Any = told.broker._room._exits._settling
        cancel, foreseen = settling.cancel, [True, False]

        async def failing(known: Any) -> Any:
            if not foreseen.pop(0):
                raise RuntimeError("unforeseen")
            return await cancel(known)

        settling.cancel = failing
        await told.broker.submit("run-3", order("sell", 1.998, reduce_only=True))
        await told.state("run-3", "rejected")
        await told.state("run-2-sl", "unknown")
        assert sorted(working(exchange)) == [("run-1-sl__2", "STOP_LOSS"), ("run-2-sl", "STOP_LOSS")]
        sales = told.broker._sales
        assert (sales.turn("BTCUSDT").locked(), sales.asides, sales._away) == (False, {}, set())
    assert [each.levelname for each in caplog.records if "unforeseen" in each.getMessage()] == ["CRITICAL"]


async def test_what_nobody_foresaw_amid_a_change_leaves_its_exits_in_doubt(caplog: pytest.LogCaptureFixture) -> None:
    async with protected("run-1") as (_, told):
        sales: Any = told.broker._sales

        def failing(*_: Any) -> None:
            raise RuntimeError("unforeseen")

        sales.take_over = failing
        await told.broker.submit("run-1-tp", target())
        for name in ("run-1-sl", "run-1-tp"):
            await told.state(name, "unknown")
        assert (sales.turn("BTCUSDT").locked(), sales._away) == (False, set())
        await told.broker.query("run-1-sl")
        await told.state("run-1-sl", "canceled")
    assert [each.levelname for each in caplog.records if "unforeseen" in each.getMessage()] == ["CRITICAL"]


async def test_a_stop_that_has_ended_by_what_was_told_and_works_is_taken_back_when_that_is_asked_for() -> None:
    async with protected("run-1") as (exchange, told):
        known: Any = told.broker._names.get("run-1-sl")
        known.state = OrderState.CANCELED
        await told.broker.cancel("run-1-sl")
        assert working(exchange) == [("run-1-sl", "STOP_LOSS")]
        await told.broker.snapshot()
        await told.broker.cancel("run-1-sl")
        assert working(exchange) == []
