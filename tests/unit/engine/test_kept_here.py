"""Exits that the broker cannot hold are watched here, and the operator is told."""

from __future__ import annotations

from tradebot_native import Signal

from live_market import Live, of_kind
from tradebot.core.event import Cancel, Replace, Submit
from tradebot.core.order import OrderType
from tradebot.core.protocols import BrokerAbilities

LONG = Signal("long")
STOPPED = Signal("long", stop_loss=90.0)

ABILITIES = BrokerAbilities(order_types=frozenset({OrderType.MARKET, OrderType.LIMIT}))


def entered(entry: Signal) -> Live:
    live = Live({0: entry}, abilities=ABILITIES)
    live.bar()
    live.trade("run-0", 1.0)
    return live


def test_a_stop_goes_out_as_a_market_order_when_a_bar_touches_it():
    live = entered(STOPPED)
    assert live.submitted() == ["run-0"]
    text = "run-0-sl (BTCUSDT): the broker holds no stop order, so it is watched here"
    assert text in live.notices()
    assert of_kind(Submit, live.bar(95.0, low=90.1)) == []
    (close,) = of_kind(Submit, live.bar(95.0, low=90.0))
    assert (close.order_id, close.intent.type, close.intent.reduce_only) == ("run-0-sl", "market", True)
    live.trade("run-0-sl", 1.0, 90.0, "sell")
    assert (live.position, live.order("run-0-sl").state) == (0.0, "filled")


def test_a_trailing_stop_of_a_distance_that_the_broker_has_not_follows_here():
    for entry, held in ((Signal("long", trailing_stop_pct=0.02), 1), (Signal("long", trailing_stop=2.0), 0)):
        live = Live({0: entry}, abilities=BrokerAbilities(trail_pct=(0.001, 0.1)))
        live.bar()
        live.trade("run-0", 1.0)
        assert live.submitted() == ["run-0", "run-0-ts"][: 1 + held]
    text = "run-0-ts (BTCUSDT): the broker holds no such trailing_stop, so it is watched here"
    assert text in live.notices()
    assert of_kind(Submit, live.bar(110.0, low=109.0, high=111.0)) == []
    (close,) = of_kind(Submit, live.bar(108.0, low=108.0, high=109.5))
    assert (close.order_id, close.intent.type, close.intent.reduce_only) == ("run-0-ts", "market", True)


def test_one_that_grows_while_it_waits_goes_out_as_it_is_then():
    live = Live({0: STOPPED}, abilities=ABILITIES)
    live.bar()
    live.trade("run-0", 0.4)
    live.trade("run-0", 0.6)
    (close,) = of_kind(Submit, live.bar(95.0, low=89.0))
    assert close.intent.quantity == 1.0
    assert of_kind(Replace, live.report("run-0-sl", "accepted")) == []


def test_a_trailing_stop_follows_here():
    live = entered(Signal("long", trailing_stop=10.0))
    live.bar(120.0)
    assert of_kind(Submit, live.bar(115.0, low=110.1, high=120.0)) == []
    (close,) = of_kind(Submit, live.bar(112.0, low=109.0, high=115.0))
    assert close.order_id == "run-0-ts"


def test_one_that_waits_here_is_taken_back_here():
    live = entered(Signal("long", stop_loss=90.0, take_profit=120.0))
    outputs = live.trade("run-0-tp", 1.0, 120.0, "sell")
    assert of_kind(Cancel, outputs) == []
    assert live.order("run-0-sl").state == "canceled"
