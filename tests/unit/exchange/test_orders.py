"""What each order does in a bar, worked out by hand."""

from __future__ import annotations

import math
from typing import Any

import pytest
import tradebot_native as native

from simulated_venue import DAY, MINUTE, Venue


def test_a_market_order_fills_at_the_next_open() -> None:
    venue = Venue()
    order = venue.order("buy")
    assert venue.state(order) == ("accepted", "")
    venue.bar(101, 103, 99, 102)
    assert venue.fills == [(1.0, 101.0)]


def test_this_close_fills_at_the_close_it_was_decided_on() -> None:
    venue = Venue(options={"fill": "this_close"})
    venue.order("buy")
    assert venue.fills == [(1.0, 100.0)]


@pytest.mark.parametrize(
    ("side", "limit", "bar", "price"),
    [
        ("buy", 99.0, (100, 101, 99, 100), 99.0),  # touched
        ("buy", 99.0, (98, 101, 97, 100), 98.0),  # the gap improves the price
        ("sell", 102.0, (100, 102, 99, 100), 102.0),
        ("sell", 102.0, (103, 104, 99, 100), 103.0),
    ],
)
def test_a_limit_order_fills_at_the_better_of_open_and_limit(side: str, limit: float, bar: Any, price: float) -> None:
    venue = Venue()
    venue.order(side, type="limit", price=limit)
    venue.bar(*bar)
    assert [fill[1] for fill in venue.fills] == [price]


def test_with_touch_off_a_limit_must_be_passed() -> None:
    venue = Venue(options={"touch": False})
    venue.order("buy", type="limit", price=99.0)
    venue.bar(100, 101, 99, 100)
    assert venue.fills == []
    venue.bar(100, 101, 98.5, 100)
    assert venue.fills == [(1.0, 99.0)]


@pytest.mark.parametrize(
    ("side", "trigger", "bar", "price"),
    [
        ("buy", 102.0, (100, 103, 99, 101), 102.0),
        ("buy", 102.0, (104, 105, 103, 104), 104.0),  # the gap costs
        ("sell", 98.0, (100, 101, 97, 99), 98.0),
        ("sell", 98.0, (96, 97, 95, 96), 96.0),
    ],
)
def test_a_stop_order_fills_at_the_worse_of_open_and_trigger(side: str, trigger: float, bar: Any, price: float) -> None:
    venue = Venue()
    venue.order(side, type="stop", trigger=trigger)
    venue.bar(*bar)
    assert [fill[1] for fill in venue.fills] == [price]


def test_a_stop_limit_waits_for_its_limit_once_triggered() -> None:
    venue = Venue()
    order = venue.order("buy", type="stop_limit", trigger=102.0, price=101.0)
    venue.bar(101.5, 103, 101.5, 102)
    assert venue.state(order) == ("triggered", "")
    venue.bar(102, 102, 100.5, 101)
    assert venue.fills == [(1.0, 101.0)]


def test_a_take_profit_order_is_a_market_order_once_touched() -> None:
    venue = Venue(taker_fee=0.001, maker_fee=0.0)
    venue.order("sell", type="take_profit", trigger=102.0)
    venue.bar(100, 103, 99, 101)
    assert venue.fills == [(-1.0, 102.0)]
    assert venue.exchange.portfolio.fees == pytest.approx(0.102)


def test_a_trailing_stop_follows_the_path_not_the_close() -> None:
    venue = Venue(options={"path": "adaptive"})
    venue.order("buy", trailing_stop=2.0)
    venue.bar(100, 105, 99.5, 104.5)  # in at 100; the best price is 105, the stop lies at 103
    assert venue.fills == [(1.0, 100.0)]
    venue.bar(104.5, 104.5, 102, 103)
    assert venue.fills[1] == (-1.0, 103.0)


def test_the_pessimistic_path_lets_a_trailing_stop_fire_on_the_way_back() -> None:
    venue = Venue()
    venue.order("buy", trailing_stop=2.0)
    venue.bar(100, 105, 99.5, 104.5)  # up to 105 and back through 103, or down first and then up
    assert venue.fills == [(1.0, 100.0), (-1.0, 103.0)]
    assert venue.exchange.ambiguous_bars == 1


def test_a_trailing_stop_in_percent_of_a_short() -> None:
    venue = Venue(options={"path": "adaptive"})
    venue.order("sell", trailing_stop_pct=0.05)
    venue.bar(100, 100.5, 90, 90)
    venue.bar(90, 95, 89, 94)  # best 89, the stop at 93.45 rounds up to 93.5
    assert venue.fills[1] == (1.0, 93.5)


@pytest.mark.parametrize(("side", "stop", "target"), [("buy", 98.0, 102.0), ("sell", 102.0, 98.0)])
def test_stop_fills_before_target_when_both_lie_in_the_bar(side: str, stop: float, target: float) -> None:
    venue = Venue()
    venue.order(side, stop_loss=stop, take_profit=target)
    venue.bar(100, 100.5, 99.5, 100)
    venue.bar(100, 103, 97, 100)
    assert venue.fills[1][1] == stop
    assert venue.exchange.ambiguous_bars == 1
    assert venue.exchange.open_orders() == []


