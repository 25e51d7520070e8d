"""Markets are closed to entries by what is not understood, and opened by a person alone."""

from __future__ import annotations

from typing import Any

import pytest

from live_market import Live, of_kind
from tradebot.core.event import Alarm, OperatorAction, OperatorCommand, Submit
from tradebot.core.signal import Exit, Signal
from tradebot.risk import OrderRate, Protection, RepeatedOrders

LONG = Signal("long")
FAR = Signal("long", type="limit", limit=110.0)


def released(live: Live) -> None:
    live.give(OperatorCommand(live.now, OperatorAction.RELEASE, "ann"))


def test_an_alarm_that_stops_entries_lets_exits_out_and_holds_until_a_release():
    live = Live({0: LONG, 1: Exit(), 2: LONG, 3: LONG}, protection=Protection(stop_loss_pct=0.1))
    live.bar()
    live.trade("run-0", 1.0)
    live.give(Alarm(ts=live.now, text="Binance calls for margin", stops_entries=True))
    assert [each.intent.reduce_only for each in of_kind(Submit, live.bar())] == [True]
    live.trade("run-1", 1.0, side="sell")
    assert of_kind(Submit, live.bar()) == []
    assert [rule for _, rule in live.denials()] == ["quarantined"]
    released(live)
    assert len(of_kind(Submit, live.bar())) == 1


def test_any_other_alarm_is_told_and_stops_nothing():
    live = Live({0: LONG})
    live.give(Alarm(ts=live.now, text="the clock is off"))
    assert live.notices() == ["the clock is off"]
    assert len(of_kind(Submit, live.bar())) == 1


@pytest.mark.parametrize(
    ("rule", "name"), [(OrderRate(2, 150), "order_rate"), (RepeatedOrders(2, 150), "repeated_orders")]
)
def test_a_runaway_strategy_is_stopped_until_a_release_and_not_only_slowed_down(rule: Any, name: str):
    live = Live(dict.fromkeys(range(9), FAR), rules=[rule])
    for _ in range(6):
        for order in of_kind(Submit, live.bar()):
            live.report(order.order_id, "canceled")
    # By the rule alone the sixth would have gone out again.
    assert [denied for _, denied in live.denials()] == [name, "quarantined", "quarantined", "quarantined"]
    released(live)
    assert len(of_kind(Submit, live.bar())) == 1
