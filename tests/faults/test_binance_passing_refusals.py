"""What Binance refuses for a moment: it makes no position bare, closes none, and lets no entry in late."""

from __future__ import annotations

from typing import Any

import pytest

from binance_broker import POST, connected, fault, order, placed
from local_exchange import Running

POST_ALGO = "POST /fapi/v1/algoOrder"
PASSING: list[dict[str, Any]] = [
    {"code": -1008},
    {"code": -1021},
    {"code": -1000, "status": 503, "text": "Service Unavailable."},
]
STOP: dict[str, Any] = {"type": "stop", "trigger": 90.0, "reduce_only": True}


@pytest.mark.parametrize("answer", PASSING)
async def test_a_stop_that_is_refused_twice_for_a_moment_rests_and_no_refusal_is_told(
    exchange: Running, answer: dict[str, Any]
) -> None:
    async with connected(exchange) as told:
        await told.broker.submit("run-1", order("buy", 1))
        fault(exchange, "error", on=POST_ALGO, times=2, **answer)
        await told.broker.submit("run-1-sl", order("sell", 1, **STOP))
        await told.state("run-1-sl", "accepted")
        assert told.states("run-1-sl") == ["accepted"]
    assert placed(exchange) == {"run-1": 1, "run-1-sl": 1}


async def test_a_close_that_is_refused_twice_for_a_moment_closes(exchange: Running) -> None:
    async with connected(exchange) as told:
        await told.broker.submit("run-1", order("buy", 1))
        fault(exchange, "error", on=POST, times=2, code=-1008)
        await told.broker.submit("run-2", order("sell", 1, reduce_only=True))
        await told.state("run-2", "filled")
        assert "rejected" not in told.states("run-2")
        await told.until(lambda: told.position == 0)
    assert placed(exchange) == {"run-1": 1, "run-2": 1}


async def test_a_change_of_a_stop_that_is_refused_twice_for_a_moment_is_made(exchange: Running) -> None:
    async with connected(exchange) as told:
        await told.broker.submit("run-1", order("buy", 2))
        await told.broker.submit("run-1-sl", order("sell", 1, **STOP))
        fault(exchange, "error", on=POST_ALGO, times=2, code=-1008)
        await told.broker.replace("run-1-sl", quantity=2.0)
        await told.until(lambda: told.updates("run-1-sl")[-1].quantity == 2)
    assert [row["algoStatus"] for row in exchange.ledger()["algoOrders"]] == ["CANCELED", "NEW"]


@pytest.mark.parametrize(("code", "times"), [(-1008, 3), (-2022, 1)])
async def test_a_stop_that_is_refused_for_longer_or_for_good_is_told_so(
    exchange: Running, code: int, times: int
) -> None:
    async with connected(exchange) as told:
        await told.broker.submit("run-1", order("buy", 1))
        fault(exchange, "error", on=POST_ALGO, times=times, code=code)
        await told.broker.submit("run-1-sl", order("sell", 1, **STOP))
        await told.state("run-1-sl", "rejected")
    assert placed(exchange) == {"run-1": 1}


async def test_a_refusal_for_the_time_is_one_though_the_clock_has_no_answer(exchange: Running) -> None:
    async with connected(exchange) as told:
        fault(exchange, "error", on=POST, code=-1021)
        fault(exchange, "error", on="GET /fapi/v1/time", times=3, code=-1007)
        await told.broker.submit("run-1", order("buy", 1))
        await told.until(lambda: told.updates("run-1"))
        assert told.states("run-1") == ["rejected"]
    assert placed(exchange) == {}
