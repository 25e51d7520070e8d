"""Spot exits that are off the venue for a moment: what sales, comparisons and a broken stream make of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

from binance_broker import Told, connected_to_spot, order
from local_exchange import SPOT, Running, bar, running
from tradebot.brokers.binance.user_stream import UserStreamPatience

PLACE = "POST /api/v3/order"
PAIR = "POST /api/v3/orderList/oco"
TRADES = "GET /api/v3/myTrades"
DEAF = {"action": "lose", "on": "private", "times": None}
# A stream that says nothing is noticed only by what is asked.
PATIENT = UserStreamPatience(first_s=0.05, longest_s=0.2, evidence_s=60.0)


@asynccontextmanager
async def protected(*entries: str, **settings: Any) -> AsyncIterator[tuple[Running, Told]]:
    """A bot beside another hand's coins that has bought a coin by each entry, with a stop and a target for it."""
    with running(instruments=(SPOT,), balances={"BTC": Decimal(5)}) as exchange:
        async with connected_to_spot(exchange, **settings) as told:
            for entry in entries:
                await bought(told, entry)
                await told.broker.submit(f"{entry}-sl", stop())
                await told.broker.submit(f"{entry}-tp", target())
            yield exchange, told


async def bought(told: Told, entry: str) -> None:
    await told.broker.submit(entry, order("buy", 1.0))
    await told.state(entry, "filled")


def stop(quantity: float = 0.999) -> Any:
    return order("sell", quantity, type="stop", trigger=90.0, reduce_only=True)


def target(quantity: float = 0.999) -> Any:
    return order("sell", quantity, type="limit", price=110.0, reduce_only=True)


def sale(quantity: float = 0.5) -> Any:
    return order("sell", quantity, reduce_only=True)


def resting_sale(quantity: float = 0.5) -> Any:
    return order("sell", quantity, type="limit", price=120.0)


def working(exchange: Running) -> list[tuple[str, float]]:
    """Orders that work at the exchange: our name, and quantity."""
    rows = [row for row in exchange.ledger()["orders"] if row["status"] in ("NEW", "PARTIALLY_FILLED")]
    return sorted((row["clientOrderId"].partition("__")[0], float(row["origQty"])) for row in rows)


RESTORED = [("run-1-sl", 0.499), ("run-1-tp", 0.499)]


async def compared(told: Told) -> list[tuple[str, Decimal]]:
    snapshot = await told.broker.snapshot()
    return sorted((each.order_id, each.quantity) for each in snapshot.orders)


async def test_a_comparison_finds_exits_that_have_made_room_for_a_sale() -> None:
    async with protected("run-1") as (exchange, told):
        exchange.control("faults", {"action": "delay", "seconds": 1.5, "on": PLACE})
        selling = asyncio.create_task(told.broker.submit("run-2", sale()))
        await told.until(lambda: working(exchange) == [])
        assert await compared(told) == [("run-1-sl", Decimal("0.999")), ("run-1-tp", Decimal("0.999"))]
        await selling


async def test_a_comparison_finds_exits_that_are_placed_anew() -> None:
    async with protected() as (exchange, told):
        await bought(told, "run-1")
        await told.broker.submit("run-1-sl", stop())
        exchange.control("faults", {"action": "delay", "seconds": 1.5, "on": PAIR})
        adding = asyncio.create_task(told.broker.submit("run-1-tp", target()))
        await told.until(lambda: working(exchange) == [])
        assert ("run-1-sl", Decimal("0.999")) in await compared(told)
        await adding


async def test_a_comparison_brings_exits_back_whose_sale_has_ended_unheard() -> None:
    async with protected("run-1", stream=PATIENT) as (exchange, told):
        exchange.control("faults", DEAF)
        await told.broker.submit("run-2", sale())
        await told.broker.snapshot()
        await told.until(lambda: working(exchange) == RESTORED)