def test_the_optimistic_path_takes_the_target_instead() -> None:
    venue = Venue(options={"path": "optimistic"})
    venue.order("buy", stop_loss=98.0, take_profit=102.0)
    venue.bar(100, 103, 97, 100)
    assert venue.fills[1] == (-1.0, 102.0)


def test_exits_live_from_the_entrys_fill_on() -> None:
    venue = Venue()
    venue.order("buy", stop_loss_pct=0.02)
    venue.bar(101, 101, 98, 99)  # in at 101; 2 % below is 98.98, on the tick farther away 98.5
    assert venue.fills == [(1.0, 101.0), (-1.0, 98.5)]


def test_participation_caps_a_fill_and_the_rest_stays_open() -> None:
    venue = Venue(options={"participation": 0.1})
    order = venue.order("buy", 3.0, stop_loss=90.0)
    venue.bar(100, 101, 99, 100, volume=20.0)
    assert venue.fills == [(2.0, 100.0)]
    assert venue.exchange.order(order).state == "partially_filled"
    assert [leg.quantity for leg in venue.exchange.open_orders() if leg.type == "stop"] == [2.0]
    venue.bar(101, 102, 100, 101, volume=20.0)
    assert venue.fills[1] == (1.0, 101.0)
    assert [leg.quantity for leg in venue.exchange.open_orders()] == [3.0]


def test_a_partial_exit_shrinks_the_other_exit() -> None:
    venue = Venue(options={"participation": 0.1})
    venue.order("buy", 2.0, stop_loss=95.0, take_profit=105.0)
    venue.bar(100, 101, 99, 100, volume=20.0)
    venue.bar(104, 106, 104, 105, volume=10.0)
    assert venue.fills[1] == (-1.0, 105.0)
    stop = next(leg for leg in venue.exchange.open_orders() if leg.type == "stop")
    assert stop.quantity - stop.filled == 1.0


def test_one_cancels_other() -> None:
    venue = Venue()
    lower = venue.order("buy", type="limit", price=98.0, oco=1)
    upper = venue.order("buy", type="stop", trigger=103.0, oco=1)
    venue.bar(100, 101, 97, 99)
    assert venue.state(lower)[0] == "filled"
    assert venue.state(upper) == ("canceled", "one_cancels_other")


def test_one_triggers_other() -> None:
    venue = Venue()
    entry = venue.order("buy", type="limit", price=99.0)
    child = venue.order("sell", type="limit", price=101.0, parent=entry)
    venue.bar(100, 102, 99.5, 100)
    assert venue.fills == []
    venue.bar(100, 100, 98.5, 99)
    venue.bar(99, 101.5, 99, 101)
    assert venue.fills == [(1.0, 99.0), (-1.0, 101.0)]
    assert venue.exchange.order(child).state == "filled"


def test_immediate_or_cancel_gets_the_next_open_alone() -> None:
    venue = Venue()
    missed = venue.order("buy", type="limit", price=99.0, tif="ioc")
    venue.bar(100, 101, 98, 99)
    assert venue.state(missed) == ("canceled", "immediate_or_cancel")


def test_fill_or_kill_takes_all_or_nothing() -> None:
    venue = Venue(options={"participation": 0.1})
    order = venue.order("buy", 3.0, tif="fok")
    venue.bar(100, 101, 99, 100, volume=20.0)
    assert venue.state(order) == ("canceled", "fill_or_kill")


