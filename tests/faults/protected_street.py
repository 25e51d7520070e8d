"""A bot on spot whose coin a stop and a target protect, on virtual time, and what a test does to its requests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

from spot_in_process import Street
from tradebot.brokers.binance.rest import Endpoint
from virtual_time import VirtualLoop

PLACE = "privatePostOrder"
PAIR = "privatePostOrderListOco"
CANCEL = "privateDeleteOrder"
SEARCH = "privateGetAllOrders"
BOTH = {"STOP_LOSS": Decimal("0.999"), "LIMIT_MAKER": Decimal("0.999")}
Ask = Callable[[Endpoint, Any], Awaitable[Any]]


def living(work: Coroutine[Any, Any, None]) -> None:
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(work)


@asynccontextmanager
async def protected(*lines: str) -> AsyncIterator[Street]:
    """A bot with a coin, a stop and a target beside another hand's coins; its second bar is a second ahead."""
    street = Street(("long", *lines), {})
    async with street.trading():
        await asyncio.sleep(119.0 - asyncio.get_running_loop().time())
        assert resting(street) == BOTH
        yield street


def resting(street: Street) -> dict[str, Decimal]:
    return {each.kind: each.quantity for each in street.working()}


def names(street: Street) -> set[str]:
    """Our names of the orders that work at the exchange."""
    return {each.client_id.partition("__")[0] for each in street.working()}


def between(street: Street, step: Callable[[Ask, Endpoint, Any], Awaitable[Any]]) -> None:
    """Let a step stand between the broker and its requests."""
    rest: Any = street.broker._rest
    ask = rest.ask

    async def asked(endpoint: Endpoint, params: Any = None) -> Any:
        return await step(ask, endpoint, params)

    rest.ask = asked
