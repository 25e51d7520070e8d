"""What goes wrong between the Binance broker and the venue, each a row of the failure matrix, on the local exchange."""

from __future__ import annotations

import asyncio
import logging
from decimal import Decimal
from typing import Any

import pytest

from binance_broker import POST, absences, connected, fault, order, placed
from local_exchange import Running, bar, running
from tradebot.core.account import AccountSnapshot
from tradebot.exchange.settings import RateLimits


async def test_unknown_outcome_is_told_as_unknown_and_the_order_is_found_by_its_id(exchange: Running) -> None:
    ways: list[dict[str, Any]] = [
        {"action": "error_after"},
        {"action": "error_after", "code": -1007},
        {"action": "error_after", "code": -1006},
        {"action": "lose_answer"},
    ]
    async with connected(exchange) as told:
        for n, way in enumerate(ways):
            exchange.control("faults", {"on": POST, **way})
            await told.broker.submit(f"run-{n}", order("buy", 1))
            await told.state(f"run-{n}", "unknown")
            await told.broker.query(f"run-{n}")
            await told.state(f"run-{n}", "filled")
        assert told.position == len(ways)
    assert placed(exchange) == {f"run-{n}": 1 for n in range(len(ways))}


async def test_unknown_outcome_that_executes_late_is_not_found_first_and_filled_then(exchange: Running) -> None:
    async with connected(exchange) as told:
        fault(exchange, "late", on=POST, code=-1007)
        await told.broker.submit("run-1", order("buy", 1))
        await told.state("run-1", "unknown")
        await told.broker.query("run-1")
        await told.until(lambda: absences(told, "run-1"))
        exchange.control("release")
        await told.state("run-1", "filled")
    assert placed(exchange) == {"run-1": 1}


async def test_unknown_outcome_that_never_executes_stays_not_found(exchange: Running) -> None:
    async with connected(exchange) as told:
        fault(exchange, "drop", on=POST)
        await told.broker.submit("run-1", order("buy", 1))
        for count in range(1, 4):
            await told.broker.query("run-1")
            await told.until(lambda count=count: absences(told, "run-1") == count)
        assert told.states("run-1") == ["unknown"]
    assert placed(exchange) == {}


async def test_overload_is_a_failure_and_no_unknown_outcome(exchange: Running) -> None:
    async with connected(exchange) as told:
        fault(exchange, "error", on=POST, code=-1008)
        await told.broker.submit("run-1", order("buy", 1))
        await told.state("run-1", "rejected")
        assert "-1008" in told.updates("run-1")[0].reason


async def test_duplicate_submit_never_happens_under_random_loss_of_answers() -> None:
    with running(seed=7) as exchange:
        async with connected(exchange) as told:
            fault(exchange, "lose_answer", on=POST, chance=0.4, times=None)
            names = [f"run-{n}" for n in range(20)]
            for name in names:
                await told.broker.submit(name, order("buy", 0.1))
            await told.until(lambda: all("filled" in told.states(name) for name in names))
        assert placed(exchange) == dict.fromkeys(names, 1)
        assert told.position == Decimal("2.0")


async def test_not_found_race_just_after_a_send_is_told_and_ends(exchange: Running) -> None:
    async with connected(exchange) as told:
        fault(exchange, "lose", on="private", times=None)
        fault(exchange, "hide", seconds=0.5)
        await told.broker.submit("run-1", order("buy", 1))
        await told.broker.query("run-1")
        await told.until(lambda: absences(told, "run-1"))
        await asyncio.sleep(0.5)
        await told.broker.query("run-1")
        await told.state("run-1", "filled")
        assert len(told.fills("run-1")) == 1


async def test_canceled_and_filled_race_tells_the_fill_and_no_cancel() -> None:
    with running([bar(0, 100, 100, 100, 100), bar(1, 100, 100, 98, 98)], stepped=True) as exchange:
        exchange.step_bar()
        async with connected(exchange) as told:
            await told.broker.submit("run-1", order("buy", 1, type="limit", price=99.0))
            await told.state("run-1", "accepted")
            fault(exchange, "postpone", on="private", times=None, seconds=0.5)
            exchange.step_bar()
            await told.broker.cancel("run-1")
            await told.state("run-1", "filled")
            assert "canceled" not in told.states("run-1")
            assert told.position == 1


async def test_partly_filled_and_then_canceled_is_a_position_of_what_was_filled() -> None:
    bars = [bar(0, 100, 100, 100, 100), bar(1, 100, 100, 98, 98, 10.0), bar(2, 98, 98, 98, 98, 10.0)]
    with running(bars, stepped=True, participation=0.1) as exchange:
        exchange.step_bar()
        async with connected(exchange) as told:
            await told.broker.submit("run-1", order("buy", 5, type="limit", price=99.0))
            fault(exchange, "lose", on="private", times=None)
            exchange.step_bar()
            await told.broker.cancel("run-1")
            await told.state("run-1", "canceled")
            assert told.states("run-1") == ["accepted", "partially_filled", "canceled"]
            assert told.position == Decimal(exchange.ledger()["positions"]["BTCUSDT"]) == 1


@pytest.mark.parametrize("skew_ms", [5_000, -5_000])
async def test_clock_skew_costs_one_refusal_and_no_second(exchange: Running, skew_ms: int) -> None:
    async with connected(exchange) as told:
        exchange.control("clock", {"skew_ms": skew_ms})
        await told.broker.submit("run-1", order("buy", 1))
        # A clock that is behind refuses at once; one that is ahead by less than the receive window does not.
        await told.until(lambda: told.updates("run-1"))
        await told.broker.submit("run-2", order("buy", 1))
        await told.state("run-2", "filled")
        machine = asyncio.get_running_loop().time()
        assert machine > 0
        assert abs(told.broker.skew - skew_ms * 1_000_000) < 1_000_000_000 or told.states("run-1")[-1] == "filled"
        await told.broker.time()
        assert abs(told.broker.skew - skew_ms * 1_000_000) < 1_000_000_000


