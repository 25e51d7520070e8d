"""What goes in and out of a live trader: orders, exits, and fills in any order."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tradebot_native import Exit, Signal

from live_market import Live, of_kind
from tradebot.core.bar import Bar, Quote, Tick
from tradebot.core.event import (
    BarClosed,
    Cancel,
    Notify,
    OrderNotFound,
    Query,
    QuoteSeen,
    Replace,
    Reviewed,
    Signaled,
    Submit,
    TickSeen,
)
from tradebot.core.protocols import BrokerAbilities

LONG = Signal("long")
BRACKET = Signal("long", stop_loss=90.0, take_profit=120.0)


def test_a_signal_becomes_one_reviewed_order_under_a_client_id_of_run_and_number():
    live = Live({0: LONG})
    spoken, reviewed, submit = live.bar()[1:4]
    assert isinstance(spoken, Signaled)
    assert (spoken.action, spoken.order_id) == ("long", "run-0")
    assert isinstance(reviewed, Reviewed)
    assert (reviewed.order_id, reviewed.allowed) == ("run-0", True)
    assert isinstance(submit, Submit)
    assert (submit.order_id, submit.intent.side, submit.intent.quantity) == ("run-0", "buy", 1.0)


def test_a_trade_is_booked_once_by_its_id():
    live = Live({0: LONG})
    live.bar()
    fill = live.fill("run-0", 0.4)
    for _ in range(3):
        live.report("run-0", "partially_filled", fill=fill)
    assert live.position == 0.4
    assert live.order("run-0").state == "partially_filled"


def test_a_trade_that_comes_after_the_cancellation_is_real():
    live = Live({0: LONG})
    live.bar()
    live.report("run-0", "accepted")
    live.report("run-0", "canceled")
    live.trade("run-0", 0.25)
    assert live.position == 0.25
    assert live.order("run-0").state == "canceled"


def test_a_stale_acceptance_takes_nothing_back():
    live = Live({0: LONG})
    live.bar()
    live.trade("run-0", 1.0)
    live.report("run-0", "accepted")
    assert live.order("run-0").state == "filled"


def test_exits_are_orders_of_their_own_from_the_entrys_fill_on():
    live = Live({0: BRACKET})
    live.bar()
    sent = of_kind(Submit, live.trade("run-0", 0.4))
    assert [(each.order_id, each.intent.type, each.intent.quantity) for each in sent] == [
        ("run-0-sl", "stop", 0.4),
        ("run-0-tp", "limit", 0.4),
    ]
    assert all(each.intent.reduce_only for each in sent)


def test_exits_grow_with_the_fill():
    live = Live({0: BRACKET})
    live.bar()
    live.trade("run-0", 0.4)
    live.report("run-0-sl", "accepted")
    live.report("run-0-tp", "accepted")
    changed = of_kind(Replace, live.trade("run-0", 0.6))
    assert [(each.order_id, each.quantity) for each in changed] == [("run-0-sl", 1.0), ("run-0-tp", 1.0)]


def test_exits_that_grow_before_they_are_accepted_are_changed_after():
    live = Live({0: BRACKET})
    live.bar()
    live.trade("run-0", 0.4)
    assert of_kind(Replace, live.trade("run-0", 0.6)) == []
    (changed,) = of_kind(Replace, live.report("run-0-sl", "accepted"))
    assert (changed.order_id, changed.quantity) == ("run-0-sl", 1.0)


def test_an_exit_that_grows_while_it_is_changed_is_changed_again():
    live = Live({0: BRACKET})
    live.bar()
    live.trade("run-0", 0.4)
    live.report("run-0-sl", "accepted")
    live.trade("run-0", 0.2)
    live.trade("run-0", 0.4)
    (again,) = of_kind(Replace, live.report("run-0-sl", "accepted", quantity=Decimal("0.6")))
    assert again.quantity == 1.0


def test_exits_are_made_anew_where_the_broker_changes_none():
    live = Live({0: Signal("long", stop_loss=90.0)}, abilities=BrokerAbilities(replaces=False))
    live.bar()
    live.trade("run-0", 0.4)
    live.report("run-0-sl", "accepted")
    outputs = live.trade("run-0", 0.6)
    (submit,), (cancel,) = of_kind(Submit, outputs), of_kind(Cancel, outputs)
    assert (submit.intent.trigger, submit.intent.quantity, cancel.order_id) == (90.0, 1.0, "run-0-sl")
    assert outputs.index(submit) < outputs.index(cancel)


def test_the_third_refusal_for_the_same_reason_closes_the_market_to_entries():
    live = Live(dict.fromkeys(range(4), LONG))
    for number in range(3):
        live.bar()
        live.report(f"run-{number}", "rejected", "-4164")
    live.bar()
    assert live.denials() == [("run-3", "quarantined")]


def test_a_broker_that_attaches_exits_is_sent_none():
    live = Live({0: BRACKET}, abilities=BrokerAbilities(attaches_exits=True))
    live.bar()
    assert of_kind(Submit, live.trade("run-0", 1.0)) == []
    live.report("run-0-sl", "filled", fill=live.fill("run-0-sl", 1.0, 90.0, "sell"))
    assert live.position == 0.0
    assert live.order("run-0-tp").state == "canceled"


def test_a_filled_stop_takes_the_target_back():
    live = Live({0: BRACKET})
    live.bar()
    live.trade("run-0", 1.0)
    for leg in ("run-0-sl", "run-0-tp"):
        live.report(leg, "accepted")
    taken_back = of_kind(Cancel, live.trade("run-0-sl", 1.0, 90.0, "sell"))
    assert [each.order_id for each in taken_back] == ["run-0-tp"]
    assert live.order("run-0-tp").state == "pending_cancel"
    live.report("run-0-tp", "canceled")
    assert live.order("run-0-tp").state == "canceled"


def test_a_replaced_entry_waits_until_the_old_one_has_ended():
    limits = (Signal("long", type="limit", limit=195.0), Signal("long", type="limit", limit=196.0))
    live = Live(dict(enumerate(limits)))
    live.bar(200.0)
    live.report("run-0", "accepted")
    second = live.bar(200.0)
    assert [each.order_id for each in of_kind(Cancel, second)] == ["run-0"]
    assert of_kind(Submit, second) == []
    assert [each.order_id for each in of_kind(Submit, live.report("run-0", "canceled"))] == ["run-1"]


def test_an_entry_that_fills_while_it_is_replaced_keeps_its_successor_back():
    limits = (Signal("long", type="limit", limit=195.0), Signal("long", type="limit", limit=196.0))
    live = Live(dict(enumerate(limits)))
    live.bar(200.0)
    live.report("run-0", "accepted")
    live.bar(200.0)
    live.trade("run-0", 1.0, 195.0)
    live.report("run-0", "filled")
    assert live.submitted() == ["run-0"]
    assert (live.position, live.order("run-1").state) == (1.0, "canceled")


def test_an_exit_closes_what_is_held_and_no_more():
    live = Live({0: LONG, 1: Exit()})
    live.bar()
    live.trade("run-0", 0.7)
    (submit,) = of_kind(Submit, live.bar())
    assert (submit.intent.side, submit.intent.quantity, submit.intent.reduce_only) == ("sell", 0.7, True)


def test_a_strategy_hears_its_fills_before_the_next_bar():
    live = Live({0: LONG})
    live.bar()
    live.trade("run-0", 0.5)
    strategy = live.trader._desk.deciders["BTCUSDT"].strategy
    assert strategy.heard == []
    live.bar()
    assert strategy.heard == [("run-0", 0.5)]


def test_a_bar_that_comes_again_or_too_late_counts_for_nothing():
    live = Live({1: LONG})
    live.bar()
    live.bars = 0
    assert live.bar() == []
    live.bars = 1
    assert len(of_kind(Submit, live.bar())) == 1


def test_a_price_that_is_none_is_told_and_moves_nothing():
    live = Live({0: LONG})
    nan = float("nan")
    bars = [(0.0,) * 4, (nan,) * 4, (100.0, 90.0, 95.0, 100.0)]
    events = [BarClosed("BTCUSDT", live.plan.bars, Bar(0, *prices)) for prices in bars]
    ticks = [TickSeen("BTCUSDT", Tick(1, price, 1.0)) for price in (0.0, -1.0, nan, float("inf"))]
    quotes = [QuoteSeen("BTCUSDT", Quote(1, *sides, 1.0, 1.0)) for sides in ((101.0, 100.0), (0.0, 100.0), (99.0, nan))]
    for event in (*events, *ticks, *quotes):
        outputs = live.give(event)
        assert [type(output) for output in outputs] == [Notify]
    assert len(of_kind(Submit, live.bar())) == 1


def test_missing_bars_are_told_unless_history_brings_them():
    live = Live({})
    live.bar()
    live.bars = 3
    live.bar()
    assert live.notices() == ["BTCUSDT: bars from 1970-01-01T00:01:00Z to 1970-01-01T00:03:00Z are missing"]


class TestUnknownOrders:
    """Sent, and no answer came."""

    @pytest.fixture
    def live(self) -> Live:
        live = Live({0: LONG, 1: LONG})
        live.bar()
        live.report("run-0", "unknown", "timeout")
        return live

    def test_it_is_asked_about_with_growing_patience_and_never_resent(self, live: Live):
        asked = []
        for second in range(64):
            asked += [second for _ in of_kind(Query, live.wait(1))]
        assert asked == [0, 2, 6, 14, 30, 62]
        assert live.submitted() == ["run-0"]

    def test_it_is_asked_about_for_days_where_no_answer_comes(self, live: Live):
        assert len(of_kind(Query, live.wait(86_400))) > 1_024
        assert len(of_kind(Query, live.wait(60))) == 1

    def test_its_market_takes_no_entry(self, live: Live):
        live.trader._desk.native.order(live.trader._books, live.trader._books.intent(0))
        live.wait(1)
        assert live.denials() == [("run-1", "unresolved_order")]

    def test_it_holds_its_margin(self, live: Live):
        assert live.trader.portfolio.free_margin == pytest.approx(100_000.0 - 100.0, abs=1.0)

    def test_not_found_is_no_answer_within_the_time_of_grace(self, live: Live):
        while live.now < 40 * 1_000_000_000 + 60_000_000_000:
            for query in of_kind(Query, live.wait(1)):
                live.give(OrderNotFound(live.now, query.order_id))
        assert live.order("run-0").state == "unknown"
        for query in of_kind(Query, live.wait(60)):
            live.give(OrderNotFound(live.now, query.order_id))
        assert live.order("run-0").state == "rejected"

    def test_a_trade_resolves_it(self, live: Live):
        live.trade("run-0", 1.0)
        assert (live.position, live.order("run-0").state) == (1.0, "filled")
        assert of_kind(Query, live.wait(600)) == []

    def test_a_trade_after_it_was_given_up_is_booked_and_told(self, live: Live):
        for query in of_kind(Query, live.wait(70)):
            live.give(OrderNotFound(live.now, query.order_id))
        assert live.order("run-0").state == "rejected"
        live.trade("run-0", 1.0)
        assert live.position == 1.0
        assert "run-0 (BTCUSDT) was taken for rejected and has traded 1.0; the trade is booked." in live.notices()

    def test_an_order_without_any_answer_becomes_one(self):
        live = Live({0: LONG})
        live.bar()
        assert of_kind(Query, live.wait(12)) != []
        assert live.order("run-0").state == "unknown"
