"""Exits on spot whose requests fail again and again: the time without a stop stays short, and a long one is told."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

from protected_street import BOTH, CANCEL, PAIR, Ask, between, living, protected, resting
from tradebot_native import OrderIntent

from spot_in_process import Street
from tradebot.brokers.binance.refusals import Refused, Unanswered
from tradebot.brokers.binance.rest import Endpoint
from tradebot.core.event import OperatorAction, OperatorCommand

ORDER = "privateGetOrder"
ANSWER_S = 2.0


def bare_times(street: Street, watch: list[float]) -> asyncio.Task[None]:
    """Note when no stop rests, every hundredth of a second."""

    async def look() -> None:
        while True:
            if "STOP_LOSS" not in resting(street) and street.coins > 0:
                watch.append(asyncio.get_running_loop().time())
            await asyncio.sleep(0.01)

    return asyncio.create_task(look())


def test_a_cancellation_whose_answer_is_lost_again_and_again_is_asked_about_before_it_is_sent_again() -> None:
    async def life() -> None:
        async with protected("0.3") as street:
            left = 3

            async def step(ask: Ask, endpoint: Endpoint, params: Any) -> Any:
                nonlocal left
                told = await ask(endpoint, params)
                if endpoint.call == CANCEL and left:
                    left -= 1
                    await asyncio.sleep(ANSWER_S)
                    raise Unanswered("no answer", place="binance")
                return told

            between(street, step)
            times: list[float] = []
            looking = bare_times(street, times)
            await asyncio.sleep(20.0)
            looking.cancel()
            assert resting(street).keys() == BOTH.keys()
            # One answer is waited for, and the question behind it is enough.
            assert left == 2
            assert times[-1] - times[0] < ANSWER_S + 1.0

    living(life())


def test_an_order_that_binance_does_not_show_for_a_moment_has_not_ended_and_stays_the_only_stop() -> None:
    async def life() -> None:
        street = Street(("long",), {})
        async with street.trading():
            begun: list[float] = []

            async def step(ask: Ask, endpoint: Endpoint, params: Any) -> Any:
                now = asyncio.get_running_loop().time()
                if endpoint.call == CANCEL and not begun:
                    begun.append(now)
                    raise Refused(-2011, 400, "Unknown order sent.")
                if endpoint.call == ORDER and begun and now < begun[0] + 0.3:
                    raise Refused(-2013, 400, "Order does not exist.")
                return await ask(endpoint, params)

            between(street, step)
            await asyncio.sleep(110.0 - asyncio.get_running_loop().time())
            stops = [each for each in street.working() if each.kind == "STOP_LOSS"]
            assert len(stops) == 1
            street.price(85.0)
            await asyncio.sleep(5.0)
            assert (street.coins, street.broken) == (0, [])

    living(life())


def test_a_position_that_has_no_stop_for_two_seconds_is_told_and_so_is_its_return() -> None:
    async def life() -> None:
        async with protected("0.3") as street:
            left = 2

            async def step(ask: Ask, endpoint: Endpoint, params: Any) -> Any:
                nonlocal left
                if endpoint.call == PAIR and left:
                    left -= 1
                    await asyncio.sleep(ANSWER_S)
                    raise Unanswered("no answer", place="binance")
                return await ask(endpoint, params)

            between(street, step)
            await asyncio.sleep(40.0)
            assert resting(street).keys() == BOTH.keys()
            told = [text for text in street.notices if "no stop rests for" in text or "rests again" in text]
            assert len(told) == 2
            assert "BTCUSDT: no stop rests for 0.6993 units" in told[0]
            assert "BTCUSDT: its stop rests again" in told[1]

    living(life())


def test_coins_that_were_bought_without_a_stop_are_not_told_to_lack_that_of_an_entry_that_was_closed() -> None:
    async def life() -> None:
        async with protected("1.0") as street:
            await asyncio.sleep(10.0)
            assert (street.coins, resting(street)) == (0, {})
            intent = OrderIntent("BTCUSDT", "buy", 1.0, tag="operator")
            street.give(OperatorCommand(street.now(), OperatorAction.PLACE, "ann", intent=intent))
            await asyncio.sleep(10.0)
            assert (street.coins, street.broker._sales.bare()) == (Decimal("0.999"), {})
            assert [text for text in street.notices if "no stop rests for" in text] == []

    living(life())
