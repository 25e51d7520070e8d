"""A stop and a target whose exchange was not answered: what became of it is asked, and neither of them is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from protected_street import BOTH, CANCEL, PAIR, SEARCH, Ask, between, living, names, protected, resting

from spot_in_process import Street
from tradebot.brokers.binance.refusals import Refused, Unanswered
from tradebot.brokers.binance.rest import Endpoint
from tradebot.core.event import OrderUpdate
from tradebot.core.order import OrderState

LOST, DROPPED = "lost", "dropped"


class Failing:
    """Lets the first of the requests to an endpoint fail: their answers are lost, or they never arrive."""

    def __init__(self, street: Street, call: str, *fates: str) -> None:
        self.fates = list(fates)
        self.on_failure: Callable[[], None] = lambda: None
        self._call = call
        between(street, self._step)

    async def _step(self, ask: Ask, endpoint: Endpoint, params: Any) -> Any:
        fate = self.fates.pop(0) if endpoint.call == self._call and self.fates else ""
        told = await ask(endpoint, params) if fate != DROPPED else None
        if fate:
            self.on_failure()
            raise Unanswered("no answer", place="binance")
        return told


def books(street: Street) -> dict[str, str]:
    """Open orders of the books and their states."""
    return {each["client_id"]: each["state"] for each in street.trader.status()["orders"]}


def entry(street: Street) -> str:
    return min(names(street)).rpartition("-")[0]


def is_whole(street: Street) -> bool:
    """Whether stop and target cover what the bot has, and the books have the orders that rest, and no others."""
    position = Decimal(str(street.trader.portfolio.quantity("BTCUSDT")))
    rests = resting(street) == {"STOP_LOSS": position, "LIMIT_MAKER": position}
    return rests and books(street) == dict.fromkeys(names(street), "accepted") and not street.broken


def told_too_small(street: Street) -> None:
    """The books are told that the stop protects a part alone: a second later one for the whole takes its place."""
    street.give(
        OrderUpdate(
            ts=street.now(),
            order_id=f"{entry(street)}-sl",
            symbol="BTCUSDT",
            state=OrderState.ACCEPTED,
            quantity=Decimal("0.4"),
        )
    )


@pytest.mark.parametrize("fates", [(LOST,), (DROPPED,), (DROPPED, LOST)], ids="-".join)
def test_a_pair_whose_stop_another_replaces_is_one_pair_in_the_end(fates: tuple[str, ...]) -> None:
    async def life() -> None:
        async with protected() as street:
            name = entry(street)
            failing = Failing(street, PAIR, *fates)
            told_too_small(street)
            await asyncio.sleep(10.0)
            assert failing.fates == []
            assert names(street) == {f"{name}-sl2", f"{name}-tp"}
            assert is_whole(street), (street.told(), books(street), street.broken)

    living(life())


@pytest.mark.parametrize("fates", [(LOST,), (DROPPED,), (DROPPED, DROPPED)], ids="-".join)
def test_a_target_that_comes_to_its_stop_rests_beside_it_whatever_answer_is_missing(fates: tuple[str, ...]) -> None:
    async def life() -> None:
        street = Street(("long",), {})
        async with street.trading():
            Failing(street, PAIR, *fates)
            await asyncio.sleep(119.0 - asyncio.get_running_loop().time())
            assert resting(street) == BOTH
            assert is_whole(street), (street.told(), books(street), street.broken)

    living(life())


@pytest.mark.parametrize("fates", [(LOST,), (DROPPED,), (DROPPED, DROPPED)], ids="-".join)
def test_a_pair_that_has_made_room_comes_back_whatever_answer_is_missing(fates: tuple[str, ...]) -> None:
    async def life() -> None:
        async with protected("0.3") as street:
            Failing(street, PAIR, *fates)
            await asyncio.sleep(20.0)
            assert street.coins == Decimal("0.6993")
            assert is_whole(street), (street.told(), books(street), street.broken)

    living(life())


def test_a_target_whose_price_is_passed_while_its_pair_was_not_answered_sells() -> None:
    async def life() -> None:
        async with protected("0.3") as street:
            failing = Failing(street, PAIR, DROPPED)
            failing.on_failure = lambda: street.price(112.0)
            await asyncio.sleep(20.0)
            assert Decimal(0) <= street.coins < Decimal("0.001")
            assert (street.trader.portfolio.quantity("BTCUSDT"), resting(street), street.broken) == (0.0, {}, [])

    living(life())


def test_a_pair_of_which_nothing_could_be_learnt_is_taken_back_whole_by_what_comes_next() -> None:
    async def life() -> None:
        async with protected() as street:
            Failing(street, PAIR, LOST)
            silent = True

            async def step(ask: Ask, endpoint: Endpoint, params: Any) -> Any:
                if endpoint.call == SEARCH and silent:
                    raise Refused(-1003, 429, "too many requests")
                return await ask(endpoint, params)

            between(street, step)
            street.silences = ((0.0, 160.0),)
            street.move_stops(91.0)
            await asyncio.sleep(10.0)
            silent = False
            street.move_stops(92.0)
            await asyncio.sleep(10.0)
            assert resting(street) == BOTH
            assert {each.stop_price for each in street.working() if each.kind == "STOP_LOSS"} == {Decimal(92)}

    living(life())


@pytest.mark.parametrize("fate", [LOST, DROPPED])
def test_a_pair_whose_cancellation_was_not_answered_rests_on_whole(fate: str) -> None:
    async def life() -> None:
        async with protected() as street:
            failing = Failing(street, CANCEL, fate)
            street.move_stops(91.0)
            await asyncio.sleep(10.0)
            assert failing.fates == []
            assert resting(street) == BOTH
            assert is_whole(street), (street.told(), books(street), street.broken)

    living(life())
