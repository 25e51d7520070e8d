"""The spot broker on the local exchange: every order, its exits as pairs, and coins that fees take."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

import pytest

from binance_broker import Told, connected_to_spot, order
from local_exchange import SPOT, Running, bar, running
from tradebot.core.fill import Fill

FLAT = [bar(n, 100, 100, 100, 100) for n in range(3)]


@asynccontextmanager
async def trading(events: list[Any] | None = None, **settings: Any) -> AsyncIterator[tuple[Running, Told]]:
    with running(events, instruments=(SPOT,), **({"balances": {"BTC": Decimal(5)}} | settings)) as exchange:
        async with connected_to_spot(exchange) as told:
            yield exchange, told


def working(exchange: Running) -> list[tuple[str, str, float, float]]:
    """Orders that work at the exchange: client id, type, quantity, and the price that counts."""
    rows = [row for row in exchange.ledger()["orders"] if row["status"] in ("NEW", "PARTIALLY_FILLED")]
    prices = [float(row["stopPrice"]) or float(row["price"]) for row in rows]
    return [
        (row["clientOrderId"], row["type"], float(row["origQty"]), price)
        for row, price in zip(rows, prices, strict=True)
    ]


def exits(quantity: float) -> dict[str, Any]:
    stop = order("sell", quantity, type="stop", trigger=90.0, reduce_only=True)
    return {"run-1-sl": stop, "run-1-tp": order("sell", quantity, type="limit", price=110.0, reduce_only=True)}


async def test_a_buy_brings_its_coins_less_those_the_fee_took() -> None:
    async with trading() as (exchange, told):
        await told.broker.submit("run-1", order("buy", 1.2345))
        await told.state("run-1", "filled")
        fill, taken = told.fills()
        assert (fill.quantity, fill.fee, fill.fee_currency) == (Decimal("1.2345"), Decimal("0.0012345"), "BTC")
        assert (taken.order_id, taken.side, taken.quantity) == ("commission-run-1", "sell", Decimal("0.00124"))
        # In whole lots, and never more than the account has.
        brought = Decimal(exchange.ledger()["balances"]["BTC"]) - 5
        assert Decimal(0) <= brought - told.position < SPOT.lot_size


async def test_the_money_of_the_books_is_there_however_often_is_bought() -> None:
    async with trading() as (exchange, told):
        before = Decimal(exchange.ledger()["balances"]["USDT"])
        for n in range(1, 8):
            exchange.control("faults", {"action": "split", "pieces": n + 1})
            await told.broker.submit(f"run-{n}", order("buy", 0.1234 * n))
            await told.state(f"run-{n}", "filled")
        spent = before - Decimal(exchange.ledger()["balances"]["USDT"])
        booked = sum(money_of(fill) for fill in told.fills())
        # What is booked beyond it is less than a lot of each order, and none of it is money that is not there.
        assert 0 <= booked - spent < 7 * SPOT.lot_size * 100


def money_of(fill: Fill) -> Decimal:
    """What a trade takes out of the books' money, as the books reckon it."""
    fee = fill.fee if fill.fee_currency == "USDT" else fill.fee * fill.price
    return fill.signed_quantity * fill.price + fee


async def test_the_fees_of_an_orders_trades_are_rounded_once() -> None:
    async with trading() as (exchange, told):
        exchange.control("faults", {"action": "split", "pieces": 7})
        await told.broker.submit("run-1", order("buy", 0.7))
        await told.state("run-1", "filled")
        brought = Decimal(exchange.ledger()["balances"]["BTC"]) - 5
        assert Decimal(0) <= brought - told.position < SPOT.lot_size


