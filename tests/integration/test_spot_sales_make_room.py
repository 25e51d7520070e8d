"""Sales of spot beside exits that hold the coins: what steps aside, what comes back, and whose coins are sold."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

import pytest

from binance_broker import Told, connected_to_spot, order
from local_exchange import SPOT, Running, running
from tradebot.core.holdings import Holdings

PLACE = "POST /api/v3/order"
OWNERS = {"BTC": Decimal(5)}


@asynccontextmanager
async def bought(*entries: str, balances: dict[str, Decimal]) -> AsyncIterator[tuple[Running, Told]]:
    """A bot that has bought a coin by each entry, with a stop and a target for all that came of it."""
    with running(instruments=(SPOT,), balances=balances) as exchange:
        async with connected_to_spot(exchange) as told:
            for entry in entries:
                await told.broker.submit(entry, order("buy", 1.0))
                await told.state(entry, "filled")
                await told.broker.submit(f"{entry}-sl", stop(0.999))
                await told.broker.submit(f"{entry}-tp", target(0.999))
            yield exchange, told


def stop(quantity: float) -> Any:
    return order("sell", quantity, type="stop", trigger=90.0, reduce_only=True)


def target(quantity: float) -> Any:
    return order("sell", quantity, type="limit", price=110.0, reduce_only=True)


def sale(quantity: float) -> Any:
    return order("sell", quantity, reduce_only=True)


def working(exchange: Running) -> list[tuple[str, float, float]]:
    """Orders that work at the exchange: our name, quantity, and the price that counts."""
    rows = [row for row in exchange.ledger()["orders"] if row["status"] in ("NEW", "PARTIALLY_FILLED")]
    return sorted(
        (
            row["clientOrderId"].partition("__")[0],
            float(row["origQty"]),
            float(row["stopPrice"]) or float(row["price"]),
        )
        for row in rows
    )


@pytest.mark.parametrize("balances", [{}, OWNERS], ids=["alone", "beside another hand's coins"])
async def test_exits_come_back_for_what_a_sale_has_left(balances: dict[str, Decimal]) -> None:
    async with bought("run-1", balances=balances) as (exchange, told):
        await told.broker.submit("run-2", sale(0.5))
        await told.until(lambda: working(exchange) == [("run-1-sl", 0.499, 90.0), ("run-1-tp", 0.499, 110.0)])
        for name in ("run-1-sl", "run-1-tp"):
            await told.until(lambda name=name: told.updates(name)[-1].quantity == Decimal("0.499"))
            assert "canceled" not in told.states(name)


async def test_exits_of_the_latest_entry_come_back_in_full() -> None:
    async with bought("run-1", "run-2", balances=OWNERS) as (exchange, told):
        await told.broker.submit("run-3", sale(0.5))
        await told.until(
            lambda: [row[:2] for row in working(exchange)][::2] == [("run-1-sl", 0.499), ("run-2-sl", 0.999)]
        )


async def test_exits_of_a_position_that_was_sold_are_gone_and_sell_no_coins_of_another_hand() -> None:
    async with bought("run-1", balances=OWNERS) as (exchange, told):
        await told.broker.submit("run-2", sale(0.999))
        for name in ("run-1-sl", "run-1-tp"):
            await told.state(name, "canceled")
        assert working(exchange) == []


async def test_after_a_restart_exits_come_back_for_what_a_sale_has_left() -> None:
    async with bought("run-1", balances=OWNERS) as (exchange, told):
        await told.broker.close()
        holdings = Holdings(("run-",))
        for fill in told.fills():
            holdings.record(fill.symbol, fill.trade_id, fill.order_id, fill.signed_quantity)
        async with connected_to_spot(exchange, since=time.time_ns(), holdings=holdings) as again:
            await again.broker.snapshot()
            await again.broker.submit("run-2", sale(0.5))
            await again.until(lambda: [row[1] for row in working(exchange)] == [0.499] * 2)


async def test_an_exit_that_is_changed_while_it_is_aside_comes_back_once_and_changed() -> None:
    async with bought("run-1", balances=OWNERS) as (exchange, told):
        exchange.control("faults", {"action": "delay", "seconds": 0.5, "on": PLACE})
        selling = asyncio.create_task(told.broker.submit("run-2", sale(0.5)))
        await told.until(lambda: working(exchange) == [])
        await told.broker.replace("run-1-sl", trigger=91.0)
        await selling
        await told.until(lambda: working(exchange) == [("run-1-sl", 0.499, 91.0), ("run-1-tp", 0.499, 110.0)])


async def test_exits_whose_sale_has_ended_are_back_when_the_broker_is_closed() -> None:
    async with bought("run-1", balances=OWNERS) as (exchange, told):
        await told.broker.submit("run-2", sale(0.5))
        await told.state("run-2", "filled")
        await told.broker.close()
        assert [row[1] for row in working(exchange)] == [0.499] * 2


@pytest.mark.parametrize("balances", [{}, OWNERS], ids=["alone", "beside another hand's coins"])
async def test_a_sale_that_rests_is_refused_while_exits_hold_the_coins(balances: dict[str, Decimal]) -> None:
    async with bought("run-1", balances=balances) as (exchange, told):
        before = working(exchange)
        await told.broker.submit("run-2", order("sell", 0.5, type="limit", price=120.0))
        await told.state("run-2", "rejected")
        assert "exits hold 0.999" in told.updates("run-2")[-1].reason
        assert working(exchange) == before


async def test_a_sale_that_rests_takes_coins_that_no_exit_holds() -> None:
    async with bought("run-1", balances={}) as (exchange, told):
        await told.broker.submit("run-2", order("buy", 0.5))
        await told.state("run-2", "filled")
        await told.broker.submit("run-3", order("sell", 0.499, type="limit", price=120.0))
        await told.state("run-3", "accepted")
        assert ("run-3", 0.499, 120.0) in working(exchange)
