"""Prices that a fee or a filter needs: no trade stays unheard for one that is not told, and no exit is kept back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from binance_broker import Told, connected, connected_to_spot, fault, order, placed
from local_exchange import INSTRUMENT, SPOT, Running, bar, running
from tradebot.brokers.binance import futures_words, marks
from tradebot.brokers.binance.marks import MARK_PRICE
from tradebot.exchange import answers, executions

MARK = "GET /fapi/v1/premiumIndex"
AVERAGE = "GET /api/v3/avgPrice"
# Longer than anything is waited for here.
NEVER_S = 120.0
BNB = msgspec.structs.replace(INSTRUMENT, symbol="BNBUSDT", base="BNB")
BARS = [bar(0, 100, 100, 100, 100), bar(0, 600, 600, 600, 600, symbol="BNBUSDT")]


@pytest.fixture
def burning(monkeypatch: pytest.MonkeyPatch) -> None:
    """The account pays its fees on the futures in BNB."""
    update, trade = executions.messages.order_update, answers.trade

    def told(*values: Any) -> Any:
        message = update(*values)
        message["o"] |= {"n": "0.00015", "N": "BNB"} if message["o"]["t"] else {}
        return message

    monkeypatch.setattr(executions.messages, "order_update", told)
    monkeypatch.setattr(
        answers, "trade", lambda *values: trade(*values) | {"commission": "0.00015", "commissionAsset": "BNB"}
    )


@pytest.fixture
def exchange() -> Iterator[Running]:
    with running(BARS, instruments=[INSTRUMENT, BNB]) as started:
        yield started


@pytest.fixture
def ageing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every price is too old as soon as it is known."""
    monkeypatch.setattr(marks, "_AGE_NS", 0)


def asked(told: Told) -> Counter[str]:
    """Counts the requests of a broker from here on, by ccxt's names of them."""
    rest, counts = told.broker._rest, Counter[str]()
    asks = rest._once

    async def once(endpoint: Any, params: Any) -> Any:
        counts[endpoint.call] += 1
        return await asks(endpoint, params)

    rest._once = once
    return counts


@pytest.mark.usefixtures("burning")
async def test_a_fee_in_a_third_coin_is_worth_what_its_mark_price_says(exchange: Running) -> None:
    async with connected(exchange) as told:
        await told.broker.submit("run-1", order("buy", 2))
        await told.state("run-1", "filled")
        exchange.control("faults", {"action": "lose", "on": "private", "times": 3})
        await told.broker.submit("run-2", order("sell", 2))
        await told.until(lambda: told.fills("run-2"))
        for name in ("run-1", "run-2"):
            (fill,) = told.fills(name)
            assert (fill.fee, fill.fee_currency, fill.fee_worth) == (Decimal("0.00015"), "BNB", Decimal("0.09"))


@pytest.mark.usefixtures("burning")
async def test_a_fee_in_a_coin_without_a_price_is_told_as_it_is() -> None:
    with running() as exchange:
        async with connected(exchange) as told:
            await told.broker.submit("run-1", order("buy", 2))
            await told.state("run-1", "filled")
            (fill,) = told.fills("run-1")
    assert (fill.fee, fill.fee_currency, fill.fee_worth) == (Decimal("0.00015"), "BNB", None)


@pytest.mark.usefixtures("burning")
async def test_trades_are_heard_though_the_price_of_their_fees_coin_has_no_answer(exchange: Running) -> None:
    async with connected(exchange, timeout_s=NEVER_S) as told:
        await told.broker._marks.now("BTCUSDT")
        fault(exchange, "delay", on=MARK, seconds=NEVER_S, times=None)
        fault(exchange, "split", pieces=3)
        counts = asked(told)
        await told.broker.submit("run-1", order("buy", 3))
        await told.state("run-1", "filled")
        assert [fill.fee_worth for fill in told.fills("run-1")] == [None] * 3
        assert counts["fapiPublicGetPremiumIndex"] == 1


def test_a_price_is_waited_for_no_longer_than_half_of_what_makes_the_stream_doubtful() -> None:
    assert MARK_PRICE.endpoint(once=True).answer_s <= futures_words._PATIENCE_S / 2


async def test_a_trade_on_spot_is_heard_though_the_price_of_its_fees_coin_has_no_answer() -> None:
    with running(BARS[:1], instruments=[SPOT], commission="bnb", balances={"BNB": Decimal(10)}) as exchange:
        async with connected_to_spot(exchange, timeout_s=NEVER_S) as told:
            await told.broker._terms._marks.now("BTCUSDT")
            fault(exchange, "delay", on=AVERAGE, seconds=NEVER_S, times=None)
            await told.broker.submit("run-1", order("buy", 1))
            await told.state("run-1", "filled")
            assert [(fill.fee_currency, fill.fee_worth) for fill in told.fills("run-1")] == [("BNB", None)]


@pytest.mark.usefixtures("burning", "ageing")
async def test_a_fee_is_worth_what_its_coin_was_where_its_present_price_cannot_be_had(exchange: Running) -> None:
    async with connected(exchange) as told:
        await told.broker.submit("run-1", order("buy", 1))
        await told.state("run-1", "filled")
        fault(exchange, "error", on=MARK, code=-1007, times=None)
        await told.broker.submit("run-2", order("sell", 1, reduce_only=True))
        await told.state("run-2", "filled")
        assert [fill.fee_worth for fill in told.fills("run-2")] == [Decimal("0.09")]


@pytest.mark.usefixtures("ageing")
async def test_a_target_leaves_though_its_markets_mark_cannot_be_had_and_an_entry_does_not(exchange: Running) -> None:
    async with connected(exchange) as told:
        await told.broker.submit("run-1", order("buy", 1))
        await told.state("run-1", "filled")
        fault(exchange, "error", on=MARK, code=-1007, times=None)
        await told.broker.submit("run-1-tp", order("sell", 1, type="limit", price=104.0, reduce_only=True))
        await told.broker.submit("run-2", order("buy", 1, type="limit", price=99.0))
        await told.state("run-1-tp", "accepted")
        await told.state("run-2", "rejected")
    assert placed(exchange) == {"run-1": 1, "run-1-tp": 1}


@pytest.mark.usefixtures("ageing")
async def test_a_target_on_spot_leaves_though_the_average_price_cannot_be_had() -> None:
    with running(BARS[:1], instruments=[SPOT]) as exchange:
        async with connected_to_spot(exchange) as told:
            await told.broker.submit("run-1", order("buy", 1))
            await told.state("run-1", "filled")
            fault(exchange, "error", on=AVERAGE, code=-1007, times=None)
            await told.broker.submit("run-1-tp", order("sell", 0.5, type="limit", price=104.0, reduce_only=True))
            await told.state("run-1-tp", "accepted")


async def test_an_exit_too_far_from_a_mark_that_is_known_does_not_leave(exchange: Running) -> None:
    async with connected(exchange) as told:
        await told.broker.submit("run-1", order("buy", 1))
        await told.state("run-1", "filled")
        await told.broker.submit("run-2", order("sell", 1, type="limit", price=50.0, reduce_only=True))
        await told.state("run-2", "rejected")
        assert "of the mark" in told.updates("run-2")[0].reason
    assert placed(exchange) == {"run-1": 1}