async def test_a_stop_and_a_target_rest_as_a_pair_of_what_the_entry_has_brought() -> None:
    async with trading() as (exchange, told):
        await told.broker.submit("run-1", order("buy", 1.0))
        await told.state("run-1", "filled")
        for name, intent in exits(1.0).items():
            await told.broker.submit(name, intent)
        assert working(exchange) == [
            ("run-1-tp", "LIMIT_MAKER", 0.999, 110.0),
            ("run-1-sl__2", "STOP_LOSS", 0.999, 90.0),
        ]
        await told.state("run-1-tp", "accepted")
        assert told.updates("run-1-tp")[-1].quantity == Decimal("0.999")
        snapshot = await told.broker.snapshot()
        assert {each.order_id: each.reduce_only for each in snapshot.orders} == {"run-1-sl": True, "run-1-tp": True}


@pytest.mark.parametrize(
    ("moved", "filled", "gone"),
    [
        (bar(3, 100, 111, 100, 111), "run-1-tp", "run-1-sl"),
        (bar(3, 100, 100, 89, 89), "run-1-sl", "run-1-tp"),
    ],
)
async def test_one_exit_fills_and_the_other_goes(moved: Any, filled: str, gone: str) -> None:
    async with trading([*FLAT, moved], stepped=True) as (exchange, told):
        await asyncio.to_thread(exchange.step_bar)
        await told.broker.submit("run-1", order("buy", 1.0))
        await asyncio.to_thread(exchange.step_bar)
        await told.state("run-1", "filled")
        for name, intent in exits(1.0).items():
            await told.broker.submit(name, intent)
        await asyncio.to_thread(exchange.step_bar, 2)
        await told.state(filled, "filled")
        await told.state(gone, "expired")
        assert told.position == 0
        assert Decimal(exchange.ledger()["balances"]["BTC"]) == 5


async def test_an_exit_grows_with_its_pair() -> None:
    async with trading() as (exchange, told):
        await told.broker.submit("run-1", order("buy", 2.0))
        await told.state("run-1", "filled")
        for name, intent in exits(1.0).items():
            await told.broker.submit(name, intent)
        await told.broker.replace("run-1-sl", quantity=1.5)
        await told.broker.replace("run-1-tp", quantity=1.5)
        assert [row[2] for row in working(exchange)] == [1.5] * 2
        assert [each.quantity for each in (await told.broker.snapshot()).orders] == [Decimal("1.5")] * 2
        assert not {"canceled", "expired"} & {*told.states("run-1-sl"), *told.states("run-1-tp")}


async def test_an_exit_that_is_taken_back_leaves_its_partner() -> None:
    async with trading() as (exchange, told):
        await told.broker.submit("run-1", order("buy", 1.0))
        await told.state("run-1", "filled")
        for name, intent in exits(1.0).items():
            await told.broker.submit(name, intent)
        await told.broker.cancel("run-1-tp")
        await told.state("run-1-tp", "canceled")
        assert [row[1] for row in working(exchange)] == ["STOP_LOSS"]


async def test_a_sale_at_the_market_takes_the_exits_coins_and_they_go_with_the_position() -> None:
    async with trading() as (exchange, told):
        await told.broker.submit("run-1", order("buy", 1.0))
        await told.state("run-1", "filled")
        for name, intent in exits(1.0).items():
            await told.broker.submit(name, intent)
        await told.broker.submit("run-2", order("sell", 0.999, reduce_only=True))
        await told.state("run-2", "filled")
        for name in exits(1.0):
            await told.broker.cancel(name)
            await told.state(name, "canceled")
        assert working(exchange) == []
        assert told.position == 0


async def test_exits_come_back_after_a_sale_of_a_part() -> None:
    async with trading(balances={}) as (exchange, told):
        await told.broker.submit("run-1", order("buy", 1.0))
        await told.state("run-1", "filled")
        await told.broker.submit("run-1-sl", exits(0.4)["run-1-sl"])
        await told.broker.submit("run-2", order("sell", 0.5, reduce_only=True))
        await told.state("run-2", "filled")
        await told.until(lambda: [row[2] for row in working(exchange)] == [0.4])
        assert "canceled" not in told.states("run-1-sl")