async def test_a_stream_that_is_opened_again_brings_exits_back_whose_sale_has_ended_unheard() -> None:
    async with protected("run-1", stream=PATIENT) as (exchange, told):
        exchange.control("faults", DEAF)
        await told.broker.submit("run-2", sale())
        exchange.control("disconnect", {"route": "private"})
        await told.until(lambda: working(exchange) == RESTORED)


async def test_whoever_asks_about_an_exit_that_made_room_learns_of_its_sale() -> None:
    async with protected("run-1", stream=PATIENT) as (exchange, told):
        exchange.control("faults", DEAF)
        await told.broker.submit("run-2", sale())
        await told.broker.query("run-1-sl")
        await told.until(lambda: working(exchange) == RESTORED)


async def test_a_broker_that_is_closed_asks_about_the_sale_first() -> None:
    async with protected("run-1", stream=PATIENT) as (exchange, told):
        exchange.control("faults", [DEAF, {"action": "lose_answer", "on": PLACE}])
        await told.broker.submit("run-2", sale())
        await told.state("run-2", "unknown")
        await told.broker.close()
        assert working(exchange) == RESTORED


async def test_a_sale_that_is_not_found_once_has_not_ended() -> None:
    async with protected("run-1") as (exchange, told):
        exchange.control("faults", {"action": "late", "seconds": 1.5, "on": PLACE})
        await told.broker.submit("run-2", sale())
        await told.broker.query("run-2")
        await asyncio.sleep(1.0)
        assert working(exchange) == []
        await told.until(lambda: working(exchange) == RESTORED)


async def test_exits_come_back_when_a_sale_can_arrive_no_more() -> None:
    async with protected("run-1") as (exchange, told):
        exchange.control("faults", {"action": "drop", "on": PLACE})
        await told.broker.submit("run-2", sale())
        await told.state("run-2", "unknown")
        await asyncio.sleep(3.1)
        await told.broker.query("run-2")
        await told.until(lambda: working(exchange) == [("run-1-sl", 0.999), ("run-1-tp", 0.999)])


async def test_two_sales_at_once_leave_exits_for_what_both_have_left() -> None:
    async with protected("run-1") as (exchange, told):
        exchange.control("faults", {"action": "delay", "seconds": 1.0, "on": PLACE})
        first = asyncio.create_task(told.broker.submit("run-2", sale(0.3)))
        await told.until(lambda: working(exchange) == [])
        await told.broker.submit("run-3", sale(0.2))
        await told.state("run-3", "filled")
        await first
        await told.until(lambda: working(exchange) == RESTORED)


async def test_an_exit_that_comes_while_a_sale_is_under_way_waits_for_its_end() -> None:
    async with protected() as (exchange, told):
        await bought(told, "run-1")
        await told.broker.submit("run-1-sl", stop())
        exchange.control("faults", {"action": "delay", "seconds": 1.0, "on": PLACE})
        selling = asyncio.create_task(told.broker.submit("run-2", sale()))
        await told.until(lambda: working(exchange) == [])
        await told.broker.submit("run-1-tp", target())
        assert working(exchange) == []
        await selling
        await told.until(lambda: working(exchange) == RESTORED)


async def test_a_sale_that_rests_gets_no_coins_of_exits_that_are_placed_anew() -> None:
    async with protected() as (exchange, told):
        await bought(told, "run-1")
        await told.broker.submit("run-1-sl", stop())
        exchange.control("faults", {"action": "delay", "seconds": 1, "on": PAIR})
        adding = asyncio.create_task(told.broker.submit("run-1-tp", target()))
        await told.until(lambda: working(exchange) == [])
        await told.broker.submit("run-2", resting_sale())
        await told.state("run-2", "rejected")
        await adding
        assert [name for name, _ in working(exchange)] == ["run-1-sl", "run-1-tp"]


async def test_two_sales_that_rest_share_the_coins_that_no_exit_holds() -> None:
    async with protected("run-1") as (exchange, told):
        await told.broker.submit("run-2", order("buy", 0.5))
        await told.state("run-2", "filled")
        await told.broker.submit("run-3", resting_sale(0.3))
        await told.state("run-3", "accepted")
        await told.broker.submit("run-4", resting_sale(0.3))
        await told.state("run-4", "rejected")
        await told.broker.replace("run-3", quantity=0.6)
        assert ("run-3", 0.3) in working(exchange)


