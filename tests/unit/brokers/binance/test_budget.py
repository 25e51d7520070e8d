"""The budget of requests stays below the venue's, keeps a reserve for closing, and waits where it is told to."""

from __future__ import annotations

import pytest

from tradebot.brokers.binance import budget as budgets
from tradebot.brokers.binance.budget import Budget
from tradebot.brokers.binance.refusals import Paused
from tradebot.venues.binance import Market

LIMITS = [
    {"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1, "limit": 100},
    {"rateLimitType": "ORDERS", "interval": "SECOND", "intervalNum": 10, "limit": 10},
]


class Clock:
    """A clock that sleeping moves."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 6_000_000.0
        monkeypatch.setattr(budgets.asyncio, "sleep", self.sleep)

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


@pytest.fixture
def budget(clock: Clock) -> Budget:
    made = Budget(lambda: clock.now)
    made.set_limits(LIMITS)
    return made


async def taken(budget: Budget, weight: int, orders: int = 0, *, urgent: bool = False, patience_s: float = 0.0) -> bool:
    try:
        await budget.take(weight, orders, urgent=urgent, patience_s=patience_s)
    except Paused:
        return False
    return True


async def test_at_most_eighty_percent_are_spent_and_a_quarter_of_it_is_kept_for_what_is_urgent(budget: Budget) -> None:
    assert sum([await taken(budget, 10) for _ in range(20)]) == 6
    assert sum([await taken(budget, 10, urgent=True) for _ in range(20)]) == 2


@pytest.mark.parametrize(("market", "most"), [("usdm", 1_400), ("spot", 3_600)])
async def test_before_the_venue_tells_its_limits_those_of_the_market_hold(
    market: Market, most: int, clock: Clock
) -> None:
    made = Budget(lambda: clock.now, market)
    assert sum([await taken(made, 100) for _ in range(100)]) * 100 == most


async def test_orders_have_a_budget_of_their_own(budget: Budget) -> None:
    assert sum([await taken(budget, 0, 1) for _ in range(20)]) == 6
    assert sum([await taken(budget, 0, 1, urgent=True) for _ in range(20)]) == 2
    assert await taken(budget, 10)


async def test_a_full_window_is_waited_out(budget: Budget, clock: Clock) -> None:
    began = clock.now
    for _ in range(30):
        assert await taken(budget, 10, patience_s=600.0)
    assert clock.now - began == 4 * 60


async def test_the_venues_own_count_is_believed_where_it_is_higher(budget: Budget) -> None:
    budget.told(200, {"X-MBX-USED-WEIGHT-1M": "59", "x-mbx-order-count-10s": "7"})
    assert not await taken(budget, 10)
    assert not await taken(budget, 0, 1)
    assert await taken(budget, 0, 1, urgent=True)


async def test_retry_after_is_obeyed_by_everything(budget: Budget, clock: Clock) -> None:
    budget.told(429, {"Retry-After": "7"})
    assert not await taken(budget, 1, urgent=True, patience_s=6.0)
    assert not budget.is_banned
    began = clock.now
    assert await taken(budget, 1, patience_s=8.0)
    assert clock.now - began == 7


async def test_a_ban_lets_nothing_out_until_it_ends(budget: Budget, clock: Clock) -> None:
    budget.told(418, {"retry-after": "120"})
    assert budget.is_banned
    assert not await taken(budget, 1, urgent=True, patience_s=60.0)
    clock.now += 121
    assert await taken(budget, 1)
    assert not budget.is_banned


async def test_a_wait_that_the_venue_asks_for_is_said_with_its_end_unless_it_is_short(
    budget: Budget, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    clock.now = 12 * 3_600.0
    budget.told(429, {"Retry-After": "3"})
    assert caplog.messages == []
    budget.told(418, {"Retry-After": "90"})
    assert caplog.messages == ["Binance asks to wait for 90 s, until 12:01:30 UTC: nothing is sent meanwhile"]
    with pytest.raises(Paused, match="the venue asks us to wait until 12:01:30 UTC"):
        await budget.take(1, 0, urgent=True, patience_s=60.0)