async def test_a_sale_that_rests_gets_no_coins_of_the_exits() -> None:
    async with trading(balances={}) as (exchange, told):
        await told.broker.submit("run-1", order("buy", 1.0))
        await told.state("run-1", "filled")
        await told.broker.submit("run-1-sl", exits(1.0)["run-1-sl"])
        await told.broker.submit("run-2", order("sell", 0.5, type="limit", price=120.0))
        await told.state("run-2", "rejected")
        assert [row[1] for row in working(exchange)] == ["STOP_LOSS"]


async def test_a_limit_order_rests_is_changed_and_taken_back() -> None:
    async with trading() as (exchange, told):
        await told.broker.submit("run-1", order("buy", 1.0, type="limit", price=95.0))
        await told.broker.replace("run-1", price=96.0, quantity=2.0)
        assert [row[2:] for row in working(exchange)] == [(2.0, 96.0)]
        await told.broker.cancel("run-1")
        await told.state("run-1", "canceled")
        assert working(exchange) == []


async def test_orders_and_coins_of_another_hand_are_no_concern_of_the_bots() -> None:
    async with trading() as (exchange, told):
        exchange.control("order", {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": 1})
        resting = {
            "symbol": "BTCUSDT",
            "side": "SELL",
            "type": "LIMIT",
            "quantity": 1,
            "price": 120,
            "timeInForce": "GTC",
        }
        exchange.control("order", resting)
        await told.broker.submit("run-1", order("buy", 1.0))
        await told.state("run-1", "filled")
        snapshot = await told.broker.snapshot()
        assert {fill.order_id for fill in told.fills()} == {"run-1", "commission-run-1"}
        assert snapshot.orders == ()
        assert snapshot.positions[0].quantity == Decimal("6.998")


@pytest.mark.parametrize(
    ("intent", "words"),
    [
        (order("buy", 900.0), "insufficient balance"),
        (order("sell", 9.0, type="limit", price=110.0), "0.99900 of the bot's coins are free"),
        (order("buy", 0.01), "below the minimum"),
        (order("buy", 1.0, type="limit", price=600.0), "above"),
        (order("sell", 0.999, type="stop", trigger=101.0, reduce_only=True), "trigger immediately"),
        (order("buy", 1.0, type="limit", price=101.0, post_only=True), "immediately match"),
    ],
)
async def test_what_is_refused_says_why(intent: Any, words: str) -> None:
    async with trading() as (_exchange, told):
        await told.broker.submit("run-1", order("buy", 1.0))
        await told.state("run-1", "filled")
        await told.broker.submit("run-2", intent)
        await told.state("run-2", "rejected")
        assert words in told.updates("run-2")[-1].reason


async def test_a_fee_in_bnb_takes_no_coins_and_has_its_worth() -> None:
    async with trading(commission="bnb", balances={"BNB": Decimal(1)}) as (exchange, told):
        await told.broker.submit("run-1", order("buy", 1.0))
        await told.state("run-1", "filled")
        (fill,) = told.fills()
        assert (fill.fee_currency, fill.fee_worth) == ("BNB", pytest.approx(Decimal("0.1"), abs=Decimal("0.00001")))
        assert Decimal(exchange.ledger()["balances"]["BTC"]) == 1


async def test_what_another_process_sent_is_told_by_the_next() -> None:
    with running(instruments=(SPOT,)) as exchange:
        since = 0
        async with connected_to_spot(exchange) as told:
            await told.broker.submit("run-1", order("buy", 1.0))
            await told.state("run-1", "filled")
            for name, intent in exits(1.0).items():
                await told.broker.submit(name, intent)
            before = told.fills()
        async with connected_to_spot(exchange, since=since) as told:
            await told.until(lambda: told.fills() == before)
            snapshot = await told.broker.snapshot()
            assert {each.order_id for each in snapshot.orders} == {"run-1-sl", "run-1-tp"}
            await told.broker.replace("run-1-sl", quantity=0.5)
            assert [row[2] for row in working(exchange)] == [0.5] * 2
            await told.broker.query("run-1-tp")
            await told.state("run-1-tp", "accepted")
            await told.broker.query("run-9")
            await told.until(lambda: type(told.events[-1]).__name__ == "OrderNotFound")
