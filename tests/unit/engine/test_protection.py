"""An open position whose entry asked for a stop has one resting, or is closed."""

from __future__ import annotations

from decimal import Decimal

from tradebot_native import Exit, Signal

from live_market import SECOND, Live, held, of_kind
from tradebot.core.event import Cancel, Replace, Submit
from tradebot.risk import Protection

LONG = Signal("long")
STOPPED = Signal("long", stop_loss=90.0)


def test_a_stop_that_is_gone_is_put_back():
    live = held(Live({0: STOPPED}))
    (stop,) = of_kind(Submit, live.report("run-0-sl", "canceled", "by another"))
    assert (stop.intent.type, stop.intent.trigger, stop.intent.quantity, stop.intent.reduce_only) == (
        "stop",
        90.0,
        1.0,
        True,
    )


def test_one_of_unknown_fate_covers_nothing():
    live = Live({0: STOPPED})
    live.bar()
    live.trade("run-0", 1.0)
    (stop,) = of_kind(Submit, live.report("run-0-sl", "unknown", "timeout"))
    assert stop.intent.trigger == 90.0


def test_one_that_is_told_too_small_is_waited_for_a_moment():
    live = held(Live({0: STOPPED}))
    # A venue gives a pair the smaller quantity of the two while the change of the other is under way.
    assert of_kind(Submit, live.report("run-0-sl", "accepted", quantity=Decimal("0.4"))) == []
    assert of_kind(Submit, live.wait(0.9)) == []
    live.report("run-0-sl", "accepted", quantity=Decimal(1))
    assert of_kind(Submit, live.wait(10.0)) == []


def test_one_that_stays_too_small_makes_way_for_one_of_the_whole():
    live = held(Live({0: STOPPED}))
    live.report("run-0-sl", "accepted", quantity=Decimal("0.4"))
    outputs = live.wait(1.0)
    (whole,) = of_kind(Submit, outputs)
    assert (whole.order_id, whole.intent.trigger, whole.intent.quantity) == ("run-0-sl2", 90.0, 1.0)
    assert [each.order_id for each in of_kind(Cancel, outputs)] == ["run-0-sl"]
    live.report("run-0-sl2", "accepted")
    live.report("run-0-sl", "canceled")
    assert of_kind(Submit, live.wait(10.0)) == []


def kept_small(live: Live, seconds: float) -> list[float]:
    """When stops of the whole went out, for so long, of which the venue keeps each at a part."""
    live.report("run-0-sl", "accepted", quantity=Decimal("0.4"))
    sent: list[float] = []
    before, now = "run-0-sl", live.now
    while live.now < now + seconds * SECOND:
        for whole in of_kind(Submit, live.wait(0.25)):
            sent.append((live.now - now) / SECOND)
            live.report(before, "canceled")
            live.report(whole.order_id, "accepted", quantity=Decimal("0.4"))
            before = whole.order_id
    return sent


def test_a_venue_that_keeps_every_stop_too_small_is_asked_ever_more_seldom():
    live = held(Live({0: STOPPED}))
    sent = kept_small(live, 3_600.0)
    assert sent[:5] == [1.0, 3.0, 7.0, 15.0, 31.0]
    assert 15 < len(sent) < 25
    told = [text for text in live.notices() if "leaves 0.6 units without a stop" in text]
    assert len(told) == 1


def test_a_part_of_another_size_is_asked_for_at_once_again():
    live = held(Live({0: STOPPED}))
    kept_small(live, 100.0)
    outputs = live.report(live.submitted()[-1], "accepted", quantity=Decimal("0.5"))
    assert len(of_kind(Submit, outputs + live.wait(1.0))) == 1


def test_a_part_without_a_stop_is_closed_at_once_where_the_market_passes_its_price():
    live = held(Live({0: STOPPED}))
    kept_small(live, 100.0)
    closes = [each for each in of_kind(Submit, live.bar(89.0)) if each.intent.type == "market"]
    assert len(closes) == 1


def test_a_part_whose_stops_were_taken_whole_is_covered_again_within_a_second_however_often_they_went():
    entry = Signal("long", stop_loss=90.0, add=True)
    live = Live({0: entry, 1: entry})
    for number in (0, 2):
        live.bar()
        live.trade(f"run-{number}", 1.0)
        live.report(f"run-{number}-sl", "accepted")
    stop = "run-2-sl"
    for _ in range(8):
        live.now += 3_600 * SECOND
        (again,) = of_kind(Submit, live.report(stop, "canceled", "by another") + live.wait(1.0))
        stop = again.order_id
        live.report(stop, "accepted")
    assert not any("without a stop, though" in text for text in live.notices())


