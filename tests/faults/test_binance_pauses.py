"""What leaves while Binance asks us to wait: nothing at once, exits afterwards, entries not at all."""

from __future__ import annotations

import asyncio
from typing import Any, Literal

import pytest

from binance_broker import connected, order
from local_exchange import SPOT, Running, running
from tradebot.app.connecting import connected as connected_to_close
from tradebot.venues.binance import BinanceHost

PAUSE_S = 4


async def test_ban_is_outlasted_by_exits_and_stops_and_not_by_entries(exchange: Running) -> None:
    async with connected(exchange) as told:
        await told.broker.submit("run-1", order("buy", 2))
        await told.state("run-1", "filled")
        exchange.control("ban", {"seconds": PAUSE_S})
        # The first answer tells of the ban.
        await told.broker.query("run-1")
        await told.broker.submit("run-2", order("buy", 1))
        await told.state("run-2", "rejected")
        await told.broker.submit("run-1-sl", order("sell", 2, type="stop", trigger=90.0, reduce_only=True))
        await told.broker.submit("run-3", order("sell", 2, reduce_only=True))
        await told.state("run-3", "filled")
        assert "the venue asks us to wait" in told.updates("run-2")[-1].reason
        assert "accepted" in told.states("run-1-sl")
        assert told.position == 0
    ledger = exchange.ledger()
    assert ledger["placedByClientId"] == {"run-1": 1, "run-1-sl": 1, "run-3": 1}
    assert ledger["requestsWhileBanned"] <= 3


async def test_ban_is_outlasted_by_a_cancellation(exchange: Running) -> None:
    async with connected(exchange) as told:
        await told.broker.submit("run-1", order("buy", 1, type="limit", price=95.0))
        await told.state("run-1", "accepted")
        exchange.control("ban", {"seconds": PAUSE_S})
        await told.broker.query("run-1")
        await told.broker.cancel("run-1")
        await told.state("run-1", "canceled")
    assert exchange.ledger()["requestsWhileBanned"] <= 3
    assert [row["status"] for row in exchange.ledger()["orders"]] == ["CANCELED"]


@pytest.mark.parametrize("market", ["usdm", "spot"])
async def test_whoever_only_closes_asks_for_no_fees_and_uses_the_reserve(market: Literal["usdm", "spot"]) -> None:
    settings: dict[str, Any] = {"instruments": (SPOT,), "balances": {"BTC": 5}} if market == "spot" else {}
    with running(**settings) as exchange:
        for path in ("GET /api/v3/account/commission", "GET /fapi/v1/commissionRate", "GET /fapi/v1/leverageBracket"):
            exchange.control("faults", {"action": "error", "on": path, "code": -1003, "status": 403, "times": None})
        host = BinanceHost.of("local", url=exchange.url, market=market)
        keys = dict(zip(host.key_variables, (exchange.key, exchange.secret), strict=True))
        async with connected_to_close(host, keys, ("BTCUSDT",), prefixes=("run-",)) as broker:
            budget = broker._rest.budget
            # What is left is for closing alone.
            await budget.take(int(budget._windows[0].limit * 0.8), 0, urgent=True, patience_s=0.0)
            async with asyncio.timeout(5.0):
                account = await broker.snapshot()
    assert account.orders == ()
