"""A bot on spot that is killed between the two requests of an exchange of exits has stop and target again, once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from protected_street import BOTH, PAIR, Ask, between, living, names, resting

from spot_in_process import Street
from tradebot.brokers.binance.rest import Endpoint

# Longer than an order that never left is looked for.
_RECOVERED_S = 120.0


async def until_killed(street: Street, begin: Callable[[], Awaitable[None]]) -> None:
    """The bot's life until it comes to place a pair; from there on nothing of it leaves."""
    dead = asyncio.Event()

    async def step(ask: Ask, endpoint: Endpoint, params: Any) -> Any:
        if dead.is_set() or endpoint.call == PAIR:
            dead.set()
            await asyncio.Event().wait()
        return await ask(endpoint, params)

    between(street, step)
    await begin()
    async with asyncio.timeout(_RECOVERED_S):
        await dead.wait()


async def recovered(street: Street) -> None:
    async with street.trading(again=True):
        await asyncio.sleep(_RECOVERED_S)
        assert resting(street) == BOTH
        assert {name.rstrip("0123456789") for name in names(street)} == {"run-0-sl", "run-0-tp"}
    assert street.broken == []


async def amid_the_first_pair(kills: int) -> None:
    street = Street(("long",), {})
    async with street.trading():
        await until_killed(street, lambda: asyncio.sleep(0.0))
    for _ in range(kills - 1):
        async with street.trading(again=True):
            await until_killed(street, lambda: asyncio.sleep(0.0))
    assert "LIMIT_MAKER" not in resting(street)
    await recovered(street)


async def amid_a_change() -> None:
    street = Street(("long",), {})
    async with street.trading():
        await asyncio.sleep(119.0)
        assert resting(street) == BOTH

        async def move() -> None:
            street.move_stops(91.0)

        await until_killed(street, move)
    assert resting(street) == {}
    await recovered(street)


@pytest.mark.parametrize("kills", [1, 2, 3])
def test_a_kill_before_the_target_has_rested(kills: int):
    living(amid_the_first_pair(kills))


def test_a_kill_amid_a_change_of_the_stop_beside_the_target():
    living(amid_a_change())
