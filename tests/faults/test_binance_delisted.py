"""A market that Binance delists takes nothing from the others."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import msgspec
import pytest

from binance_broker import Told, connected, connected_to_spot, order
from local_exchange import INSTRUMENT, SPOT, running
from tradebot.core.event import Alarm
from tradebot.exchange import server
from tradebot.exchange.endpoints import Endpoint
from tradebot.exchange.refusals import Refusal

GONE = "ETHUSDT"
LISTS = {
    "_FUTURES": ("/fapi/v1/openOrders", "/fapi/v1/openAlgoOrders", "/fapi/v1/userTrades"),
    "_SPOT": ("/api/v3/openOrders", "/api/v3/myTrades"),
}


def delist(monkeypatch: pytest.MonkeyPatch, table: str) -> None:
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


@pytest.fixture(params=["_FUTURES", "_SPOT"])
async def told(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Told]:
    """A broker of two markets, of which one has gone since it was connected."""
    listed = INSTRUMENT if request.param == "_FUTURES" else SPOT
    both = ("BTCUSDT", GONE)
    instruments = (listed, msgspec.structs.replace(listed, symbol=GONE, base="ETH"))
    connecting = connected if request.param == "_FUTURES" else connected_to_spot
    with running(instruments=instruments) as exchange:
        async with connecting(exchange, symbols=both) as told:
            delist(monkeypatch, request.param)
            yield told


async def test_the_others_are_compared_and_it_is_told_once(told: Told) -> None:
    await told.broker.submit("run-0", order("buy", 1))
    await told.state("run-0", "filled")
    for _ in range(3):
        account = await told.broker.snapshot()
        assert [held.symbol for held in account.positions] == ["BTCUSDT"]
    await told.until(lambda: any(isinstance(event, Alarm) for event in told.events))
    (alarm,) = [event for event in told.events if isinstance(event, Alarm)]
    assert alarm.severity == "critical"
    assert f"{GONE}: Binance has no such market any more" in alarm.text
