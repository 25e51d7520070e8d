"""Our books beside a broker's answer."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from tradebot_native import Signal

from live_market import BTC, POSITION, STOP, Live
from tradebot.app.comparing import Comparison, compare
from tradebot.core.account import AccountSnapshot, OpenPosition

TWICE = OpenPosition(symbol="BTCUSDT", quantity=Decimal(2), entry_price=Decimal(100))


def beside(**brokers: Any) -> Comparison:
    """One unit bought at 100 of 100,000, its stop accepted, the market at 110, beside what the broker says."""
    live = Live({0: Signal("long", stop_loss=90.0)})
    live.bar()
    live.trade("run-0", 1.0)
    live.report("run-0-sl", "accepted")
    live.bar(110.0)
    values = {"ts": 5, "orders": (STOP,), "positions": (POSITION,), "balances": {"USDT": Decimal(100_000)}, "fills": ()}
    return compare(AccountSnapshot(**(values | brokers)), live.trader.status(), {"BTCUSDT": BTC})


def test_what_both_have_alike_is_shown_and_differs_in_nothing():
    found = beside()
    assert [(each.kind, each.name, each.ours, each.brokers) for each in found.compared] == [
        ("position", "BTCUSDT", 1.0, 1.0),
        ("order", "run-0-sl", "accepted", "accepted"),
        ("balance", "USDT", pytest.approx(100_000.0), 100_000.0),
    ]
    assert found.differences == 0


@pytest.mark.parametrize(
    ("brokers", "kind", "ours", "theirs"),
    [
        ({"positions": ()}, "position", 1.0, None),
        ({"positions": (TWICE,)}, "position", 1.0, 2.0),
        ({"orders": ()}, "order", "accepted", None),
        ({"balances": {"USDT": Decimal(99_000)}}, "balance", pytest.approx(100_000.0), 99_000.0),
    ],
)
def test_what_only_one_side_has_is_marked(brokers: dict[str, Any], kind: str, ours: object, theirs: object):
    found = beside(**brokers)
    (different,) = [each for each in found.compared if each.differs]
    assert (different.kind, different.ours, different.brokers) == (kind, ours, theirs)


def test_an_order_that_was_never_sent_from_here_is_marked_and_another_market_is_no_concern():
    import msgspec

    foreign = msgspec.structs.replace(STOP, order_id="by-hand")
    elsewhere = msgspec.structs.replace(STOP, order_id="other", symbol="ETHUSDT")
    found = beside(orders=(STOP, foreign, elsewhere))
    assert [(each.name, each.ours) for each in found.compared if each.differs] == [("by-hand", None)]
