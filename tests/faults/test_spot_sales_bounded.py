"""No sell order of a spot bot leaves for more than the bot has, whatever else of its is under way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

import pytest

from binance_broker import Told, connected_to_spot, order
from local_exchange import SPOT, Running, bar, running
from tradebot.core.holdings import Holdings

OWNERS = Decimal(5)


@asynccontextmanager
async def trading(*closes: float, **settings: Any) -> AsyncIterator[tuple[Running, Told]]:
    """A bot beside another hand's coins; with ``closes`` the market moves a bar at a time when it is told to."""
    if closes:
        before = (closes[0], *closes)
        bars = [bar(n, before[n], max(before[n], c), min(before[n], c), c) for n, c in enumerate(closes)]
        settings |= {"events": bars, "stepped": True}
    with running(instruments=(SPOT,), balances={"BTC": OWNERS}, **settings) as exchange:
        async with connected_to_spot(exchange) as told:
            yield exchange, told


async def step(exchange: Running) -> None:
    await asyncio.to_thread(exchange.step_bar)


def sale(quantity: float) -> Any:
    return order("sell", quantity, reduce_only=True)


def limit(quantity: float) -> Any:
    return order("sell", quantity, type="limit", price=110.0)


def stop(quantity: float = 0.999, trigger: float = 90.0) -> Any:
    return order("sell", quantity, type="stop", trigger=trigger, reduce_only=True)


def owners_coins_are_untouched(exchange: Running, told: Told) -> bool:
    # Less than a lot stays of what the bot has bought, for its fee is told in whole lots.
    dust = Decimal(exchange.ledger()["balances"]["BTC"]) - OWNERS - told.position
    return told.position >= 0 and 0 <= dust < Decimal("0.002")


def working(exchange: Running) -> list[str]:
    rows = exchange.ledger()["orders"]
    return [row["clientOrderId"] for row in rows if row["status"] in ("NEW", "PARTIALLY_FILLED")]


async def test_a_sale_that_waited_while_a_stop_sold_is_cut_down_to_what_is_left() -> None:
    async with trading(100.0, 100.0, 93.0, 93.0, 93.0) as (exchange, told):
        await step(exchange)
        for entry in ("run-1", "run-2"):
            await told.broker.submit(entry, order("buy", 1.0))
        await step(exchange)
        for entry, trigger in (("run-1", 95.0), ("run-2", 90.0)):
            await told.state(entry, "filled")
            await told.broker.submit(f"{entry}-sl", stop(trigger=trigger))
            await told.state(f"{entry}-sl", "accepted")
        exchange.control("faults", {"action": "delay", "on": "DELETE /api/v3/order", "seconds": 1.0})
        changing = asyncio.create_task(told.broker.replace("run-2-sl", trigger=89.0))
        await told.until(lambda: told.broker._sales.turn("BTCUSDT").locked())
        selling = asyncio.create_task(told.broker.submit("run-3", sale(1.998)))
        await step(exchange)
        await told.state("run-1-sl", "filled")
        assert not selling.done()
        await asyncio.gather(changing, selling)
        await step(exchange)
        await told.state("run-3", "filled")
        assert [fill.quantity for fill in told.fills("run-3")] == [Decimal("0.999")]
        assert Decimal("0.999") in {update.quantity for update in told.updates("run-3")}
        assert told.position == 0
        assert owners_coins_are_untouched(exchange, told)


async def test_a_sale_that_was_decided_before_the_stop_was_heard_is_rejected() -> None:
    async with trading(100.0, 100.0, 80.0, 80.0) as (exchange, told):
        await step(exchange)
        await told.broker.submit("run-1", order("buy", 1.0))
        await step(exchange)
        await told.state("run-1", "filled")
        await told.broker.submit("run-1-sl", stop())
        await step(exchange)
        await told.state("run-1-sl", "filled")
        await told.broker.submit("run-2", sale(0.999))
        await told.state("run-2", "rejected")
        assert "nothing is left to sell" in told.updates("run-2")[-1].reason
        assert owners_coins_are_untouched(exchange, told)