def test_a_day_order_ends_with_the_day_of_its_first_bar() -> None:
    venue = Venue(step=DAY // 4)
    order = venue.order("buy", type="limit", price=50.0, tif="day")
    for _ in range(3):
        venue.bar(100, 101, 99, 100)
        assert venue.state(order)[0] == "accepted"
    venue.bar(100, 101, 99, 100)
    assert venue.state(order) == ("expired", "time_in_force")


def test_a_gtd_order_lives_until_its_time() -> None:
    venue = Venue()
    order = venue.order("buy", type="limit", price=50.0, tif="gtd", expire_ts=3 * MINUTE)
    venue.bar(100, 101, 99, 100)
    venue.bar(100, 101, 99, 100)
    assert venue.state(order)[0] == "accepted"
    venue.bar(100, 101, 40, 100)
    assert venue.state(order) == ("expired", "time_in_force")
    assert venue.fills == []


def test_reduce_only_never_opens() -> None:
    venue = Venue()
    assert venue.state(venue.order("sell", reduce_only=True)) == ("rejected", "reduce_only")
    venue.order("buy", 1.0)
    venue.bar(100, 100, 100, 100)
    venue.order("sell", 5.0, reduce_only=True)
    venue.bar(100, 100, 100, 100)
    assert venue.fills == [(1.0, 100.0), (-1.0, 100.0)]


def test_a_replaced_order_keeps_its_id() -> None:
    venue = Venue()
    order = venue.order("buy", 1.0, type="limit", price=90.0)
    venue.exchange.replace(order, quantity=2.0, price=99.0)
    venue.bar(100, 100, 98, 99)
    assert venue.fills == [(2.0, 99.0)]
    with pytest.raises(ValueError, match="unknown_order"):
        venue.exchange.replace(order, price=98.0)


def test_a_cancelled_order_is_gone() -> None:
    venue = Venue()
    order = venue.order("buy", type="limit", price=99.0)
    assert venue.exchange.cancel(order)
    assert not venue.exchange.cancel(order)
    venue.bar(100, 100, 90, 95)
    assert venue.fills == []


def test_an_order_does_not_fill_in_a_bar_that_opened_before_it() -> None:
    specs = [native.InstrumentSpec(name, tick_size=0.5, lot_size=0.1) for name in "XY"]
    exchange = native.SimExchange(specs, cash=10_000.0)
    hour = 60 * MINUTE
    exchange.on_bar(1, native.Bar(0, 100, 100, 100, 100, 1.0), hour // 2)
    exchange.on_bar(0, native.Bar(0, 50, 50, 50, 50, 1.0), hour)
    late = exchange.submit(native.OrderIntent("Y", "buy", 1.0))
    exchange.on_bar(1, native.Bar(hour // 2, 300, 300, 300, 300, 1.0), hour + hour // 2)
    assert exchange.order(late).state == "accepted"
    exchange.on_bar(1, native.Bar(hour + hour // 2, 310, 310, 310, 310, 1.0), 2 * hour + hour // 2)
    assert exchange.fills()["price"].tolist() == [310.0]


def test_this_close_keeps_to_the_share_of_the_bars_volume() -> None:
    venue = Venue(options={"fill": "this_close", "participation": 0.1})
    venue.bar(100, 100, 100, 100, volume=10.0)
    venue.order("buy", 5.0)
    assert venue.fills == [(1.0, 100.0)]


def test_a_child_that_finds_its_price_when_it_arrives_takes_it() -> None:
    venue = Venue(maker_fee=0.0, taker_fee=0.01)
    parent = venue.order("buy", type="limit", price=90.0)
    venue.order("sell", type="limit", price=85.0, parent=parent)
    refused = venue.order("sell", type="limit", price=85.0, parent=parent, post_only=True)
    venue.bar(100, 100, 88, 90)
    assert venue.exchange.portfolio.fees == pytest.approx(0.9)
    assert venue.state(refused)[1] in ("post_only_would_cross", "position_closed")


def test_a_child_that_waits_is_changed_by_the_same_rules() -> None:
    venue = Venue()
    parent = venue.order("buy", type="limit", price=90.0)
    child = venue.order("sell", type="limit", price=110.0, parent=parent)
    for wish in ({"quantity": math.nan}, {"price": -5.0}, {"price": 110.3}, {"quantity": 0.05}):
        with pytest.raises(ValueError, match=f"order {child}: "):
            venue.exchange.replace(child, **wish)
    with pytest.raises(ValueError, match="price"):
        venue.exchange.replace(venue.order("buy"), price=50.0)


def test_a_dated_order_does_not_fill_in_the_bar_that_holds_its_end() -> None:
    venue = Venue()
    order = venue.order("buy", type="limit", price=95.0, tif="gtd", expire_ts=venue.ts + 1)
    assert venue.state(venue.order("buy", tif="gtd", expire_ts=venue.ts)) == ("rejected", "time_in_force")
    venue.bar(100, 100, 90, 95)
    assert venue.state(order) == ("expired", "time_in_force")


def test_a_trailing_stop_follows_its_own_side_of_the_quote() -> None:
    exchange = native.SimExchange([native.InstrumentSpec("X", tick_size=0.01, lot_size=0.1)], cash=10_000.0)
    quote = lambda ts, mid: exchange.on_quote(0, native.Quote(ts, mid - 0.1, mid + 0.1, 0.0, 0.0))  # noqa: E731
    quote(0, 100.0)
    stop = exchange.submit(native.OrderIntent("X", "sell", 1.0, type="trailing_stop", trail=0.15))
    quote(1, 100.05)
    assert exchange.order(stop).state == "accepted"
    quote(2, 99.85)
    assert exchange.fills()["price"].tolist() == [99.75]


def test_a_fill_takes_no_more_than_the_quoted_size() -> None:
    exchange = native.SimExchange([native.InstrumentSpec("X", tick_size=0.01, lot_size=0.1)], cash=100_000.0)
    exchange.on_quote(0, native.Quote(0, 99.0, 100.0, 5.0, 3.0))
    exchange.submit(native.OrderIntent("X", "buy", 10.0))
    for ts in (1, 2):
        exchange.on_quote(0, native.Quote(ts, 99.0, 100.0, 5.0, 3.0))
    assert exchange.fills()["quantity"].tolist() == [3.0, 3.0]
