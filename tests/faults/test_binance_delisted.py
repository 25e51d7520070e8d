"""A market that Binance delists takes nothing from the others."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest
from tradebot_native import OrderIntent

from binance_broker import Told, connected, connected_to_spot, order
from local_exchange import INSTRUMENT, SPOT, running
from tradebot.brokers.binance.refusals import Refused
from tradebot.core.event import Alarm
from tradebot.exchange import server
from tradebot.exchange.endpoints import Endpoint
from tradebot.exchange.refusals import Refusal

GONE = "ETHUSDT"
LISTS = {
    "_FUTURES": ("/fapi/v1/openOrders", "/fapi/v1/openAlgoOrders", "/fapi/v1/userTrades"),
    "_SPOT": ("/api/v3/openOrders", "/api/v3/myTrades"),
}


INFO = {"_FUTURES": "/fapi/v1/exchangeInfo", "_SPOT": "/api/v3/exchangeInfo"}


def refuse(monkeypatch: pytest.MonkeyPatch, table: str) -> None:
    """Let the lists of one market be refused."""

    def without(handler: Callable[..., Any]) -> Callable[..., Any]:
        def answer(venue: Any, params: Any) -> Any:
            if params.text("symbol", "") == GONE:
                raise Refusal(-1121)
            return handler(venue, params)

        return answer

    endpoints: dict[tuple[str, str], Endpoint] = getattr(server, table)
    for path in LISTS[table]:
        found = endpoints["GET", path]
        monkeypatch.setitem(endpoints, ("GET", path), msgspec.structs.replace(found, handler=without(found.handler)))


def delist(monkeypatch: pytest.MonkeyPatch, table: str) -> None:
    """Let one market be listed no more, too."""
    refuse(monkeypatch, table)
    endpoints: dict[tuple[str, str], Endpoint] = getattr(server, table)
    found = endpoints["GET", INFO[table]]

    def answer(venue: Any, params: Any) -> Any:
        told = found.handler(venue, params)
        return told | {"symbols": [row for row in told["symbols"] if row["symbol"] != GONE]}

    monkeypatch.setitem(endpoints, ("GET", INFO[table]), msgspec.structs.replace(found, handler=answer))


@asynccontextmanager
async def trading_both(table: str) -> AsyncIterator[Told]:
    """A broker of two markets, with an order at rest in the one that is to go."""
    listed = INSTRUMENT if table == "_FUTURES" else SPOT
    instruments = (listed, msgspec.structs.replace(listed, symbol=GONE, base="ETH"))
    connecting = connected if table == "_FUTURES" else connected_to_spot
    with running(instruments=instruments) as exchange:
        async with connecting(exchange, symbols=("BTCUSDT", GONE)) as told:
            await told.broker.submit("run-0", order("buy", 1))
            await told.state("run-0", "filled")
            yield told


def alarms(told: Told) -> list[Alarm]:
    return [event for event in told.events if isinstance(event, Alarm)]


@pytest.mark.parametrize("table", LISTS)
async def test_the_others_are_compared_and_it_is_told_once(table: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with trading_both(table) as told:
        delist(monkeypatch, table)
        for _ in range(3):
            account = await told.broker.snapshot()
            assert [held.symbol for held in account.positions] == ["BTCUSDT"]
        await told.until(lambda: alarms(told))
        (alarm,) = alarms(told)
        assert alarm.severity == "critical"
        assert f"{GONE}: Binance has no such market any more" in alarm.text


@pytest.mark.parametrize("table", LISTS)
async def test_an_order_there_that_was_never_told_ended_keeps_no_stream_down(
    table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with trading_both(table) as told:
        resting = OrderIntent(GONE, "buy", 1.0, type="limit", price=50.0)
        await told.broker.submit("run-1", resting)
        await told.state("run-1", "accepted")
        delist(monkeypatch, table)
        await told.broker.snapshot()
        opened = told.broker.reconnects
        told.broker._stream.doubt()
        await told.until(lambda: told.broker.reconnects > opened and told.broker.is_hearing)


@pytest.mark.parametrize("table", LISTS)
async def test_a_market_that_is_listed_yet_may_have_orders(table: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with trading_both(table) as told:
        refuse(monkeypatch, table)
        with pytest.raises(Refused, match="-1121"):
            await told.broker.snapshot()
        assert not alarms(told)
