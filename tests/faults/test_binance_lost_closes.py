"""An order that closes a position and never arrives at Binance: that is known within seconds, and it is given again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from binance_broker import POST, absences, connected, fault, order, placed
from local_exchange import Running, running
from tradebot.brokers.binance import arrival, asking, broker
from tradebot.core.interval import SECOND

EXIT: dict[str, Any] = {"reduce_only": True}


@pytest.fixture
def exchange(monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    monkeypatch.setattr(broker, "ARRIVED_NS", SECOND // 5)
    for module in (arrival, asking):
        monkeypatch.setattr(module, "BELIEVED_NS", SECOND // 5)
    with running() as started:
        yield started


async def test_a_close_that_is_lost_on_the_way_is_told_as_rejected_though_nobody_asks(exchange: Running) -> None:
    async with connected(exchange) as told:
        await told.broker.submit("run-1", order("buy", 2))
        fault(exchange, "drop", on=POST, seconds=2.5)
        await told.broker.submit("run-2", order("sell", 2, reduce_only=True))
        await told.state("run-2", "rejected")
        assert told.updates("run-2")[-1].reason == "it has not arrived"
        await told.broker.submit("run-3", order("sell", 2, reduce_only=True))
        await told.until(lambda: told.position == 0)
    assert placed(exchange) == {"run-1": 1, "run-3": 1}


async def test_a_close_whose_answer_alone_is_lost_is_told_as_filled_and_not_as_rejected(exchange: Running) -> None:
    async with connected(exchange) as told:
        await told.broker.submit("run-1", order("buy", 2))
        fault(exchange, "lose", on="private", times=None)
        fault(exchange, "lose_answer", on=POST)
        await told.broker.submit("run-2", order("sell", 2, reduce_only=True))
        await told.state("run-2", "filled")
        assert "rejected" not in told.states("run-2")


@pytest.mark.parametrize(
    "terms",
    [
        {},
        {"type": "stop", "trigger": 90.0, "reduce_only": True},
        {"type": "limit", "price": 110.0, "reduce_only": True},
    ],
)
async def test_what_closes_nothing_at_once_is_left_to_whoever_asks(exchange: Running, terms: dict[str, object]) -> None:
    """A second entry would be one too many, and a stop that was lost is no refusal of stops."""
    async with connected(exchange) as told:
        await told.broker.submit("run-1", order("buy", 2))
        fault(exchange, "drop", on=POST, seconds=2.5)
        fault(exchange, "drop", on="POST /fapi/v1/algoOrder", seconds=2.5)
        await told.broker.submit("run-2", order("sell", 2, **terms))
        known = told.broker._names.get("run-2")
        assert known is not None
        known.arrived_by -= SECOND
        await told.broker.query("run-2")
        await told.until(lambda: absences(told, "run-2") == 1)
        assert told.states("run-2") == ["unknown"]
