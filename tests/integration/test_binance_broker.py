"""The Binance broker trades on the local exchange: every type of order, end to end, and the account it tells of."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from binance_broker import bought, connected, order, placed, protected
from local_exchange import INSTRUMENT, Running, bar, running
from tradebot.brokers.binance.broker import BinanceBroker
from tradebot.core.errors import ConfigError
from tradebot.core.event import OrderNotFound
from tradebot.venues.binance import BinanceHost

# What each conditional order waits for, from a market that stands at 100 with one unit held.
CONDITIONAL = {
    "stop": ("sell", {"type": "stop", "trigger": 98.0}, bar(2, 100, 100, 97, 97)),
    "stop_limit": ("sell", {"type": "stop_limit", "trigger": 98.0, "price": 97.5}, bar(2, 100, 100, 97, 98)),
    "take_profit": ("sell", {"type": "take_profit", "trigger": 103.0}, bar(2, 100, 104, 100, 104)),
    "trailing_stop": ("sell", {"type": "trailing_stop", "trail_pct": 0.02}, bar(2, 100, 105, 100, 101)),
}


async def test_a_market_order_is_accepted_and_fills(exchange: Running) -> None:
    async with connected(exchange) as told:
        await told.broker.submit("run-1", order("buy", 2))
        await told.state("run-1", "filled")
    fill = told.fills("run-1")[0]
    assert (fill.price, fill.quantity, fill.fee, fill.fee_currency) == (100, 2, Decimal("0.1"), "USDT")
    assert told.states("run-1")[-1] == "filled"
    assert placed(exchange) == {"run-1": 1}


async def test_a_limit_order_rests_is_changed_in_place_and_canceled(exchange: Running) -> None:
    async with connected(exchange) as told:
        await told.broker.submit("run-1", order("buy", 1, type="limit", price=99.0))
        await told.state("run-1", "accepted")
        await told.broker.replace("run-1", quantity=2.0, price=98.0)
        await told.until(lambda: any(update.price == 98 for update in told.updates("run-1")))
        snapshot = await told.broker.snapshot()
        assert [(each.order_id, each.quantity, each.price) for each in snapshot.orders] == [("run-1", 2, 98)]
        await told.broker.cancel("run-1")
        await told.state("run-1", "canceled")
    assert told.states("run-1") == ["accepted", "canceled"]
    assert [row["status"] for row in exchange.ledger()["orders"]] == ["CANCELED"]


@pytest.mark.parametrize(
    ("terms", "tif", "end"),
    [
        ({"price": 99.0, "tif": "ioc"}, "IOC", "expired"),
        ({"price": 99.0, "tif": "fok"}, "", "rejected"),
        ({"price": 101.0, "post_only": True}, "", "rejected"),
        ({"price": 99.0, "post_only": True}, "GTX", "accepted"),
        ({"price": 101.0, "tif": "fok"}, "FOK", "filled"),
    ],
)
async def test_times_in_force_are_those_of_binance(
    exchange: Running, terms: dict[str, Any], tif: str, end: str
) -> None:
    async with connected(exchange) as told:
        await told.broker.submit("run-1", order("buy", 1, type="limit", **terms))
        await told.state("run-1", end)
    assert [row["timeInForce"] for row in exchange.ledger()["orders"]] == ([tif] if tif else [])


@pytest.mark.parametrize("kind", CONDITIONAL)
async def test_a_conditional_order_rests_at_the_venue_triggers_and_fills_under_our_id(kind: str) -> None:
    side, terms, moved = CONDITIONAL[kind]
    async with bought(1, moved) as (exchange, told):
        assert told.states("run-1") == ["accepted", "filled"]
        await told.broker.submit("run-1-x", order(side, 1, reduce_only=True, **terms))
        await told.state("run-1-x", "accepted")
        resting = (await told.broker.snapshot()).orders
        assert [(each.order_id, str(each.type), each.reduce_only) for each in resting] == [("run-1-x", kind, True)]
        exchange.step()
        exchange.step_bar()
        await told.state("run-1-x", "filled")
        assert told.position == 0
        assert (await told.broker.snapshot()).positions == ()
        assert told.states("run-1-x")[:2] == ["accepted", "triggered"]
        assert exchange.ledger()["positions"] == {"BTCUSDT": "0"}


async def test_a_stop_that_is_resized_is_never_missing(exchange: Running) -> None:
    async with protected(exchange) as told:
        await told.broker.replace("run-1-sl", quantity=2.0)
        await told.until(lambda: any(update.quantity == 2 for update in told.updates("run-1-sl")))
        resting = (await told.broker.snapshot()).orders
        assert [(each.order_id, each.quantity, each.trigger) for each in resting] == [("run-1-sl", 2, 90)]
        assert "canceled" not in told.states("run-1-sl")
        await told.broker.cancel("run-1-sl")
        await told.state("run-1-sl", "canceled")
    algos = exchange.ledger()["algoOrders"]
    assert [row["algoStatus"] for row in algos] == ["CANCELED", "CANCELED"]
    assert algos[0]["createTime"] <= algos[1]["createTime"]


async def test_a_trailing_stop_waits_for_its_activation_at_the_venue() -> None:
    bars = [bar(2, 100, 104, 96, 104), bar(3, 109, 110, 109, 110), bar(4, 110, 110, 107, 107)]
    async with bought(1, *bars) as (exchange, told):
        trailing = order("sell", 1, type="trailing_stop", trail_pct=0.02, price=105.0, reduce_only=True)
        await told.broker.submit("run-1-ts", trailing)
        await told.state("run-1-ts", "accepted")
        exchange.step()
        exchange.step_bar(2)
        (resting,) = (await told.broker.snapshot()).orders
        assert resting.order_id == "run-1-ts"
        exchange.step_bar()
        await told.state("run-1-ts", "filled")
    (fill,) = told.fills("run-1-ts")
    assert fill.price == Decimal("107.8")


async def test_a_trailing_stop_whose_activation_has_passed_follows_from_there_on(exchange: Running) -> None:
    async with connected(exchange) as told:
        await told.broker.submit("run-1", order("buy", 2))
        await told.state("run-1", "filled")
        trailing = order("sell", 1, type="trailing_stop", trail_pct=0.02, price=99.0, reduce_only=True)
        await told.broker.submit("run-1-ts", trailing)
        await told.state("run-1-ts", "accepted")
        await told.broker.replace("run-1-ts", quantity=2.0)
        await told.until(lambda: any(update.quantity == 2 for update in told.updates("run-1-ts")))
    rows = exchange.ledger()["algoOrders"]
    assert [(row["algoStatus"], row["activatePrice"]) for row in rows] == [("CANCELED", ""), ("NEW", "")]
    assert placed(exchange) == {"run-1": 1, "run-1-ts": 1, "run-1-ts__2": 1}


async def test_the_snapshot_is_the_whole_account(exchange: Running) -> None:
    async with connected(exchange) as told:
        await told.broker.submit("run-1", order("sell", 3))
        await told.state("run-1", "filled")
        await told.broker.submit("run-2", order("buy", 1, type="limit", price=95.0))
        await told.broker.submit("run-3", order("buy", 1, type="stop", trigger=110.0))
        snapshot = await told.broker.snapshot()
    assert [(held.symbol, held.quantity, held.entry_price) for held in snapshot.positions] == [("BTCUSDT", -3, 100)]
    assert {each.order_id for each in snapshot.orders} == {"run-2", "run-3"}
    assert snapshot.balances == {"USDT": Decimal("9999.85")}
    assert [(fill.order_id, fill.quantity) for fill in snapshot.fills] == [("run-1", 3)]


async def test_orders_of_an_earlier_process_are_known_by_name(exchange: Running) -> None:
    async with connected(exchange) as told:
        await told.broker.submit("run-1", order("buy", 1, type="limit", price=95.0))
        await told.broker.submit("run-2", order("buy", 1, type="stop", trigger=110.0))
        await told.broker.submit("run-3", order("buy", 1))
        await told.state("run-3", "filled")
    async with connected(exchange) as again:
        for name, state in (("run-1", "accepted"), ("run-2", "accepted"), ("run-3", "filled")):
            await again.broker.query(name)
            await again.state(name, state)
        assert [fill.quantity for fill in again.fills("run-3")] == [1]
        for name in ("run-1", "run-2"):
            await again.broker.cancel(name)
            await again.state(name, "canceled")
        await again.broker.query("run-9")
        await again.until(
            lambda: any(isinstance(event, OrderNotFound) and event.order_id == "run-9" for event in again.events)
        )


async def test_a_stop_and_a_limit_of_an_earlier_process_are_changed(exchange: Running) -> None:
    async with protected(exchange) as told:
        await told.broker.submit("run-2", order("buy", 1, type="limit", price=95.0))
        await told.state("run-2", "accepted")
    async with connected(exchange) as again:
        await again.broker.snapshot()
        await again.broker.replace("run-1-sl", quantity=2.0)
        await again.broker.replace("run-2", price=96.0)
        orders = {each.order_id: each for each in (await again.broker.snapshot()).orders}
    assert set(orders) == {"run-1-sl", "run-2"}
    stop, limit = orders["run-1-sl"], orders["run-2"]
    assert (stop.quantity, stop.trigger, stop.reduce_only) == (2, 90, True)
    assert (limit.quantity, limit.price) == (1, 96)


async def test_the_instruments_are_those_of_exchange_info(exchange: Running) -> None:
    async with connected(exchange) as told:
        found = told.broker.instruments(["BTCUSDT"])[0]
    names = ("symbol", "tick_size", "lot_size", "min_notional", "maker_fee", "taker_fee", "max_leverage")
    assert {name: getattr(found, name) for name in names} == {name: getattr(INSTRUMENT, name) for name in names}
    assert found.margin_tiers == INSTRUMENT.margin_tiers


async def test_leverage_and_margin_type_are_set_where_they_differ(exchange: Running) -> None:
    async with connected(exchange, leverage=7, margin_type="ISOLATED"):
        pass
    told = exchange.rest("GET", "symbolConfig").body[0]
    assert (told["leverage"], told["marginType"]) == (7, "ISOLATED")


async def test_an_unlisted_symbol_is_named_with_the_nearest(exchange: Running) -> None:
    with pytest.raises(ConfigError, match='do not list "BTCUSD"[.] Did you mean "BTCUSDT"'):
        async with connected(exchange, symbols=("BTCUSD",)):
            pass


async def test_a_wrong_secret_is_one_sentence(exchange: Running) -> None:
    host = BinanceHost.of("local", url=exchange.url)
    with pytest.raises(Exception, match="binance: Signature for this request is not valid"):
        await BinanceBroker.connect(host, exchange.key, "another", ["BTCUSDT"])


async def test_orders_below_the_filters_never_leave(exchange: Running) -> None:
    dear = msgspec.structs.replace(INSTRUMENT, min_notional=Decimal(50))
    with running(instruments=[dear]) as started:
        async with connected(started) as told:
            wishes = [
                order("buy", 0.0004),
                order("buy", 0.4),
                order("buy", 1, type="limit", price=120.0),
                order("sell", 1, type="limit", price=80.0),
                order("buy", 1, type="trailing_stop", trail_pct=0.2),
                order("buy", 1, type="trailing_stop", trail=2.0),
            ]
            for n, wish in enumerate(wishes):
                await told.broker.submit(f"run-{n}", wish)
                await told.state(f"run-{n}", "rejected")
        assert started.ledger()["orders"] == []
