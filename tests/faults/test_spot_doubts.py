"""Orders on spot that are not what they seem: two of one name, one that is not shown, one that did not arrive."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

from protected_street import BOTH, CANCEL, PAIR, PLACE, Ask, between, living, names, protected, resting

from spot_in_process import Street
from tradebot.brokers.binance.refusals import Refused, Unanswered
from tradebot.brokers.binance.rest import Endpoint
from tradebot.core.event import OperatorAction, OperatorCommand, OrderNotFound

ORDER = "privateGetOrder"
LEFT = {"STOP_LOSS": Decimal("0.6993"), "LIMIT_MAKER": Decimal("0.6993")}


def stops(street: Street) -> list[str]:
    return [each.client_id for each in street.working() if each.kind == "STOP_LOSS"]


def test_of_two_stops_of_one_name_the_earlier_is_taken_back_and_it_is_said() -> None:
    async def life() -> None:
        async with protected() as street:
            (name,) = stops(street)
            made = {"symbol": "BTCUSDT", "side": "SELL", "type": "STOP_LOSS", "stopPrice": "90", "quantity": "0.999"}
            await street.broker._rest.ask(Endpoint(PLACE), made | {"newClientOrderId": "run-0-sl__9"})
            assert stops(street) == [name, "run-0-sl__9"]
            await asyncio.sleep(30.0)
            # The target was the earlier one's partner, and has ended with it.
            assert [each.client_id for each in street.working()] == ["run-0-sl__9"]
            assert street.broker._names.get("run-0-tp").state == "canceled"
            (told,) = [text for text in street.notices if "two orders run-0-sl worked" in text]
            assert told.endswith("is taken back")
            street.price(85.0)
            await asyncio.sleep(20.0)
            assert (street.coins, street.trader.portfolio.quantity("BTCUSDT")) == (0, 0)

    living(life())


def test_an_order_that_is_not_shown_though_it_has_a_number_is_not_told_absent() -> None:
    async def life() -> None:
        async with protected() as street:
            broker, told = street.broker, []
            put = broker._telling.put
            broker._telling.put = lambda event: (told.append(event), put(event))[1]  # type: ignore[method-assign]

            async def step(ask: Ask, endpoint: Endpoint, params: Any) -> Any:
                if endpoint.call == ORDER:
                    raise Refused(-2013, 400, "Order does not exist.")
                return await ask(endpoint, params)

            between(street, step)
            for _ in range(5):
                await broker.query("run-0-sl")
                await asyncio.sleep(5.0)
            assert not any(isinstance(event, OrderNotFound) for event in told)
            assert resting(street) == BOTH

    living(life())


def test_exits_that_are_sent_again_in_a_moment_are_not_missed_meanwhile() -> None:
    async def life() -> None:
        async with protected("0.3") as street:
            left, exits = 1, 0

            async def step(ask: Ask, endpoint: Endpoint, params: Any) -> Any:
                nonlocal left, exits
                if endpoint.call == PAIR and left:
                    left -= 1
                    street._brokerage.compare()
                    raise Refused(-1021, 400, "Timestamp for this request is outside of the recvWindow.")
                exits += endpoint.call == PAIR or (endpoint.call == PLACE and params["type"] == "STOP_LOSS")
                return await ask(endpoint, params)

            between(street, step)
            await asyncio.sleep(8.0)
            assert (resting(street), exits, street.notices) == (LEFT, 1, [])

    living(life())


def test_a_sale_under_the_kill_switch_that_did_not_arrive_is_sent_again_soon() -> None:
    async def life() -> None:
        async with protected() as street:
            sales = 0

            async def step(ask: Ask, endpoint: Endpoint, params: Any) -> Any:
                nonlocal sales
                if endpoint.call == PLACE and params["type"] == "MARKET":
                    sales += 1
                    if sales == 1:
                        await asyncio.sleep(2.0)
                        raise Unanswered("no answer", place="binance")
                return await ask(endpoint, params)

            between(street, step)
            street.give(OperatorCommand(street.now(), OperatorAction.FLATTEN, "ann", "a drill"))
            # Until it can arrive no more its coins are kept free for it; then the exits are back until it is told.
            await asyncio.sleep(5.7)
            assert (sales, resting(street), names(street)) == (1, BOTH, {"run-0-sl", "run-0-tp"})
            await asyncio.sleep(4.7)
            assert (sales, street.coins, street.working(), street.broken) == (2, 0, [], [])

    living(life())


def test_a_stop_of_which_nobody_knows_whether_it_rests_covers_nothing() -> None:
    async def life() -> None:
        async with protected("0.3") as street:
            down = False

            async def step(ask: Ask, endpoint: Endpoint, params: Any) -> Any:
                nonlocal down
                if endpoint.call == CANCEL and not down:
                    down = True
                    await ask(endpoint, params)
                if down:
                    await asyncio.sleep(2.0)
                    raise Unanswered("no answer", place="binance")
                return await ask(endpoint, params)

            between(street, step)
            await asyncio.sleep(1.3)
        # The bot was stopped, and has given up asking.
        assert resting(street) == {}
        assert street.broker._sales.bare() == {"BTCUSDT": Decimal("0.999")}

    living(life())