async def test_all_that_is_sold_while_a_part_is_under_way_is_the_rest_of_it() -> None:
    async with trading() as (exchange, told):
        await told.broker.submit("run-1", order("buy", 1.0))
        await told.state("run-1", "filled")
        await told.broker.submit("run-1-sl", stop())
        await asyncio.gather(
            told.broker.submit("run-2", sale(0.5)),
            told.broker.cancel("run-2"),
            told.broker.submit("run-3", sale(0.999)),
        )
        await told.until(lambda: told.position == 0)
        sold = [fill.quantity for name in ("run-2", "run-3") for fill in told.fills(name)]
        assert sold == [Decimal("0.5"), Decimal("0.499")]
        await told.state("run-1-sl", "canceled")
        assert working(exchange) == []
        assert owners_coins_are_untouched(exchange, told)


async def test_sales_that_rest_are_to_sell_the_bots_coins_once() -> None:
    async with trading() as (exchange, told):
        await told.broker.submit("run-1", order("buy", 1.0))
        await told.state("run-1", "filled")
        for name, intent in {"run-2": limit(0.999), "run-3": limit(0.999), "run-4": sale(0.999)}.items():
            await told.broker.submit(name, intent)
        await told.state("run-2", "accepted")
        for name in ("run-3", "run-4"):
            await told.state(name, "rejected")
        assert working(exchange) == ["run-2"]
        assert told.position == Decimal("0.999")
        await told.broker.cancel("run-2")
        await told.broker.submit("run-5", sale(0.999))
        await told.until(lambda: told.position == 0)
        assert owners_coins_are_untouched(exchange, told)


async def test_an_exit_does_not_grow_by_coins_that_were_sold() -> None:
    async with trading() as (exchange, told):
        await told.broker.submit("run-1", order("buy", 1.0))
        await told.state("run-1", "filled")
        await told.broker.submit("run-2", sale(0.5))
        await told.until(lambda: told.position == Decimal("0.499"))
        await told.broker.submit("run-1-sl", stop(0.3))
        await told.broker.replace("run-1-sl", quantity=0.999)
        (resting,) = (row for row in exchange.ledger()["orders"] if row["status"] == "NEW")
        assert Decimal(resting["origQty"]) == Decimal("0.499")


@pytest.mark.parametrize("since", [0, 4_000_000_000 * 1_000_000_000], ids=["told once more", "not told again"])
async def test_what_was_bought_before_a_restart_is_sold_once_after_it(since: int) -> None:
    async with trading() as (exchange, told):
        for name in ("run-1", "old-1"):
            await told.broker.submit(name, order("buy", 1.0))
        await told.state("run-1", "filled")
        holdings = Holdings(("run-",))
        for fill in told.fills():
            holdings.record(fill.symbol, fill.trade_id, fill.order_id, fill.signed_quantity)
        await told.broker.close()
        async with connected_to_spot(exchange, since=since, holdings=holdings, prefixes=("run-", "old-")) as again:
            await again.broker.submit("run-2", sale(1.998))
            await again.state("run-2", "filled")
            assert [fill.quantity for fill in again.fills("run-2")] == [Decimal("0.999")]
            await again.broker.submit("run-3", sale(0.999))
            await again.state("run-3", "rejected")


@pytest.mark.parametrize(("order_id", "left"), [("run-2", -2), ("run-halt-1", 0), ("old-2", 1), ("adopted-BTC", 1)])
def test_what_a_halt_sold_for_earlier_runs_too_leaves_no_debt(order_id: str, left: int) -> None:
    holdings = Holdings(("run-",))
    holdings.record("BTCUSDT", "1", "run-1", Decimal(1))
    holdings.record("BTCUSDT", "2", order_id, Decimal(-3))
    assert holdings.of("BTCUSDT") == left
