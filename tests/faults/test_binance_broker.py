"""What goes wrong between the Binance broker and the venue, each a row of the failure matrix, on the local exchange."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from decimal import Decimal
from random import Random
from typing import Any

import numpy as np
import pytest

from binance_broker import Told, connected, order
from local_exchange import START, Running, bar, running
from tradebot.brokers.binance import asking
from tradebot.brokers.binance.asking import CANCEL_ALGO, OPEN_ALGOS
from tradebot.brokers.binance.user_stream import UserStreamPatience
from tradebot.core.account import AccountSnapshot
from tradebot.core.errors import ConfigError
from tradebot.core.event import CashFlow, CashFlowKind, OrderNotFound
from tradebot.core.interval import MINUTE
from tradebot.exchange import executions, server
from tradebot.exchange.endpoints import Endpoint
from tradebot.exchange.settings import FundingSchedule, RateLimits

POST = "POST /fapi/v1/order"
UPDATE = "ORDER_TRADE_UPDATE"


@pytest.fixture
def exchange() -> Iterator[Running]:
    with running() as started:
        yield started


def fault(exchange: Running, action: str, **more: Any) -> None:
    exchange.control("faults", {"action": action, **more})


def placed(exchange: Running) -> dict[str, int]:
    return exchange.ledger()["placedByClientId"]


def absences(told: Told, order_id: str) -> int:
    return sum(isinstance(event, OrderNotFound) and event.order_id == order_id for event in told.events)


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


async def test_unknown_outcome_of_a_conditional_order_is_found_by_its_id(exchange: Running) -> None:
    async with connected(exchange) as told:
        fault(exchange, "lose_answer", on="POST /fapi/v1/algoOrder")
        await told.broker.submit("run-1", order("buy", 1, type="stop", trigger=110.0))
        await told.state("run-1", "unknown")
        await told.broker.query("run-1")
        await told.until(lambda: told.updates("run-1")[-1].state == "accepted")
    assert placed(exchange) == {"run-1": 1}


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


async def test_silent_stall_of_the_stream_is_found_by_what_it_does_not_tell(exchange: Running) -> None:
    async with connected(exchange) as told:
        fault(exchange, "lose", on="private", times=None)
        await told.broker.submit("run-1", order("buy", 1))
        await told.state("run-1", "filled")
        assert told.broker.reconnects > 0


async def test_one_lost_fill_is_found_by_the_trade_that_was_told_in_brief(exchange: Running) -> None:
    async with connected(exchange, stream=UserStreamPatience(first_s=0.05, evidence_s=60.0)) as told:
        fault(exchange, "lose", on="private", event=UPDATE, times=2)
        await told.broker.submit("run-1", order("buy", 1))
        await told.state("run-1", "filled")
        assert len(told.fills("run-1")) == 1


async def test_one_lost_fill_of_which_nothing_was_told_is_found_by_the_comparison(exchange: Running) -> None:
    async with connected(exchange, stream=UserStreamPatience(first_s=0.05, evidence_s=60.0)) as told:
        fault(exchange, "lose", on="private", times=None)
        exchange.control("order", {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": 2})
        snapshot = await told.broker.snapshot()
        assert [held.quantity for held in snapshot.positions] == [2]
        assert sum(fill.quantity for fill in snapshot.fills) == 2
        await told.until(lambda: told.position == 2)


async def test_listen_key_expiry_told_twice_leads_to_one_stream_that_works(exchange: Running) -> None:
    async with connected(exchange) as told:
        fault(exchange, "duplicate", on="private", event="listenKeyExpired")
        exchange.control("listen-key/expire")
        await told.until(lambda: told.broker.reconnects == 1 and told.broker.is_hearing)
        await told.broker.submit("run-1", order("buy", 1))
        await told.state("run-1", "filled")
        assert told.broker.reconnects == 1


async def test_listen_key_that_cannot_be_extended_is_made_anew(exchange: Running) -> None:
    stream = UserStreamPatience(keep_alive_s=0.1, first_s=0.05, longest_s=0.2)
    async with connected(exchange, stream=stream) as told:
        fault(exchange, "error", on="PUT /fapi/v1/listenKey", code=-1125)
        await told.until(lambda: told.broker.reconnects > 0 and told.broker.is_hearing)
        await told.broker.submit("run-1", order("buy", 1))
        await told.state("run-1", "filled")


async def test_missed_doubled_and_reordered_events_leave_the_oracles_position(exchange: Running) -> None:
    random = Random(5)
    async with connected(exchange) as told:
        for action in ("duplicate", "reorder", "lose"):
            fault(exchange, action, on="private", chance=0.3, times=None)
        fault(exchange, "split", pieces=3, times=None)
        for n in range(25):
            await told.broker.submit(f"run-{n}", order(random.choice(["buy", "sell"]), random.randint(1, 5) / 10))
        exchange.loop.call_soon_threadsafe(exchange.exchange.venue.faults.clear)
        truth = exchange.ledger()
        await told.until(lambda: len(told.fills()) == len(truth["trades"]))
        await told.until(lambda: all("filled" in told.states(f"run-{n}") for n in range(25)))
    assert told.position == Decimal(truth["positions"]["BTCUSDT"])
    assert {fill.trade_id for fill in told.fills()} == {str(row["id"]) for row in truth["trades"]}
    assert all(told.updates(f"run-{n}")[-1].state == "filled" for n in range(25))


async def test_a_fill_during_a_disconnect_is_told_after_it(exchange: Running) -> None:
    async with connected(exchange, stream=UserStreamPatience(first_s=0.5, longest_s=0.5)) as told:
        exchange.control("disconnect", {"route": "private"})
        await told.until(lambda: told.broker.fault)
        exchange.control("order", {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": 1})
        await told.until(lambda: told.position == 1)
        assert told.broker.reconnects == 1


async def test_an_order_that_is_sent_while_the_stream_is_cut_tells_its_fill_at_once(exchange: Running) -> None:
    async with connected(exchange, stream=UserStreamPatience(first_s=60.0)) as told:
        exchange.control("disconnect", {"route": "private"})
        await told.until(lambda: told.broker.fault)
        await told.broker.submit("run-1", order("buy", 1))
        await told.state("run-1", "filled")
        assert told.broker.reconnects == 0


async def test_a_question_without_an_answer_keeps_no_live_fill_from_being_told(exchange: Running) -> None:
    async with connected(exchange, timeout_s=60.0) as told:
        fault(exchange, "drop", on="GET /fapi/v1/userTrades", seconds=60.0, times=None)
        exchange.control("disconnect", {"route": "private"})
        await told.until(lambda: told.broker.reconnects == 1)
        exchange.control("order", {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": 1})
        await told.until(lambda: told.position == 1)
        assert not told.broker.is_hearing


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


async def test_conditional_orders_go_where_they_have_moved_to_and_none_to_the_old_path(exchange: Running) -> None:
    async with connected(exchange) as told:
        fault(exchange, "error", on=POST, code=-4120, times=None)
        await told.broker.submit("run-1", order("buy", 1, type="stop", trigger=110.0))
        await told.broker.submit("run-2", order("buy", 1, type="trailing_stop", trail_pct=0.02, price=90.0))
        await told.broker.submit("run-3", order("buy", 1, type="take_profit", trigger=90.0))
        assert {each.order_id for each in (await told.broker.snapshot()).orders} == {"run-1", "run-2", "run-3"}


async def test_conditional_order_that_places_one_under_another_id_is_booked_under_ours(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = executions.Order

    def renamed(**fields: Any) -> Any:
        triggered = fields["kind"] != fields["original_kind"]
        return real(**(fields | {"client_id": "of-the-venue"} if triggered else fields))

    monkeypatch.setattr(executions, "Order", renamed)
    bars = [bar(0, 100, 100, 100, 100), bar(1, 100, 100, 100, 100), bar(2, 100, 100, 95, 95)]
    with running(bars, stepped=True) as exchange:
        exchange.step_bar()
        async with connected(exchange) as told:
            await told.broker.submit("run-1", order("buy", 1))
            exchange.step()
            await told.state("run-1", "filled")
            await told.broker.submit("run-1-sl", order("sell", 1, type="stop", trigger=98.0, reduce_only=True))
            fault(exchange, "lose", on="private", event="ALGO_UPDATE", times=None)
            exchange.step()
            exchange.step_bar()
            await told.state("run-1-sl", "filled")
            assert told.position == 0
            assert {row["clientOrderId"] for row in exchange.ledger()["orders"]} == {"run-1", "of-the-venue"}
            assert told.updates("of-the-venue") == []


async def test_stop_gap_a_stop_made_anew_whose_forerunner_stays_is_one_again(exchange: Running) -> None:
    async with connected(exchange) as told:
        await told.broker.submit("run-1", order("buy", 2))
        await told.broker.submit("run-1-sl", order("sell", 1, type="stop", trigger=90.0, reduce_only=True))
        fault(exchange, "error", on="DELETE /fapi/v1/algoOrder", code=-1007)
        await told.broker.replace("run-1-sl", quantity=2.0)
        await told.state("run-1-sl", "unknown")
        resting = (await told.broker.snapshot()).orders
        assert [(each.order_id, each.quantity) for each in resting] == [("run-1-sl", 2)]
        await told.broker.query("run-1-sl")
        await told.until(lambda: told.updates("run-1-sl")[-1].state == "accepted")
    assert [row["algoStatus"] for row in exchange.ledger()["algoOrders"]] == ["CANCELED", "NEW"]


async def test_stop_gap_a_stop_whose_change_had_no_answer_is_canceled_with_its_successor(exchange: Running) -> None:
    async with connected(exchange) as told:
        await told.broker.submit("run-1", order("buy", 2))
        await told.broker.submit("run-1-sl", order("sell", 1, type="stop", trigger=90.0, reduce_only=True))
        fault(exchange, "lose_answer", on="POST /fapi/v1/algoOrder")
        await told.broker.replace("run-1-sl", quantity=2.0)
        await told.state("run-1-sl", "unknown")
        await told.broker.cancel("run-1-sl")
        await told.state("run-1-sl", "canceled")
    assert [row["algoStatus"] for row in exchange.ledger()["algoOrders"]] == ["CANCELED", "CANCELED"]


async def test_stop_gap_a_picture_from_before_a_change_takes_no_stop_back_to_its_old_name(exchange: Running) -> None:
    async with connected(exchange) as told:
        await told.broker.submit("run-1", order("buy", 2))
        await told.broker.submit("run-1-sl", order("sell", 1, type="stop", trigger=90.0, reduce_only=True))
        rest, asks = told.broker._rest, told.broker._rest.ask

        async def ask(endpoint: Any, *given: Any, **more: Any) -> Any:
            body = await asks(endpoint, *given, **more)
            if endpoint is OPEN_ALGOS:
                rest.ask = asks
                await told.broker.replace("run-1-sl", quantity=2.0)
            return body

        rest.ask = ask
        await told.broker._asking.open_now()
        assert told.broker._names.get("run-1-sl").client_id == "run-1-sl__2"
        await told.broker.cancel("run-1-sl")
        await told.state("run-1-sl", "canceled")
    assert [row["algoStatus"] for row in exchange.ledger()["algoOrders"]] == ["CANCELED", "CANCELED"]


async def test_stop_gap_a_stop_and_its_successor_that_trigger_together_leave_the_next_one_a_name_of_its_own() -> None:
    bars = [bar(0, 100, 100, 100, 100), bar(1, 100, 100, 100, 100), bar(2, 100, 100, 95, 95), bar(3, 95, 95, 95, 95)]
    with running(bars, stepped=True) as exchange:
        exchange.step_bar()
        async with connected(exchange) as told:
            await told.broker.submit("run-1", order("buy", 4))
            exchange.step()
            await told.state("run-1", "filled")
            await told.broker.submit("run-1-sl", order("sell", 1, type="stop", trigger=98.0, reduce_only=True))
            rest, asks = told.broker._rest, told.broker._rest.ask

            async def ask(endpoint: Any, *given: Any, **more: Any) -> Any:
                if endpoint is CANCEL_ALGO:
                    rest.ask = asks
                    fault(exchange, "lose", on="private", times=None)
                    exchange.step()
                    exchange.step_bar()
                return await asks(endpoint, *given, **more)

            rest.ask = ask
            await told.broker.replace("run-1-sl", quantity=2.0)
            await told.broker.replace("run-1-sl", quantity=1.0, trigger=90.0)
        assert placed(exchange) == {"run-1": 1, "run-1-sl": 1, "run-1-sl__2": 1, "run-1-sl__3": 1}


async def test_stop_gap_a_successor_whose_forerunner_had_triggered_goes_when_another_process_looks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # The market's time is years ago.
    monkeypatch.setattr(asking, "_LONGEST_MS", 2**50)
    bars = [bar(0, 100, 100, 100, 100), bar(1, 100, 100, 100, 100), bar(2, 100, 100, 97, 99), bar(3, 99, 99, 99, 99)]
    with running(bars, stepped=True) as exchange:
        exchange.step_bar()
        async with connected(exchange) as told:
            await told.broker.submit("run-1", order("buy", 3))
            exchange.step()
            await told.state("run-1", "filled")
            await told.broker.submit("run-1-sl", order("sell", 1, type="stop", trigger=98.0, reduce_only=True))
        exchange.step()
        exchange.step_bar()
        # It was sent before its forerunner triggered, and its sender died.
        stop = {"algoType": "CONDITIONAL", "symbol": "BTCUSDT", "side": "SELL", "type": "STOP_MARKET", "quantity": 3}
        late = stop | {"triggerPrice": 98, "reduceOnly": "true", "clientAlgoId": "run-1-sl__2"}
        assert exchange.rest("POST", "algoOrder", **late).status == 200
        async with connected(exchange, since=START) as told:
            assert (await told.broker.snapshot()).positions[0].quantity == 2
            await told.until(lambda: told.fills("run-1-sl"))
        assert [row["algoStatus"] for row in exchange.ledger()["algoOrders"]] == ["FINISHED", "CANCELED"]


async def test_stop_gap_a_question_amid_a_change_takes_no_successor_for_its_forerunner(exchange: Running) -> None:
    async with connected(exchange) as told:
        await told.broker.submit("run-1", order("buy", 2))
        await told.broker.submit("run-1-sl", order("sell", 1, type="stop", trigger=90.0, reduce_only=True))
        rest, asks = told.broker._rest, told.broker._rest.ask

        async def ask(endpoint: Any, *given: Any, **more: Any) -> Any:
            rest.ask = asks
            body = await asks(endpoint, *given, **more)
            await told.broker.query("run-1-sl")
            return body

        rest.ask = ask
        await told.broker.replace("run-1-sl", quantity=2.0)
    assert [row["algoStatus"] for row in exchange.ledger()["algoOrders"]] == ["CANCELED", "NEW"]


async def test_liquidation_is_told_under_the_venues_name() -> None:
    bars = [bar(0, 100, 100, 100, 100), bar(1, 100, 100, 100, 100), bar(2, 100, 100, 80, 80)]
    with running(bars, stepped=True, cash=Decimal(60)) as exchange:
        exchange.step_bar()
        async with connected(exchange) as told:
            await told.broker.submit("run-1", order("buy", 10))
            exchange.step_bar(2)
            await told.until(lambda: told.position == 0 and len(told.fills()) == 2)
            forced = told.fills()[-1]
            assert forced.order_id.startswith("autoclose-")
            assert told.updates(forced.order_id)[-1].state == "filled"
            assert "forced by the venue" in told.updates(forced.order_id)[-1].reason


def flows(told: Told) -> list[CashFlow]:
    return [event for event in told.events if isinstance(event, CashFlow)]


def funded() -> dict[str, Any]:
    ts = np.array([START + 2 * MINUTE, START + 4 * MINUTE], dtype=np.int64)
    bars = [bar(n, 100, 100, 100, 100) for n in range(7)]
    return {"events": bars, "stepped": True, "funding": {"BTCUSDT": FundingSchedule(ts, np.array([0.001, 0.002]))}}


async def test_funding_is_told_once_though_stream_and_history_both_have_it() -> None:
    with running(**funded()) as exchange:
        exchange.step_bar()
        async with connected(exchange, income_s=0.2) as told:
            await told.broker.submit("run-1", order("buy", 10))
            exchange.step_bar(6)
            await told.until(lambda: len(flows(told)) == 2)
            await asyncio.sleep(0.5)
            assert [(flow.kind, flow.amount) for flow in flows(told)] == [
                (CashFlowKind.FUNDING, -1),
                (CashFlowKind.FUNDING, -2),
            ]


async def test_funding_while_offline_is_told_at_the_next_start() -> None:
    with running(**funded()) as exchange:
        exchange.step_bar()
        async with connected(exchange) as told:
            await told.broker.submit("run-1", order("buy", 10))
            exchange.step_bar(2)
            await told.until(lambda: len(flows(told)) == 1)
            first = flows(told)[0]
        exchange.step_bar(4)
        async with connected(exchange, since=first.ts + 1_000_000) as again:
            await again.until(lambda: flows(again))
            assert [flow.amount for flow in flows(again)] == [-2]
            assert flows(again)[0].flow_id != first.flow_id


def answering(monkeypatch: pytest.MonkeyPatch, path: str, body: Any) -> None:
    monkeypatch.setitem(server._FUTURES, ("GET", path), Endpoint(lambda venue, params: body, 1, "signed"))


async def test_hedge_mode_is_refused_at_start(exchange: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, "/fapi/v1/positionSide/dual", {"dualSidePosition": True})
    with pytest.raises(ConfigError, match="the account: the account is in hedge mode"):
        async with connected(exchange):
            pass


async def test_hedge_mode_that_comes_later_stops_entries(exchange: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    async with connected(exchange) as told:
        answering(monkeypatch, "/fapi/v1/positionSide/dual", {"dualSidePosition": True})
        exchange.rest("POST", "leverage", symbol="BTCUSDT", leverage=3)
        for n in range(100):
            await told.broker.submit(f"run-{n}", order("buy", 0.1))
            await told.until(lambda n=n: told.updates(f"run-{n}"))
            if "hedge mode" in told.updates(f"run-{n}")[0].reason:
                return
            await asyncio.sleep(0.05)
    raise AssertionError("entries went on")


@pytest.mark.parametrize(
    ("right", "words"),
    [
        ({"enableWithdrawals": True}, "it may withdraw"),
        ({"enableInternalTransfer": True}, "it may transfer to other accounts"),
        ({"permitsUniversalTransfer": True}, "it may transfer between wallets"),
        ({"ipRestrict": False}, "it works from any address"),
        ({"enableFutures": False}, "it may not trade futures"),
    ],
)
async def test_a_key_with_too_many_or_too_few_rights_is_refused(
    exchange: Running, monkeypatch: pytest.MonkeyPatch, right: dict[str, bool], words: str
) -> None:
    answering(monkeypatch, "/sapi/v1/account/apiRestrictions", {"ipRestrict": True, "enableFutures": True} | right)
    with pytest.raises(ConfigError, match=words):
        async with connected(exchange):
            pass


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


async def test_dead_mans_switch_counts_down_while_flat_and_not_while_a_position_is_open(exchange: Running) -> None:
    async with connected(exchange, dead_man_s=0.8) as told:
        await told.broker.submit("run-1", order("buy", 1, type="limit", price=90.0))
        await asyncio.sleep(1.6)
        assert told.states("run-1") == ["accepted"]
        await told.broker.submit("run-2", order("buy", 1))
        await told.state("run-2", "filled")
    await asyncio.sleep(1.2)
    # The process is gone; its position was open, so the order rests on as its stop would.
    assert [row["status"] for row in exchange.ledger()["orders"]] == ["NEW", "FILLED"]


async def test_dead_mans_switch_cancels_what_a_dead_process_left(exchange: Running) -> None:
    async with connected(exchange, dead_man_s=0.8) as told:
        await told.broker.submit("run-1", order("buy", 1, type="limit", price=90.0))
        await told.state("run-1", "accepted")
    await asyncio.sleep(1.5)
    assert [row["status"] for row in exchange.ledger()["orders"]] == ["CANCELED"]


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
