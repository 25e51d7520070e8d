"""What goes wrong with conditional orders at Binance, on the local exchange: no position is without its stop."""

from __future__ import annotations

from typing import Any

import pytest

from binance_broker import POST, bought, connected, fault, order, placed, protected, stop
from local_exchange import START, Running, bar, running
from tradebot.brokers.binance import asking
from tradebot.brokers.binance.asking import CANCEL_ALGO, OPEN_ALGOS
from tradebot.exchange import executions


async def test_unknown_outcome_of_a_conditional_order_is_found_by_its_id(exchange: Running) -> None:
    async with connected(exchange) as told:
        fault(exchange, "lose_answer", on="POST /fapi/v1/algoOrder")
        await told.broker.submit("run-1", order("buy", 1, type="stop", trigger=110.0))
        await told.state("run-1", "unknown")
        await told.broker.query("run-1")
        await told.until(lambda: told.updates("run-1")[-1].state == "accepted")
    assert placed(exchange) == {"run-1": 1}


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
    async with bought(1, bar(2, 100, 100, 95, 95)) as (exchange, told):
        await told.broker.submit("run-1-sl", stop(trigger=98.0))
        fault(exchange, "lose", on="private", event="ALGO_UPDATE", times=None)
        exchange.step()
        exchange.step_bar()
        await told.state("run-1-sl", "filled")
        assert told.position == 0
        assert {row["clientOrderId"] for row in exchange.ledger()["orders"]} == {"run-1", "of-the-venue"}
        assert told.updates("of-the-venue") == []


async def test_stop_gap_a_stop_made_anew_whose_forerunner_stays_is_one_again(exchange: Running) -> None:
    async with protected(exchange) as told:
        fault(exchange, "error", on="DELETE /fapi/v1/algoOrder", code=-1007)
        await told.broker.replace("run-1-sl", quantity=2.0)
        await told.state("run-1-sl", "unknown")
        resting = (await told.broker.snapshot()).orders
        assert [(each.order_id, each.quantity) for each in resting] == [("run-1-sl", 2)]
        await told.broker.query("run-1-sl")
        await told.until(lambda: told.updates("run-1-sl")[-1].state == "accepted")
    assert [row["algoStatus"] for row in exchange.ledger()["algoOrders"]] == ["CANCELED", "NEW"]


async def test_stop_gap_a_stop_whose_change_had_no_answer_is_canceled_with_its_successor(exchange: Running) -> None:
    async with protected(exchange) as told:
        fault(exchange, "lose_answer", on="POST /fapi/v1/algoOrder")
        await told.broker.replace("run-1-sl", quantity=2.0)
        await told.state("run-1-sl", "unknown")
        await told.broker.cancel("run-1-sl")
        await told.state("run-1-sl", "canceled")
    assert [row["algoStatus"] for row in exchange.ledger()["algoOrders"]] == ["CANCELED", "CANCELED"]


async def test_stop_gap_a_picture_from_before_a_change_takes_no_stop_back_to_its_old_name(exchange: Running) -> None:
    async with protected(exchange) as told:
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
    async with bought(4, bar(2, 100, 100, 95, 95), bar(3, 95, 95, 95, 95)) as (exchange, told):
        await told.broker.submit("run-1-sl", stop(trigger=98.0))
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
            await told.broker.submit("run-1-sl", stop(trigger=98.0))
        exchange.step()
        exchange.step_bar()
        # It was sent before its forerunner triggered, and its sender died.
        terms = {"algoType": "CONDITIONAL", "symbol": "BTCUSDT", "side": "SELL", "type": "STOP_MARKET", "quantity": 3}
        late = terms | {"triggerPrice": 98, "reduceOnly": "true", "clientAlgoId": "run-1-sl__2"}
        assert exchange.rest("POST", "algoOrder", **late).status == 200
        async with connected(exchange, since=START) as told:
            assert (await told.broker.snapshot()).positions[0].quantity == 2
            await told.until(lambda: told.fills("run-1-sl"))
        assert [row["algoStatus"] for row in exchange.ledger()["algoOrders"]] == ["FINISHED", "CANCELED"]


async def test_stop_gap_a_question_amid_a_change_takes_no_successor_for_its_forerunner(exchange: Running) -> None:
    async with protected(exchange) as told:
        rest, asks = told.broker._rest, told.broker._rest.ask

        async def ask(endpoint: Any, *given: Any, **more: Any) -> Any:
            rest.ask = asks
            body = await asks(endpoint, *given, **more)
            await told.broker.query("run-1-sl")
            return body

        rest.ask = ask
        await told.broker.replace("run-1-sl", quantity=2.0)
    assert [row["algoStatus"] for row in exchange.ledger()["algoOrders"]] == ["CANCELED", "NEW"]