def test_what_a_venue_was_asked_for_in_vain_outlasts_a_restart():
    live = held(Live({0: STOPPED}))
    kept_small(live, 100.0)
    again = Live({0: STOPPED})
    again.trader.restore(live.trader.state())
    again.now = live.now
    assert of_kind(Submit, again.wait(10.0)) == []


def test_the_target_beside_a_stop_that_was_too_small_grows_with_it():
    live = held(Live({0: Signal("long", stop_loss=90.0, take_profit=120.0)}))
    live.report("run-0-tp", "accepted")
    for name in ("run-0-sl", "run-0-tp"):
        live.report(name, "accepted", quantity=Decimal("0.4"))
    assert of_kind(Replace, live.wait(1.0)) == [Replace("run-0-tp", quantity=1.0)]


def test_what_is_refused_twice_is_closed_at_the_market():
    live = held(Live({0: STOPPED}))
    (again,) = of_kind(Submit, live.report("run-0-sl", "rejected", "-2021"))
    live.bar()
    (close,) = of_kind(Submit, live.report(again.order_id, "rejected", "-2021"))
    assert (close.intent.type, close.intent.quantity) == ("market", 1.0)
    assert "BTCUSDT: its stop was refused, so its position of 1 is closed" in live.notices()


def test_a_refusal_that_is_told_twice_counts_once():
    live = held(Live({0: STOPPED}))
    outputs = live.report("run-0-sl", "rejected", "-2021") + live.report("run-0-sl", "rejected", "-2021")
    (again,) = of_kind(Submit, outputs)
    (stop,) = of_kind(Submit, live.report(again.order_id, "canceled", "by another"))
    assert stop.intent.type == "stop"


def test_a_stop_that_the_venue_took_back_to_liquidate_is_put_back_only_if_the_position_is_still_there():
    live = held(Live({0: STOPPED}))
    assert of_kind(Submit, live.report("run-0-sl", "canceled", "liquidation")) == []
    (stop,) = of_kind(Submit, live.wait(2.0))
    assert (stop.intent.type, stop.intent.trigger) == ("stop", 90.0)


def test_a_price_beyond_the_stop_closes_at_once():
    live = held(Live({0: STOPPED}))
    live.bar(89.0)
    (close,) = of_kind(Submit, live.report("run-0-sl", "expired", "-2021"))
    assert (close.intent.type, close.intent.quantity) == ("market", 1.0)


def test_the_next_position_starts_with_a_clean_slate():
    live = held(Live({0: STOPPED, 2: STOPPED}))
    live.bar(89.0)
    (close,) = of_kind(Submit, live.report("run-0-sl", "expired", "-2021"))
    live.trade(close.order_id, 1.0, 89.0, "sell")
    (entry,) = of_kind(Submit, live.bar(100.0))
    live.trade(entry.order_id, 1.0)
    (stop,) = of_kind(Submit, live.report(f"{entry.order_id}-sl", "canceled"))
    assert stop.intent.type == "stop"


def test_a_close_of_unknown_fate_is_told_once_and_never_resent():
    live = held(Live({0: STOPPED}))
    live.bar(89.0)
    (close,) = of_kind(Submit, live.report("run-0-sl", "expired", "-2021"))
    live.report(close.order_id, "unknown", "timeout")
    for _ in range(3):
        live.bar(89.0)
    assert len([text for text in live.notices() if "is closed" in text]) == 1
    assert live.submitted() == ["run-0", "run-0-sl", close.order_id]


def test_an_exit_under_way_needs_no_stop():
    live = held(Live({0: STOPPED, 1: Exit()}))
    live.bar()
    assert of_kind(Submit, live.report("run-0-sl", "canceled")) == []


def test_the_stop_of_the_run_counts_as_asked_for():
    live = Live({0: LONG}, protection=Protection(stop_loss_pct=0.1))
    live.bar()
    live.trade("run-0", 1.0)
    (stop,) = of_kind(Submit, live.report("run-0-sl", "canceled"))
    assert stop.intent.trigger == 90.0


def test_a_position_that_asked_for_none_is_left_alone():
    live = Live({0: LONG})
    live.bar()
    assert of_kind(Submit, live.trade("run-0", 1.0)) == []
