"""The spot broker between trader and exchange, whatever fails: it sells its own coins alone, and leaves none bare."""

from __future__ import annotations

import asyncio
import os
from decimal import Decimal
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from local_exchange import SPOT
from spot_in_process import FATES, Street
from virtual_time import VirtualLoop

CASES = 3_000 if "TRADEBOT_SOAK" in os.environ else 40
LINES = st.lists(st.sampled_from(["", "long", "long", "0.3", "0.5", "1.0"]), min_size=2, max_size=5).map(tuple)
FAILURES = st.dictionaries(st.integers(0, 80), st.sampled_from(FATES), max_size=12)
UNANSWERED = frozenset({"dropped", "lost", "late", "slow", "lagging"})
# Most of what goes wrong is a matter of a second: it happens around the bars at which the strategy speaks.
MOMENTS = st.one_of(st.floats(61, 320), st.builds(lambda n, by: 60.0 * n + by, st.integers(2, 5), st.floats(-2, 2)))
SILENCES = st.lists(st.tuples(st.floats(55, 300), st.floats(1, 60)), max_size=2).map(tuple)
PRICES = st.lists(st.tuples(MOMENTS, st.sampled_from([89.0, 100.0, 111.0]), st.sampled_from([0.2, 1e6])), max_size=4)
DELAYS = st.lists(st.tuples(MOMENTS, st.floats(0.1, 5)), max_size=3).map(tuple)
CHANGES = st.lists(st.tuples(MOMENTS, st.sampled_from([88.0, 89.5])), max_size=3)


async def lived(lines: Any, fates: Any, silences: Any, prices: Any, delays: Any, changes: Any) -> Street:
    """A life of the bot, and three quiet minutes in which everything comes to rest."""
    street = Street(lines, fates, silences, delays)
    loop = asyncio.get_running_loop()
    async with street.trading():
        for at, trigger in changes:
            loop.call_later(max(at - loop.time(), 0.0), street.move_stops, trigger)
        for at, price, size in sorted(prices):
            await asyncio.sleep(max(at - loop.time(), 0.0))
            street.price(price, size)
            await asyncio.sleep(0.05)
            street.price(100.0)
        await asyncio.sleep(max(360.0 - loop.time(), 0.0))
        street.fates = {}
        await asyncio.sleep(180.0)
        check(street)
        if not prices and UNANSWERED.issuperset(fates.values()):
            check_targets(street)
    check(street)
    return street


def check(street: Street) -> None:
    position = Decimal(str(street.trader.portfolio.quantity("BTCUSDT")))
    told = f"{street.told()} {street.notices}"
    assert not street.broken, (street.broken, told)
    assert Decimal(0) <= street.coins - position < Decimal("0.001"), (street.coins, position, told)
    stops = sum((each.quantity - each.executed for each in street.working() if each.kind == "STOP_LOSS"), Decimal(0))
    # No order can rest for what is worth less than the least.
    if position * street.venue.state.mark("BTCUSDT") >= SPOT.min_notional:
        assert stops == position, (stops, position, told)


def check_targets(street: Street) -> None:
    """Where no price was passed and nothing refused, no target is lost either."""
    position = Decimal(str(street.trader.portfolio.quantity("BTCUSDT")))
    targets = sum((each.quantity for each in street.working() if each.kind == "LIMIT_MAKER"), Decimal(0))
    if position * street.venue.state.mark("BTCUSDT") >= SPOT.min_notional:
        assert targets == position, (targets, position, street.told(), street.notices)


@settings(max_examples=CASES, deadline=None)
@given(LINES, FAILURES, SILENCES, PRICES, DELAYS, CHANGES)
@example(lines=("long", "0.3"), fates={3: "dropped", 9: "lost"}, silences=(), prices=[], delays=(), changes=[])
@example(lines=("long", ""), fates={}, silences=(), prices=[(150.0, 111.0, 0.2)], delays=(), changes=[])
def test_a_spot_bot_covers_its_coins_and_sells_no_others_whatever_fails(
    lines: Any, fates: Any, silences: Any, prices: Any, delays: Any, changes: Any
) -> None:
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(lived(lines, fates, silences, prices, delays, changes))
