"""Answers of Binance spot that lag, are slow or refuse for a moment: they leave no coin bare, and sell no other's."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

import pytest
from protected_street import BOTH, CANCEL, PAIR, PLACE, Ask, between, living, names, protected, resting

from binance_broker import order
from spot_in_process import Street
from tradebot.brokers.binance.refusals import Refused, Unanswered
from tradebot.brokers.binance.rest import Endpoint

TRADES = "privateGetMyTrades"
ORDER = "privateGetOrder"
OVERLOADED = Refused(-1008, 503, "Server is currently overloaded with other requests.")
LEFT = {"STOP_LOSS": Decimal("0.6993"), "LIMIT_MAKER": Decimal("0.6993")}


def answering(street: Street, call: str, answer: Callable[[Callable[[], Awaitable[Any]]], Awaitable[Any]]) -> None:
    """Let the requests to an endpoint be answered otherwise; ``answer`` is given what does as they ask."""

    async def step(ask: Ask, endpoint: Endpoint, params: Any) -> Any:
        if endpoint.call != call:
            return await ask(endpoint, params)
        return await answer(lambda: ask(endpoint, params))

    between(street, step)


def refusing(street: Street, call: str, *refusals: Refused | Unanswered) -> None:
    left = list(refusals)

    async def answer(ask: Callable[[], Awaitable[Any]]) -> Any:
        if left:
            raise left.pop(0)
        return await ask()

    answering(street, call, answer)


def test_a_pair_that_is_refused_for_a_moment_comes_back_whole() -> None:
    async def life() -> None:
        async with protected("0.3") as street:
            refusing(street, PAIR, OVERLOADED, OVERLOADED)
            await asyncio.sleep(10.0)
            assert resting(street) == LEFT

    living(life())


def test_a_target_comes_to_its_stop_though_that_could_not_be_taken_back_at_once() -> None:
    async def life() -> None:
        street = Street(("long",), {})
        async with street.trading():
            refusing(street, CANCEL, OVERLOADED, Unanswered("no answer", place="binance"))
            await asyncio.sleep(119.0 - asyncio.get_running_loop().time())
            assert resting(street) == BOTH

    living(life())


def test_a_stop_whose_pair_is_refused_again_and_again_comes_back_alone() -> None:
    async def life() -> None:
        async with protected("0.3") as street:
            refusing(street, PAIR, *[OVERLOADED] * 10)
            await asyncio.sleep(10.0)
            assert resting(street) == {"STOP_LOSS": Decimal("0.6993")}
            assert street.coins == Decimal("0.6993")

    living(life())


def test_an_end_whose_trades_are_not_told_yet_makes_no_coins_free() -> None:
    async def life() -> None:
        async with protected() as street:
            street.silences = ((0.0, 1_000.0),)
            told = asyncio.get_running_loop().time() + 5.0

            async def lagging(ask: Callable[[], Awaitable[Any]]) -> Any:
                rows = await ask()
                return rows if asyncio.get_running_loop().time() > told else []

            answering(street, TRADES, lagging)
            street.price(89.0)
            await street.broker.submit("run-90", order("sell", 0.999, reduce_only=True))
            await asyncio.sleep(60.0)
            assert street.broken == []
            assert (street.coins < Decimal("0.001"), street.trader.portfolio.quantity("BTCUSDT")) == (True, 0.0)

    living(life())


def test_exits_that_work_though_their_cancellation_was_refused_are_not_taken_for_gone() -> None:
    async def life() -> None:
        async with protected() as street:
            refusing(street, CANCEL, Refused(-2011, 400, "Unknown order sent."))
            await street.broker.submit("run-90", order("sell", 0.999, reduce_only=True))
            await asyncio.sleep(10.0)
            assert (resting(street), street.coins, street.broken) == (BOTH, Decimal("0.999"), [])

    living(life())


def test_a_slow_answer_about_a_stop_that_was_placed_anew_meanwhile_does_not_end_it() -> None:
    async def life() -> None:
        async with protected() as street:
            slow = [3.0]

            async def late(ask: Callable[[], Awaitable[Any]]) -> Any:
                if slow:
                    await asyncio.sleep(slow.pop())
                return await ask()

            answering(street, ORDER, late)
            stop = next(name for name in names(street) if name.endswith("-sl"))
            asking = asyncio.create_task(street.broker.query(stop))
            await asyncio.sleep(0.1)
            await street.broker.replace(stop, trigger=91.0)
            await asking
            await asyncio.sleep(5.0)
            assert resting(street) == BOTH
            assert names(street) == {stop, stop.replace("-sl", "-tp")}
            states = {each["client_id"]: each["state"] for each in street.trader.status()["orders"]}
            assert states == dict.fromkeys(names(street), "accepted")

    living(life())


def test_exits_do_not_wait_for_the_stream_to_tell_the_end_of_a_sale_that_the_answer_tells() -> None:
    async def life() -> None:
        async with protected() as street:
            street.silences = ((0.0, 1_000.0),)
            await asyncio.sleep(4.0)
            await street.broker.submit("run-90", order("sell", 0.3, reduce_only=True))
            await asyncio.sleep(1.0)
            assert resting(street) == {"STOP_LOSS": Decimal("0.699"), "LIMIT_MAKER": Decimal("0.699")}

    living(life())


def test_a_buy_that_is_taken_back_keeps_no_stop_waiting() -> None:
    async def life() -> None:
        async with protected() as street:
            await street.broker.submit("run-90", order("buy", 0.5, type="limit", price=80.0))

            async def slow(ask: Callable[[], Awaitable[Any]]) -> Any:
                await asyncio.sleep(1.0)
                return await ask()

            answering(street, CANCEL, slow)
            canceling = asyncio.create_task(street.broker.cancel("run-90"))
            await asyncio.sleep(0.1)
            assert not street.broker._sales.turn("BTCUSDT").locked()
            await canceling
            assert resting(street) == BOTH

    living(life())


def test_a_bot_that_is_stopped_with_a_coin_bare_says_so(caplog: pytest.LogCaptureFixture) -> None:
    async def life() -> None:
        async with protected("0.3") as street:

            async def refusing_exits(ask: Ask, endpoint: Endpoint, params: Any) -> Any:
                if endpoint.call == PAIR or (endpoint.call == PLACE and params["type"] == "STOP_LOSS"):
                    raise Refused(-1100, 400, "Illegal characters found.")
                return await ask(endpoint, params)

            between(street, refusing_exits)
            await asyncio.sleep(1.2)
            assert resting(street) == {}

    living(life())
    assert any("no stop surely rests" in each.getMessage() for each in caplog.records)