async def test_exits_come_back_without_the_coins_of_a_sale_that_rests() -> None:
    async with protected("run-1") as (exchange, told):
        await told.broker.submit("run-2", order("buy", 0.5))
        await told.state("run-2", "filled")
        await told.broker.submit("run-3", resting_sale(0.4995))
        await told.state("run-3", "accepted")
        await told.broker.submit("run-4", sale())
        await told.until(lambda: working(exchange) == [*RESTORED, ("run-3", 0.4995)])


async def test_a_stop_that_is_put_back_takes_the_place_of_the_one_that_rests() -> None:
    async with protected("run-1") as (exchange, told):
        await told.broker.submit("run-1-sl2", stop())
        await told.state("run-1-sl", "canceled")
        assert [name for name, _ in working(exchange)] == ["run-1-sl2", "run-1-tp"]
        await told.broker.submit("run-2", sale())
        await told.until(lambda: working(exchange) == [("run-1-sl2", 0.499), ("run-1-tp", 0.499)])


async def test_a_stop_that_is_put_back_and_refused_leaves_the_one_that_rested() -> None:
    async with protected("run-1") as (exchange, told):
        exchange.control("faults", {"action": "error", "code": -2010, "on": PAIR})
        await told.broker.submit("run-1-sl2", stop())
        await told.state("run-1-sl2", "rejected")
        assert [name for name, _ in working(exchange)] == ["run-1-sl", "run-1-tp"]


async def test_a_stop_is_not_put_beside_one_that_may_still_arrive() -> None:
    async with protected() as (exchange, told):
        await bought(told, "run-1")
        exchange.control("faults", {"action": "late", "seconds": 1.5, "on": PLACE})
        adding = asyncio.create_task(told.broker.submit("run-1-sl", stop()))
        await told.until(lambda: told.broker._sales.turn("BTCUSDT").locked())
        await told.broker.submit("run-1-sl2", stop())
        await adding
        assert working(exchange) == [("run-1-sl2", 0.999)]
        assert told.states("run-1-sl")[-1] == "canceled"


async def test_exits_whose_trades_could_not_be_asked_for_are_unknown_and_asked_about() -> None:
    market = [bar(0, 100, 100, 100, 100), bar(1, 100, 100, 100, 100), bar(2, 100, 115, 100, 100, volume=40.0)]
    settings: Any = {"participation": 0.01, "balances": {"BTC": Decimal(5)}}
    with running(market, instruments=(SPOT,), stepped=True, **settings) as exchange:
        async with connected_to_spot(exchange, stream=PATIENT) as told:
            await asyncio.to_thread(exchange.step_bar)
            await told.broker.submit("run-1", order("buy", 1.0))
            await asyncio.to_thread(exchange.step_bar)
            await told.state("run-1", "filled")
            await told.broker.submit("run-1-tp", target())
            exchange.control("faults", [DEAF, {"action": "error", "code": -1100, "on": TRADES}])
            await asyncio.to_thread(exchange.step_bar)
            await told.broker.submit("run-2", sale(0.1))
            await told.state("run-2", "rejected")
            await told.state("run-1-tp", "unknown")
            await told.broker.query("run-1-tp")
            await told.state("run-1-tp", "canceled")
            assert sum(fill.quantity for fill in told.fills("run-1-tp")) == Decimal("0.4")


async def test_a_submission_that_nobody_waits_for_any_more_is_brought_to_its_end() -> None:
    async with protected() as (exchange, told):
        await bought(told, "run-1")
        await told.broker.submit("run-1-sl", stop())
        exchange.control("faults", {"action": "delay", "seconds": 1, "on": PAIR})
        adding = asyncio.create_task(told.broker.submit("run-1-tp", target()))
        await told.until(lambda: working(exchange) == [])
        adding.cancel()
        await told.broker.close()
        assert [name for name, _ in working(exchange)] == ["run-1-sl", "run-1-tp"]
