"""What was to be closed is closed, whatever the venue answers."""

from __future__ import annotations

import pytest
from tradebot_native import Exit, Signal

from live_market import BTC, SECOND, Live, command, held, of_kind
from tradebot.core.event import OrderNotFound, Query, Submit
from tradebot.core.instrument import Instrument

LONG = Signal("long")
STOPPED = Signal("long", stop_loss=90.0)


def test_an_exit_that_was_refused_is_tried_again_with_growing_patience():
    live = Live({0: LONG, 1: Exit()})
    live.bar()
    live.trade("run-0", 1.0)
    live.bar()
    live.report("run-1", "rejected", "-1008")
    assert of_kind(Submit, live.wait(0.5)) == []
    (again,) = of_kind(Submit, live.wait(1))
    assert (again.intent.side, again.intent.quantity, again.intent.reduce_only) == ("sell", 1.0, True)
    live.report(again.order_id, "rejected", "-1008")
    assert of_kind(Submit, live.wait(1.5)) == []
    assert len(of_kind(Submit, live.wait(1))) == 1


def test_an_exit_that_found_nothing_to_close_is_done():
    live = Live({0: LONG, 1: Exit()})
    live.bar()
    live.trade("run-0", 1.0)
    live.bar()
    live.report("run-1", "rejected", "-2022")
    live.report("autoclose-1", "filled", fill=live.fill("autoclose-1", 1.0, side="sell"))
    assert of_kind(Submit, live.wait(60)) == []


def test_a_refusal_that_is_told_twice_counts_once():
    live = Live({0: LONG, 1: Exit()})
    live.bar()
    live.trade("run-0", 1.0)
    live.bar()
    for _ in range(2):
        live.report("run-1", "rejected", "-1008")
    (again,) = of_kind(Submit, live.wait(1.5))
    live.report("run-1", "rejected", "-1008")
    live.trade(again.order_id, 1.0, side="sell")
    assert of_kind(Submit, live.wait(60)) == []


@pytest.mark.parametrize("fate", ["expired", "never arrived", "gone with a part of it filled"])
def test_an_exit_that_the_venue_let_fall_is_given_again(fate: str):
    live = Live({0: LONG, 1: Exit()})
    live.bar()
    live.trade("run-0", 1.0)
    live.bar()
    left = 1.0
    if fate.startswith("gone"):
        live.trade("run-1", 0.25, side="sell")
        left = 0.75
    if fate == "expired":
        live.report("run-1", "expired")
    else:
        live.report("run-1", "unknown", "timeout")
        while live.order("run-1").state == "unknown":
            live.wait(10)
            live.give(OrderNotFound(live.now, "run-1"))
    (again,) = of_kind(Submit, live.wait(2))
    assert (again.intent.side, again.intent.quantity, again.intent.reduce_only) == ("sell", left, True)


def test_a_flattening_exit_that_is_refused_on_and_on_is_tried_ever_more_slowly():
    live = held(Live({0: STOPPED}))
    command(live, "flatten")
    tried = len(live.submitted())
    for _ in range(10):
        live.report(live.submitted()[-1], "rejected", "-2022")
    at_once = len(live.submitted())
    assert at_once <= tried + 3
    for _ in range(60):
        for again in of_kind(Submit, live.wait(1.0)):
            live.report(again.order_id, "rejected", "-2022")
    assert 3 <= len(live.submitted()) - at_once <= 8


def test_a_stop_and_the_exit_in_its_place_that_are_refused_on_and_on_are_tried_ever_more_slowly():
    live = held(Live({0: STOPPED}))
    live.bar(89.0)
    live.report("run-0-sl", "expired", "-2021")
    tried = len(live.submitted())
    for _ in range(10):
        live.report(live.submitted()[-1], "rejected", "-2022")
    assert len(live.submitted()) == tried + 1


@pytest.mark.parametrize(("instrument", "after"), [(BTC, 15.0), (Instrument.binance_spot("BTCUSDT"), 63.0)])
def test_a_closing_order_that_did_not_arrive_is_given_again_sooner_where_two_close_no_more_than_one(
    instrument: Instrument, after: float
):
    live = held(Live({0: STOPPED}, instruments=[instrument]))
    (close,) = of_kind(Submit, command(live, "flatten"))
    live.report(close.order_id, "unknown", "no answer")
    began, again = live.now, []
    while not again:
        for query in of_kind(Query, live.wait(0.5)):
            again = of_kind(Submit, live.give(OrderNotFound(live.now, query.order_id)))
    assert (again[0].intent.type, again[0].intent.quantity) == ("market", 1.0)
    assert (live.now - began) / SECOND == after
    assert live.order("run-0-sl").state == "accepted"
