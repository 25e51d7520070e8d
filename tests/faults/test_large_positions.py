"""A position larger than one order at the market may be (MARKET_LOT_SIZE) is protected and closed all the same."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal

import msgspec
import pytest

from binance_broker import Told, connected, order
from local_exchange import running
from tradebot.app import halting
from tradebot.core.event import Alarm

MOST = Decimal("0.8")


@pytest.fixture
async def told() -> AsyncIterator[Told]:
    """A position of 2 in a market that now takes 0.8 at once."""
    with running() as exchange:
        async with connected(exchange) as told:
            await told.broker.submit("run-0", order("buy", 2))
            await told.state("run-0", "filled")
            rules = told.broker._rules
            rules["BTCUSDT"] = msgspec.structs.replace(rules["BTCUSDT"], market_max=MOST)
            yield told


async def test_what_opens_more_is_refused(told: Told) -> None:
    await told.broker.submit("run-1", order("buy", 1))
    await told.state("run-1", "rejected")
    assert "above the maximum 0.8" in told.updates("run-1")[-1].reason


async def test_its_stop_is_as_large_as_may_be_and_says_so(told: Told) -> None:
    await told.broker.submit("run-0-sl", order("sell", 2, type="stop", trigger=90.0, reduce_only=True))
    await told.state("run-0-sl", "accepted")
    assert [update.quantity for update in told.updates("run-0-sl")][-1] == MOST
    (stop,) = (await told.broker.snapshot()).orders
    assert stop.quantity == MOST


async def test_what_closes_it_is_as_large_as_may_be_and_says_so(told: Told) -> None:
    await told.broker.submit("run-0-x", order("sell", 2, reduce_only=True))
    await told.state("run-0-x", "filled")
    assert MOST in [update.quantity for update in told.updates("run-0-x")]
    assert told.position == 2 - MOST
    (alarm,) = [event for event in told.events if isinstance(event, Alarm)]
    assert "one order at the market may be of 0.800 at most" in alarm.text


async def test_a_halt_closes_it_in_pieces(told: Told) -> None:
    venue = halting.Venue(broker="binance", host="local", symbols=("BTCUSDT",), run_id="run")
    swept = await halting._swept(told.broker, told.broker.snapshot, venue, flatten=True)
    assert swept.open == ()
    await told.until(lambda: told.position == 0)
    assert [fill.quantity for fill in told.fills()[1:]] == [MOST, MOST, 2 - 2 * MOST]
