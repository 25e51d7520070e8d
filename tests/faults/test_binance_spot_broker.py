"""What goes wrong between the spot broker and Binance, one fault at a time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

import pytest

from binance_broker import Told, connected_to_spot, order
from local_exchange import SPOT, Running, bar, running
from tradebot.brokers.binance.user_stream import UserStreamPatience
from tradebot.core.event import OrderNotFound

ORDER = "POST /api/v3/order"
PAIR = "POST /api/v3/orderList/oco"


@asynccontextmanager
async def trading(**settings: Any) -> AsyncIterator[tuple[Running, Told]]:
    with running(instruments=(SPOT,), balances={"BTC": Decimal(5)}, **settings) as exchange:
        async with connected_to_spot(exchange) as told:
            yield exchange, told


async def entered(told: Told) -> None:
    await told.broker.submit("run-1", order("buy", 1.0))
    await told.state("run-1", "filled")


def stop(quantity: float = 1.0) -> Any:
    return order("sell", quantity, type="stop", trigger=90.0, reduce_only=True)


def target(quantity: float = 1.0) -> Any:
    return order("sell", quantity, type="limit", price=110.0, reduce_only=True)


def working(exchange: Running) -> list[str]:
    return [row["type"] for row in exchange.ledger()["orders"] if row["status"] in ("NEW", "PARTIALLY_FILLED")]


@pytest.mark.parametrize(
    "fault",
    [
        {"action": "lose_answer"},
        {"action": "error_after", "code": -1006},
        {"action": "error_after", "code": -1007},
        {"action": "error_after", "code": 0},
        {"action": "error_after", "status": 504, "text": "Gateway Time-out"},
        {"action": "error_after", "status": 503, "text": "Service Unavailable."},
    ],
)
async def test_an_order_without_an_answer_is_unknown_asked_about_and_never_sent_again(fault: dict[str, Any]) -> None:
    async with trading() as (exchange, told):
        exchange.control("faults", [fault | {"on": ORDER}, {"action": "lose", "on": "private", "times": None}])
        await told.broker.submit("run-1", order("buy", 1.0))
        await told.state("run-1", "unknown")
        await told.broker.query("run-1")
        await told.state("run-1", "filled")
        assert [fill.order_id for fill in told.fills()] == ["run-1", "commission-run-1"]
        assert exchange.ledger()["placedByClientId"] == {"run-1": 1}


async def test_an_order_that_the_exchange_did_not_take_is_rejected() -> None:
    async with trading() as (exchange, told):
        exchange.control("faults", {"action": "error", "code": -1008, "on": ORDER})
        await told.broker.submit("run-1", order("buy", 1.0))
        await told.state("run-1", "rejected")
        assert exchange.ledger()["placedByClientId"] == {}


async def test_an_order_that_arrives_late_is_not_found_first_and_told_then() -> None:
    async with trading() as (exchange, told):
        exchange.control("faults", {"action": "late", "on": ORDER})
        await told.broker.submit("run-1", order("buy", 1.0))
        await told.state("run-1", "unknown")
        await told.broker.query("run-1")
        await told.until(lambda: any(isinstance(event, OrderNotFound) for event in told.events))
        exchange.control("release")
        await told.broker.query("run-1")
        await told.state("run-1", "filled")


async def test_a_pair_without_an_answer_is_found_and_its_entry_is_not_sold_twice() -> None:
    async with trading() as (exchange, told):
        await entered(told)
        await told.broker.submit("run-1-sl", stop())
        lost = {"action": "lose", "on": "private", "times": None}
        exchange.control("faults", [{"action": "lose_answer", "on": PAIR}, lost])
        await told.broker.submit("run-1-tp", target())
        for name in ("run-1-sl", "run-1-tp"):
            await told.until(lambda name=name: told.states(name)[-1] == "accepted")
            assert "unknown" not in told.states(name)
        assert sorted(working(exchange)) == ["LIMIT_MAKER", "STOP_LOSS"]
        assert Decimal(exchange.ledger()["locked"]["BTC"]) == Decimal("0.999")


async def test_a_stop_that_is_put_back_finds_the_one_whose_answer_was_lost() -> None:
    async with trading() as (exchange, told):
        await entered(told)
        lost = {"action": "lose", "on": "private", "times": None}
        exchange.control("faults", [{"action": "lose_answer", "on": ORDER}, lost])
        await told.broker.submit("run-1-sl", stop())
        await told.state("run-1-sl", "accepted")
        await told.broker.submit("run-1-sl2", stop(0.999))
        await told.state("run-1-sl", "canceled")
        assert working(exchange) == ["STOP_LOSS"]


async def test_a_pair_that_is_refused_leaves_the_stop_that_was_there() -> None:
    async with trading() as (exchange, told):
        await entered(told)
        await told.broker.submit("run-1-sl", stop())
        exchange.control("faults", {"action": "error", "code": -2010, "on": PAIR})
        await told.broker.submit("run-1-tp", target())
        await told.state("run-1-tp", "rejected")
        assert working(exchange) == ["STOP_LOSS"]
        assert told.states("run-1-sl")[-1] == "accepted"


async def test_a_cancellation_that_meets_the_fill_tells_the_fill() -> None:
    async with trading(events=[bar(0, 100, 100, 100, 100), bar(1, 100, 100, 98, 98)], stepped=True) as (exchange, told):
        await asyncio.to_thread(exchange.step_bar)
        await told.broker.submit("run-1", order("buy", 1.0, type="limit", price=99.0))
        await told.state("run-1", "accepted")
        exchange.control("faults", {"action": "lose", "on": "private", "times": None})
        await asyncio.to_thread(exchange.step_bar)
        await told.broker.cancel("run-1")
        await told.state("run-1", "filled")
        assert told.position == Decimal("0.999")


@pytest.mark.parametrize("action", ["lose", "duplicate", "reorder"])
async def test_reports_that_are_lost_doubled_or_out_of_order_give_every_trade_once(action: str) -> None:
    async with trading() as (exchange, told):
        exchange.control("faults", [{"action": "split", "pieces": 5}])
        broken = {"action": action, "on": "private", "event": "executionReport", "times": 3}
        exchange.control("faults", broken)
        await entered(told)
        await told.until(lambda: sum(fill.quantity for fill in told.fills("run-1")) == 1)
        await told.until(lambda: told.position == Decimal("0.999"))


async def test_a_stream_that_breaks_is_opened_again_and_what_it_missed_is_asked() -> None:
    async with trading() as (exchange, told):
        exchange.control("faults", {"action": "disconnect", "on": "private"})
        await entered(told)
        await told.until(lambda: told.broker.reconnects == 1)
        assert told.position == Decimal("0.999")


async def test_a_stream_that_says_nothing_of_an_order_is_opened_again() -> None:
    patience = UserStreamPatience(first_s=0.05, longest_s=0.2, evidence_s=0.3)
    with running(instruments=(SPOT,)) as exchange:
        async with connected_to_spot(exchange, stream=patience) as told:
            exchange.control("faults", {"action": "lose", "on": "private", "times": 20})
            await told.broker.submit("run-1", order("buy", 1.0))
            await told.state("run-1", "filled")
            assert told.broker.reconnects >= 1


async def test_a_trade_that_the_stream_lost_is_found_by_the_comparison() -> None:
    async with trading() as (exchange, told):
        exchange.control("faults", {"action": "lose", "on": "private", "event": "executionReport", "times": 2})
        await told.broker.submit("run-1", order("buy", 1.0))
        await asyncio.sleep(0.2)
        snapshot = await told.broker.snapshot()
        assert {fill.order_id for fill in snapshot.fills} == {"run-1", "commission-run-1"}


async def test_a_clock_that_is_wrong_is_set_by_the_exchanges() -> None:
    async with trading() as (exchange, told):
        exchange.control("clock", {"skew_ms": 60_000})
        await told.broker.snapshot()
        assert told.broker.skew > 50_000_000_000


async def test_a_subscription_that_is_refused_for_the_clock_is_made_again() -> None:
    async with trading() as (exchange, told):
        exchange.control("clock", {"skew_ms": -60_000})
        exchange.control("disconnect", {"route": "private"})
        await told.until(lambda: told.broker.reconnects == 1 and told.broker.is_hearing)
        assert told.broker.skew < -50_000_000_000


async def test_a_ban_ends_every_request_and_the_stop_waits_for_its_end() -> None:
    async with trading() as (exchange, told):
        await entered(told)
        exchange.control("ban", {"seconds": 3})
        await told.broker.query("run-1")
        await told.broker.submit("run-2", order("buy", 1.0))
        await told.state("run-2", "rejected")
        await told.broker.submit("run-1-sl", stop())
        await told.state("run-1-sl", "accepted")
        assert exchange.ledger()["requestsWhileBanned"] <= 1


@pytest.mark.parametrize(
    ("right", "words"),
    [
        ({"enableWithdrawals": True}, "it may withdraw"),
        ({"enableSpotAndMarginTrading": False}, "it may not trade spot"),
        ({"ipRestrict": False}, "it works from any address"),
    ],
)
async def test_a_key_with_too_many_or_too_few_rights_is_refused(
    monkeypatch: pytest.MonkeyPatch, right: dict[str, bool], words: str
) -> None:
    from tradebot.core.errors import ConfigError
    from tradebot.exchange import rest_settings, server
    from tradebot.exchange.endpoints import Endpoint

    def told_rights(venue: Any, params: Any) -> Any:
        return rest_settings.restrictions(venue, params) | right

    path = ("GET", "/sapi/v1/account/apiRestrictions")
    monkeypatch.setitem(server._SPOT, path, Endpoint(told_rights, 1, "signed"))
    with running(instruments=(SPOT,)) as exchange, pytest.raises(ConfigError, match=words):
        async with connected_to_spot(exchange):
            pass