async def test_ban_stops_every_request_until_it_ends(exchange: Running) -> None:
    async with connected(exchange) as told:
        await told.broker.submit("run-0", order("buy", 1, type="limit", price=99.0))
        exchange.control("ban", {"seconds": 60})
        await told.broker.submit("run-1", order("buy", 1))
        await told.state("run-1", "rejected")
        before = exchange.ledger()["requestsWhileBanned"]
        for n in range(2, 6):
            await told.broker.submit(f"run-{n}", order("buy", 1))
            await told.state(f"run-{n}", "rejected")
            assert "not sent" in told.updates(f"run-{n}")[0].reason
        assert exchange.ledger()["requestsWhileBanned"] == before


async def test_reduce_only_that_is_refused_brings_the_account(exchange: Running) -> None:
    async with connected(exchange) as told:
        await told.broker.submit("run-1", order("buy", 1))
        await told.state("run-1", "filled")
        exchange.control("order", {"symbol": "BTCUSDT", "side": "SELL", "type": "MARKET", "quantity": 1})
        await told.broker.submit("run-2", order("sell", 1, reduce_only=True))
        await told.state("run-2", "rejected")
        assert "-2022" in told.updates("run-2")[0].reason
        await told.until(lambda: any(isinstance(event, AccountSnapshot) for event in told.events))
        snapshot = next(event for event in told.events if isinstance(event, AccountSnapshot))
        assert snapshot.positions == ()
        assert told.position == 0


async def test_margin_that_does_not_suffice_is_a_refusal_that_brings_the_account(exchange: Running) -> None:
    async with connected(exchange) as told:
        await told.broker.submit("run-1", order("buy", 5_000))
        await told.state("run-1", "rejected")
        assert "-2019" in told.updates("run-1")[0].reason
        await told.until(lambda: any(isinstance(event, AccountSnapshot) for event in told.events))


async def test_delisting_takes_no_entries_and_lets_positions_be_closed(exchange: Running) -> None:
    async with connected(exchange) as told:
        await told.broker.submit("run-1", order("buy", 1))
        await told.state("run-1", "filled")
        exchange.control("symbol", {"symbol": "BTCUSDT", "status": "SETTLING"})
        for n in (2, 3):
            await told.broker.submit(f"run-{n}", order("buy", 1))
            await told.state(f"run-{n}", "rejected")
        # The first was refused by the venue, from which the second knew.
        assert "-4140" in told.updates("run-2")[0].reason
        assert "the market is SETTLING" in told.updates("run-3")[0].reason
        await told.broker.submit("run-4", order("sell", 1, reduce_only=True))
        await told.state("run-4", "filled")


async def test_secrets_are_in_no_event_error_or_log(exchange: Running, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        async with connected(exchange) as told:
            key = exchange.rest("POST", "listenKey", signed=False).body["listenKey"]
            for n, action in enumerate(("lose_answer", "error_after", "drop")):
                fault(exchange, action, on=POST)
                await told.broker.submit(f"run-{n}", order("buy", 1))
            fault(exchange, "drop", on="PUT /fapi/v1/listenKey", times=None)
            exchange.control("disconnect", {"route": "private"})
            await told.until(lambda: told.broker.reconnects > 0)
            seen = repr(told.events) + told.broker.fault + caplog.text
    for secret in (exchange.secret, exchange.key, key, "signature="):
        assert secret not in seen


async def test_many_orders_under_cut_streams_and_failing_requests_leave_the_oracles_account() -> None:
    with running(seed=11) as exchange:
        async with connected(exchange) as told:
            fault(exchange, "disconnect", on="private", chance=0.05, times=None)
            fault(exchange, "lose", on="private", chance=0.05, times=None)
            fault(exchange, "lose_answer", on="POST /fapi/v1/order", chance=0.05, times=None)
            fault(exchange, "error", on="GET /fapi", chance=0.05, times=None)
            names = [f"run-{n}" for n in range(60)]
            for n, name in enumerate(names):
                await told.broker.submit(name, order("buy" if n % 3 else "sell", 0.1))
                await asyncio.sleep(0.01)
            exchange.loop.call_soon_threadsafe(exchange.exchange.venue.faults.clear)
            await told.until(lambda: told.broker.is_hearing)
            await told.broker.snapshot()
            await told.until(lambda: all("filled" in told.states(name) for name in names))
            truth = exchange.ledger()
            assert told.broker.reconnects > 0
    assert truth["placedByClientId"] == dict.fromkeys(names, 1)
    assert {fill.trade_id for fill in told.fills()} == {str(row["id"]) for row in truth["trades"]}
    assert told.position == Decimal(truth["positions"]["BTCUSDT"])


async def test_budget_of_five_times_the_demand_meets_no_refusal_and_lets_a_close_through() -> None:
    with running(limits=RateLimits(orders_per_10s=20)) as exchange:
        async with connected(exchange) as told:
            for n in range(60):
                await told.broker.submit(f"run-{n}", order("buy", 0.1))
            await told.broker.submit("run-x", order("sell", 0.1, reduce_only=True))
            await told.state("run-x", "filled")
            unsent = [n for n in range(60) if "not sent" in told.updates(f"run-{n}")[0].reason]
            truth = exchange.ledger()
    assert truth["answered429"] == 0
    assert 20 < len(unsent) < 60
