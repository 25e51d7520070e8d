"""Spot exits that made room come back, though the bot is stopped, the market runs off, or an answer is odd."""

from __future__ import annotations

import asyncio
import logging
from decimal import Decimal
from typing import Any

import pytest
from protected_street import CANCEL, PAIR, PLACE, SEARCH, Ask, between, living, protected, resting

from binance_broker import order
from tradebot.brokers.binance.refusals import Refused, Unanswered
from tradebot.brokers.binance.rest import Endpoint


def test_a_sale_that_is_given_up_while_room_is_made_for_it_leaves_no_coin_bare() -> None:
    async def life() -> None:
        async with protected("0.5") as street:

            async def slow(ask: Ask, endpoint: Endpoint, params: Any) -> Any:
                told = await ask(endpoint, params)
                if endpoint.call == CANCEL:
                    await asyncio.sleep(3.0)
                return told

            between(street, slow)
            await asyncio.sleep(2.0)
            assert resting(street) == {}
        assert resting(street) == {"STOP_LOSS": Decimal("0.999"), "LIMIT_MAKER": Decimal("0.999")}

    living(life())


def test_a_bot_that_is_stopped_asks_about_a_sale_until_its_fate_is_known() -> None:
    async def life() -> None:
        loop = asyncio.get_running_loop()
        async with protected("0.5") as street:

            async def failing(ask: Ask, endpoint: Endpoint, params: Any) -> Any:
                if endpoint.call == PLACE:
                    raise Unanswered("no answer", place="binance")
                if endpoint.call == SEARCH and loop.time() < 128.0:
                    raise Refused(-1003, 429, "too many requests")
                return await ask(endpoint, params)

            between(street, failing)
            await asyncio.sleep(1.5)
            assert resting(street) == {}
        assert resting(street) == {"STOP_LOSS": Decimal("0.999"), "LIMIT_MAKER": Decimal("0.999")}

    living(life())


def test_exits_of_a_stopped_bot_cover_what_a_sale_of_which_nobody_knows_leaves(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def life() -> None:
        async with protected("0.3") as street:

            async def failing(ask: Ask, endpoint: Endpoint, params: Any) -> Any:
                if endpoint.call == SEARCH:
                    raise Refused(-1003, 429, "too many requests")
                told = await ask(endpoint, params)
                if endpoint.call == PLACE:
                    raise Unanswered("no answer", place="binance")
                return told

            street.silences = ((0.0, 1_000.0),)
            between(street, failing)
            await asyncio.sleep(1.5)
            assert resting(street) == {}
        assert resting(street) == {"STOP_LOSS": Decimal("0.6993"), "LIMIT_MAKER": Decimal("0.6993")}
        assert street.coins == Decimal("0.6993")

    living(life())
    assert any("nobody knows whether" in each.message for each in caplog.records if each.levelno == logging.CRITICAL)


@pytest.mark.parametrize("lines", [("0.3",), ()], ids=["sale", "change"])
def test_a_target_whose_price_was_passed_while_it_made_room_sells_and_covers_what_it_leaves(
    lines: tuple[str, ...],
) -> None:
    async def life() -> None:
        async with protected(*lines) as street:

            async def passing(ask: Ask, endpoint: Endpoint, params: Any) -> Any:
                if endpoint.call == PAIR:
                    street.price(112.0)
                return await ask(endpoint, params)

            between(street, passing)
            if not lines:
                stop = next(each for each in street.working() if each.kind == "STOP_LOSS")
                await street.broker.replace(stop.client_id.partition("__")[0], trigger=91.0)
            await asyncio.sleep(5.0)
            assert Decimal(0) <= street.coins < Decimal("0.001")
            assert street.trader.portfolio.quantity("BTCUSDT") == 0.0
            assert resting(street) == {}

    living(life())


def test_a_sale_that_comes_while_a_target_takes_its_price_sells_no_coins_of_another_hand() -> None:
    async def life() -> None:
        async with protected("0.3") as street:

            async def passing(ask: Ask, endpoint: Endpoint, params: Any) -> Any:
                if endpoint.call == PAIR:
                    street.price(112.0)
                if endpoint.call == PLACE and params["type"] == "LIMIT":
                    await asyncio.sleep(1.0)
                return await ask(endpoint, params)

            between(street, passing)
            await asyncio.sleep(2.0)
            assert resting(street) == {}
            await street.broker.submit("run-90", order("sell", 0.5, reduce_only=True))
            await asyncio.sleep(5.0)
            assert street.broken == []

    living(life())


def test_a_stop_rests_alone_where_the_pair_is_refused_and_the_target_is_out_of_reach() -> None:
    async def life() -> None:
        async with protected("0.3") as street:

            async def refusing(ask: Ask, endpoint: Endpoint, params: Any) -> Any:
                if endpoint.call == PAIR:
                    raise Refused(-2010, 400, "The relationship of the prices for the orders is not correct.")
                return await ask(endpoint, params)

            between(street, refusing)
            stop = next(each.client_id.partition("__")[0] for each in street.working() if each.kind == "STOP_LOSS")
            await asyncio.sleep(5.0)
            assert resting(street) == {"STOP_LOSS": Decimal(str(street.trader.portfolio.quantity("BTCUSDT")))}
            assert [each.client_id.partition("__")[0] for each in street.working()] == [stop]

    living(life())


def test_a_pair_whose_answer_is_not_understood_is_asked_about() -> None:
    async def life() -> None:
        async with protected("0.3") as street:

            async def odd(ask: Ask, endpoint: Endpoint, params: Any) -> Any:
                told = await ask(endpoint, params)
                return {"code": "odd"} if endpoint.call == PAIR else told

            between(street, odd)
            await asyncio.sleep(10.0)
            assert street.broker._sales.asides == {}
            assert resting(street)["STOP_LOSS"] == Decimal(str(street.trader.portfolio.quantity("BTCUSDT")))
            snapshot = await street.broker.snapshot()
            assert len(snapshot.orders) == len(street.working())

    living(life())


def test_what_nobody_foresaw_keeps_no_exit_from_coming_back(caplog: pytest.LogCaptureFixture) -> None:
    async def life() -> None:
        async with protected("0.3", "long") as street:
            placing: Any = street.broker._placing
            place, failures = placing.place, [RuntimeError("unforeseen")]

            async def failing(orders: Any) -> Decimal:
                units = await place(orders)
                if orders[0].entry and failures:
                    raise failures.pop()
                return units

            placing.place = failing
            await asyncio.sleep(70.0)
            assert street.broker._sales.asides == {}
            stops = [each.quantity for each in street.working() if each.kind == "STOP_LOSS"]
            assert sum(stops) == Decimal(str(street.trader.portfolio.quantity("BTCUSDT")))

    living(life())
    assert any("may not be back" in each.message for each in caplog.records if each.levelno == logging.CRITICAL)
