"""Another process takes a run up: what the one before had under way is settled by the first snapshot."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from tradebot_native import Signal

from live_market import Live, of_kind
from tradebot.core.account import OpenOrder, OpenPosition
from tradebot.core.event import Cancel, Concluded, OrderNotFound, Output, Query, Replace, Resumed, Submit
from tradebot.core.order import OrderState, OrderType, Side
from tradebot.engine.plan import Patience

LONG = Signal("long", stop_loss=90.0)
SHORT = Signal("short", stop_loss=110.0)


def resting(order_id: str, quantity: str, side: Side = Side.SELL) -> OpenOrder:
    return OpenOrder(
        order_id=order_id,
        venue_id="v",
        symbol="BTCUSDT",
        side=side,
        type=OrderType.STOP,
        state=OrderState.ACCEPTED,
        quantity=Decimal(quantity),
        filled=Decimal(0),
        trigger=Decimal(90),
        reduce_only=True,
    )


def taken_up(live: Live, **found: Any) -> list[Output]:
    """What the next process does once it has seen the account."""
    live.give(Resumed(live.now))
    return live.snapshot(**found)


def held(quantity: str) -> dict[str, Any]:
    return {"positions": (OpenPosition(symbol="BTCUSDT", quantity=Decimal(quantity), entry_price=Decimal(100)),)}


@pytest.fixture
def live() -> Live:
    """With an order that was sent a moment ago."""
    live = Live({0: LONG, 1: SHORT})
    live.bar()
    return live


def test_an_order_without_an_answer_is_unknown_at_once_and_asked_about(live: Live):
    outputs = taken_up(live)
    assert [(each.order_id, each.state) for each in of_kind(Concluded, outputs)] == [("run-0", "unknown")]
    assert of_kind(Query, live.wait(1.0)) == [Query("run-0")]
    assert live.submitted() == ["run-0"]


def test_an_order_that_is_believed_absent_is_so_on_record(live: Live):
    taken_up(live)
    for _ in range(6):
        live.wait(15.0)
        live.give(OrderNotFound(live.now, "run-0"))
    told = of_kind(Concluded, live.outputs)[-1]
    assert (told.order_id, told.state) == ("run-0", "rejected")


def test_a_stop_that_never_left_is_put_back_at_once(live: Live):
    live.trade("run-0", 1.0)
    assert live.submitted() == ["run-0", "run-0-sl"]
    outputs = taken_up(live, **held("1"))
    (stop,) = of_kind(Submit, outputs)
    assert (stop.intent.type, stop.intent.quantity, stop.intent.trigger) == ("stop", 1.0, 90.0)


def test_a_stop_that_rests_is_not_doubted(live: Live):
    live.trade("run-0", 1.0)
    outputs = taken_up(live, orders=(resting("run-0-sl", "1"),), **held("1"))
    assert not of_kind(Submit, outputs)
    assert live.order("run-0-sl").state == "accepted"


def test_exits_of_a_trade_that_the_snapshot_brings_are_sent_once(live: Live):
    outputs = taken_up(live, fills=(live.fill("run-0", 1.0),), **held("1"))
    assert [each.order_id for each in of_kind(Submit, outputs)] == ["run-0-sl"]


def test_a_cancellation_that_never_left_is_asked_for_again(live: Live):
    live.trade("run-0", 1.0)
    live.report("run-0-sl", "accepted")
    live.trader._books.withdraw(live.trader._books.find("run-0-sl"), "requested")
    live.bar()
    assert live.order("run-0-sl").state == "pending_cancel"
    outputs = taken_up(live, orders=(resting("run-0-sl", "1"),), **held("1"))
    assert [each.order_id for each in of_kind(Cancel, outputs)] == ["run-0-sl"]


def test_a_change_that_never_left_is_asked_for_again(live: Live):
    live.trade("run-0", 0.4)
    live.report("run-0-sl", "accepted")
    assert of_kind(Replace, live.trade("run-0", 0.6)) == [Replace("run-0-sl", quantity=1.0)]
    outputs = taken_up(live, orders=(resting("run-0-sl", "0.4"),), **held("1"))
    assert of_kind(Replace, outputs) == [Replace("run-0-sl", quantity=1.0)]


def test_a_change_whose_answer_was_lost_behind_a_late_word_is_asked_about():
    live = Live({0: LONG}, patience=Patience(first_query=0.5))
    live.bar()
    live.trade("run-0", 0.4)
    live.report("run-0-sl", "accepted")
    live.trade("run-0", 0.6)
    # Told before the change was carried out, heard after it was asked for; then the process ends.
    live.report("run-0-sl", "accepted", quantity=Decimal("0.4"))
    assert (live.order("run-0-sl").state, live.order("run-0-sl").quantity) == ("accepted", 0.4)
    taken_up(live, orders=(resting("run-0-sl", "1"),), **held("1"))
    assert of_kind(Query, live.wait(0.5)) == [Query("run-0-sl")]
    live.report("run-0-sl", "accepted", quantity=Decimal(1))
    assert live.order("run-0-sl").quantity == 1.0
    assert of_kind(Submit, live.wait(5.0)) == []


def test_a_change_that_was_refused_leaves_no_part_of_a_position_bare(live: Live):
    live.trade("run-0", 0.4)
    live.report("run-0-sl", "accepted")
    live.trade("run-0", 0.6)
    live.report("run-0-sl", "accepted", "-2022")
    live.snapshot(orders=(resting("run-0-sl", "0.4"),), **held("1"))
    assert of_kind(Query, live.wait(1.0)) == [Query("run-0-sl")]
    live.report("run-0-sl", "accepted", quantity=Decimal("0.4"))
    outputs = live.wait(1.0)
    (whole,) = of_kind(Submit, outputs)
    assert (whole.order_id, whole.intent.trigger, whole.intent.quantity) == ("run-0-sl2", 90.0, 1.0)
    assert [each.order_id for each in of_kind(Cancel, outputs)] == ["run-0-sl"]


def reversing() -> Live:
    """A long position whose reversal is on its way: run-2 closes it and run-3 opens the short one."""
    live = Live({0: LONG, 1: SHORT})
    live.bar()
    live.trade("run-0", 1.0)
    live.report("run-0-sl", "accepted")
    live.bar()
    for order_id in live.submitted()[2:]:
        live.report(order_id, "accepted")
    return live


def test_a_reversal_whose_fills_are_told_in_the_other_order_has_its_stop_for_all_of_it():
    live = reversing()
    close, entry = live.submitted()[2:]
    live.trade(entry, 1.0, side="sell")
    live.trade(close, 1.0, side="sell")
    assert live.position == -1.0
    (stop,) = [each for each in of_kind(Submit, live.outputs) if each.order_id == f"{entry}-sl"]
    assert (stop.intent.side, stop.intent.quantity, stop.intent.trigger) == ("buy", 1.0, 110.0)
    assert live.order("run-0-sl").state == "pending_cancel"


def test_one_fill_that_crosses_to_the_other_side_takes_the_stops_of_the_first_back():
    live = reversing()
    close, entry = live.submitted()[2:]
    live.trade(entry, 0.4, side="sell")
    live.trade(close, 1.0, side="sell")
    assert live.position == pytest.approx(-0.4)
    assert live.order("run-0-sl").state == "pending_cancel"
    (stop,) = [each for each in of_kind(Submit, live.outputs) if each.order_id == f"{entry}-sl"]
    assert stop.intent.quantity == pytest.approx(0.4)


def test_a_trade_that_is_made_up_for_is_no_answer_to_whether_its_order_works_on(live: Live):
    live.report("run-0", "accepted")
    taken_up(live)
    # What the stream has missed is told before the question is asked: it was the order's last trade.
    live.trade("run-0", 0.4)
    assert Query("run-0") in live.wait(1.0)
    live.report("run-0", "expired")
    assert [order["client_id"] for order in live.trader.status()["orders"]] == ["run-0-sl"]
