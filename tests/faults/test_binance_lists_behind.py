"""Binance's lists are behind what it has done: nothing is taken for what it is no more.

A recording of its testnet (14 September 2026) has a conditional order NEW for 1.2 s after it was canceled.
"""

from __future__ import annotations

import asyncio

import pytest

from binance_broker import connected, order
from local_exchange import running
from tradebot.exchange import server
from tradebot.exchange.endpoints import Endpoint

LIST = "/fapi/v1/openAlgoOrders"


async def test_a_list_with_the_forerunner_alone_does_not_make_it_the_stop_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with running() as exchange:
        async with connected(exchange) as told:
            await told.broker.submit("run-0", order("buy", 2))
            await told.broker.submit("run-0-sl", order("sell", 1, type="stop", trigger=90.0, reduce_only=True))
            await told.state("run-0-sl", "accepted")
            before = (await asyncio.to_thread(exchange.rest, "GET", "openAlgoOrders", symbol="BTCUSDT")).body
            assert len(before) == 1
            await told.broker.replace("run-0-sl", quantity=2.0)
            with monkeypatch.context() as behind:
                behind.setitem(server._FUTURES, ("GET", LIST), Endpoint(lambda venue, params: before, 1, "signed"))
                await told.broker.snapshot()
            await told.broker.query("run-0-sl")
            (stop,) = (await told.broker.snapshot()).orders
            assert (stop.order_id, stop.quantity) == ("run-0-sl", 2)
            assert "canceled" not in told.states("run-0-sl")
