"""What each order does in a bar, worked out by hand."""

from __future__ import annotations

import math
from typing import Any

import pytest
import tradebot_native as native

MINUTE = 60_000_000_000
DAY = 1440 * MINUTE


class Venue:
    """A simulated exchange with one instrument, fed bar by bar."""

    def __init__(
        self, *, cash: float = 100_000.0, step: int = MINUTE, options: dict[str, Any] | None = None, **spec: Any
    ):
        wish = {"tick_size": 0.5, "lot_size": 0.1} | spec
        self.exchange = native.SimExchange([native.InstrumentSpec("X", **wish)], cash=cash, **(options or {}))
        self.ts = 0
        self.step = step
        self.bar(100, 100, 100, 100)

    def bar(self, open: float, high: float, low: float, close: float, volume: float = 1_000.0) -> None:
        self.exchange.on_bar(0, native.Bar(self.ts, open, high, low, close, volume), self.ts + self.step)
        self.ts += self.step

    def order(self, side: str, quantity: float = 1.0, **wish: Any) -> int:
        return self.exchange.submit(native.OrderIntent("X", side, quantity, **wish))

    def state(self, order: int) -> tuple[str, str]:
        view = self.exchange.order(order)
        return view.state, view.reason

    @property
    def fills(self) -> list[tuple[float, float]]:
        """Signed quantity and price of every fill."""
        rows = self.exchange.fills()
        signed = (rows["side"] * rows["quantity"]).tolist()
        return list(zip(signed, rows["price"].tolist(), strict=True))


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


def test_post_only_is_refused_when_it_would_cross() -> None:
    venue = Venue()
    assert venue.state(venue.order("buy", type="limit", price=100.0, post_only=True)) == (
        "rejected",
        "post_only_would_cross",
    )
    later = venue.order("buy", type="limit", price=99.5, post_only=True)
    venue.bar(99, 100, 98, 99)
    assert venue.state(later) == ("rejected", "post_only_would_cross")


@pytest.mark.parametrize(
    ("wish", "reason"),
    [
        ({"quantity": 0.15}, "lot"),
        ({"quantity": 0.1}, "min_quantity"),
        ({"quantity": 50.0}, "max_quantity"),
        ({"quantity": 0.2}, "min_notional"),
        ({"type": "limit", "price": 99.7}, "tick"),
        ({"quantity": 20.0}, "insufficient_margin"),
    ],
)
def test_a_refusal_names_the_instruments_rule(wish: dict[str, Any], reason: str) -> None:
    venue = Venue(cash=1_000.0, min_quantity=0.2, max_quantity=30.0, min_notional=25.0)
    assert venue.state(venue.order("buy", **wish)) == ("rejected", reason)


def test_a_spot_account_cannot_go_short() -> None:
    venue = Venue(kind="spot")
    assert venue.state(venue.order("sell")) == ("rejected", "insufficient_position")


def test_what_cannot_be_shorted_is_not() -> None:
    venue = Venue(kind="equity", shortable=False)
    assert venue.state(venue.order("sell")) == ("rejected", "not_shortable")


@pytest.mark.parametrize(
    ("slippage", "price"),
    [
        (native.Slippage.none(), 100.0),
        (native.Slippage.bps(10), 100.5),  # 100.1 on the tick away from the buyer
        (native.Slippage.ticks(3), 101.5),
        (native.Slippage.half_spread(200), 101.0),
        (native.Slippage.volume_share(0.1), 101.0),  # 100 x 0.1 x sqrt(10 / 1000) = 1
    ],
)
def test_slippage_is_paid_by_takers(slippage: native.Slippage, price: float) -> None:
    venue = Venue(options={"slippage": slippage})
    venue.order("buy", 10.0)
    venue.bar(100, 102, 99, 100)
    assert venue.fills == [(10.0, price)]
    assert venue.exchange.portfolio.slippage == pytest.approx((price - 100) * 10)


def test_fees_by_rate_by_share_and_at_least() -> None:
    venue = Venue(taker_fee=0.001, maker_fee=-0.0002, fee_per_share=0.01)
    venue.order("buy", 2.0)
    venue.bar(100, 100, 100, 100)
    assert venue.exchange.portfolio.fees == pytest.approx(200 * 0.001 + 2 * 0.01)
    venue.order("sell", 2.0, type="limit", price=101.0)
    venue.bar(100, 101, 100, 101)
    assert venue.exchange.fills()["fee"][1] == pytest.approx(-202 * 0.0002 + 0.02)
    assert Venue(min_fee=1.0, fee_per_share=0.005).exchange.portfolio.fees == 0.0


def test_a_market_order_fills_as_far_as_the_account_can_pay() -> None:
    venue = Venue(cash=1_000.0)
    order = venue.order("buy", 10.0)
    venue.bar(110, 110, 110, 110)
    assert venue.fills == [(9.0, 110.0)]
    assert venue.state(order) == ("canceled", "insufficient_margin")


def test_leverage_sets_what_an_order_ties_up() -> None:
    venue = Venue(cash=1_000.0, options={"leverage": 10.0})
    assert venue.state(venue.order("buy", 99.0))[0] == "accepted"
    assert venue.exchange.portfolio.free_margin == pytest.approx(1_000 - 990)
    assert venue.state(venue.order("buy", 2.0)) == ("rejected", "insufficient_margin")


def test_a_reversal_may_use_the_margin_it_frees() -> None:
    venue = Venue(cash=1_000.0)
    venue.order("buy", 9.5)
    venue.bar(100, 100, 100, 100)
    order = venue.order("sell", 19.0)
    assert venue.state(order)[0] == "accepted"
    venue.bar(100, 100, 100, 100)
    assert venue.exchange.portfolio.quantity("X") == -9.5
    assert venue.state(venue.order("buy", 20.0)) == ("rejected", "insufficient_margin")


def test_a_position_is_liquidated_where_equity_meets_the_maintenance_margin() -> None:
    tiers = [(0.0, 100.0, 0.01, 0.0)]
    venue = Venue(cash=1_000.0, margin_tiers=tiers, liquidation_fee=0.0, options={"leverage": 10.0})
    venue.order("buy", 90.0)
    venue.bar(100, 100, 100, 100)
    # 1000 + 90 (p - 100) = 0.01 x 90 p  =>  p = 8000 / 89.1 = 89.787, sold on the tick below
    venue.bar(100, 100, 85, 95)
    assert venue.fills[1] == (-90.0, 89.5)
    assert venue.exchange.portfolio.equity == pytest.approx(1_000 - 90 * 10.5)
    assert venue.exchange.orders()["reason"][-1] == native.REASONS.index("liquidation")


def test_a_gap_beyond_the_liquidation_price_fills_at_the_open() -> None:
    venue = Venue(cash=1_000.0, margin_tiers=[(0.0, 100.0, 0.01, 0.0)], options={"leverage": 10.0})
    venue.order("sell", 90.0)
    venue.bar(100, 100, 100, 100)
    venue.bar(120, 121, 119, 120)
    assert venue.fills[1] == (90.0, 120.0)


def test_funding_is_paid_on_the_position_at_its_time() -> None:
    import numpy as np

    venue = Venue()
    rate = np.array([0.001, 0.002])
    venue.exchange.set_funding("X", np.array([2 * MINUTE, 3 * MINUTE + 1]), rate, np.array([100.0, math.nan]))
    venue.order("buy", 2.0)
    venue.bar(100, 100, 100, 100)
    venue.bar(100, 110, 100, 110)  # due at its open, at the mark given
    assert venue.exchange.portfolio.funding == pytest.approx(2 * 100 * 0.001)
    venue.bar(110, 120, 110, 120)  # due inside, at the close
    assert venue.exchange.portfolio.funding == pytest.approx(0.2 + 2 * 120 * 0.002)


def test_a_short_pays_its_borrow_fee_for_every_night() -> None:
    venue = Venue(kind="equity", step=DAY, borrow_rate=0.365)
    venue.order("sell", 10.0)
    venue.bar(100, 100, 100, 100)
    venue.ts += 2 * DAY  # a weekend: three nights until the next bar
    venue.bar(100, 100, 100, 100)
    assert venue.exchange.portfolio.borrow == pytest.approx(10 * 100 * 0.001 * 3)


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


def test_a_closed_position_is_exactly_zero() -> None:
    venue = Venue(lot_size=0.1)
    for _ in range(3):
        venue.order("buy", 0.1)
    venue.bar(100, 100, 100, 100)
    venue.order("sell", 0.3)
    venue.bar(100, 100, 100, 100)
    assert venue.exchange.portfolio.quantity("X") == 0.0
    assert venue.exchange.portfolio.positions() == []


def test_trades_pair_entries_and_exits_first_in_first_out() -> None:
    venue = Venue()
    venue.order("buy", 1.0)
    venue.bar(100, 100, 100, 100)
    venue.order("buy", 1.0)
    venue.bar(110, 110, 110, 110)
    venue.order("sell", 1.5)
    venue.bar(120, 120, 120, 120)
    trades = venue.exchange.trades()
    assert trades["quantity"].tolist() == [1.0, 0.5]
    assert trades["entry_price"].tolist() == [100.0, 110.0]
    assert trades["pnl"].tolist() == [20.0, 5.0]


def test_a_spot_sale_beyond_what_is_held_ends_for_want_of_units() -> None:
    venue = Venue(kind="spot")
    venue.order("buy", 2.0)
    venue.bar(100, 100, 100, 100)
    first, second = venue.order("sell", 2.0), venue.order("sell", 2.0)
    venue.bar(100, 100, 100, 100)
    assert venue.state(first) == ("filled", "")
    assert venue.state(second) == ("canceled", "insufficient_position")


def test_an_order_must_not_both_rest_and_fill_at_once() -> None:
    for tif in ("ioc", "fok"):
        with pytest.raises(ValueError, match=f"post_only: an order that must rest cannot be {tif}"):
            native.OrderIntent(0, "buy", 1.0, type="limit", price=1.0, tif=tif, post_only=True)


def test_the_last_lot_that_a_makers_fee_leaves_room_for_is_bought() -> None:
    venue = Venue(cash=100.0, kind="spot", lot_size=1.0, taker_fee=0.5, maker_fee=0.0, min_notional=0.0)
    venue.bar(12, 12, 12, 12)
    venue.order("buy", 6.0, type="limit", price=10.0)
    venue.bar(12, 12, 9, 9)
    assert venue.exchange.portfolio.quantity("X") == 6.0


def test_a_liquidation_takes_the_positions_along_that_it_leaves_uncovered() -> None:
    specs = [
        native.InstrumentSpec(
            name, tick_size=0.01, lot_size=0.001, margin_tiers=[(0.0, 50.0, 0.01, 0.0)], liquidation_fee=0.01
        )
        for name in "XY"
    ]
    exchange = native.SimExchange(specs, cash=100.0, leverage=10.0)
    for step in range(2):
        for i in (0, 1):
            exchange.on_bar(i, native.Bar(step, 100, 100, 100, 100, 1.0), step + 1)
            if step == 0:
                exchange.submit(native.OrderIntent(i, "buy", 4.0))
    exchange.on_bar(0, native.Bar(2, 99, 99, 99, 99, 1.0), 3)
    exchange.on_bar(1, native.Bar(2, 60, 60, 60, 60, 1.0), 3)
    assert [exchange.portfolio.quantity(i) for i in (0, 1)] == [0.0, 0.0]
    assert exchange.fills()["price"].tolist() == [100.0, 100.0, 60.0, 99.0]


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


def test_this_close_pays_the_impact_of_the_bars_volume() -> None:
    venue = Venue(tick_size=0.01, options={"fill": "this_close", "slippage": native.Slippage.volume_share(0.1)})
    venue.bar(100, 100, 100, 100, volume=100.0)
    venue.order("buy", 1.0)
    assert venue.fills == [(1.0, 101.0)]


def test_an_equity_sold_short_is_bought_in_at_its_maintenance_margin() -> None:
    venue = Venue(kind="equity", lot_size=1.0, tick_size=0.01, cash=10_000.0)
    venue.order("sell", 100.0)
    venue.bar(100, 100, 100, 100)
    venue.bar(100, 1_000, 100, 1_000)
    # 20,000 of cash cover 100 shares and 30 % more up to 20,000 / 130.
    assert venue.fills[-1] == (100.0, 153.85)
    assert venue.exchange.portfolio.equity > 0


def test_fill_or_kill_is_killed_where_slippage_makes_it_too_dear() -> None:
    venue = Venue(cash=1_001.0, kind="spot", options={"slippage": native.Slippage.bps(500)})
    order = venue.order("buy", 9.9, tif="fok")
    venue.bar(100, 100, 100, 100)
    assert venue.state(order) == ("canceled", "fill_or_kill")


def test_an_order_pays_its_least_fee_once() -> None:
    venue = Venue(kind="equity", lot_size=1.0, min_fee=1.0, options={"participation": 0.1})
    venue.order("buy", 10.0)
    for _ in range(10):
        venue.bar(100, 100, 100, 100, volume=10.0)
    assert len(venue.fills) == 10
    assert venue.exchange.portfolio.fees == 1.0


def test_a_child_that_finds_its_price_when_it_arrives_takes_it() -> None:
    venue = Venue(maker_fee=0.0, taker_fee=0.01)
    parent = venue.order("buy", type="limit", price=90.0)
    venue.order("sell", type="limit", price=85.0, parent=parent)
    refused = venue.order("sell", type="limit", price=85.0, parent=parent, post_only=True)
    venue.bar(100, 100, 88, 90)
    assert venue.exchange.portfolio.fees == pytest.approx(0.9)
    assert venue.state(refused)[1] in ("post_only_would_cross", "position_closed")


def test_a_parent_must_be_there() -> None:
    venue = Venue()
    assert venue.state(venue.order("buy", parent=7)) == ("rejected", "unknown_order")
    own = venue.exchange.submit(native.OrderIntent("X", "buy", 1.0, parent=1))
    assert venue.state(own) == ("rejected", "unknown_order")


def test_a_child_that_waits_is_changed_by_the_same_rules() -> None:
    venue = Venue()
    parent = venue.order("buy", type="limit", price=90.0)
    child = venue.order("sell", type="limit", price=110.0, parent=parent)
    for wish in ({"quantity": math.nan}, {"price": -5.0}, {"price": 110.3}, {"quantity": 0.05}):
        with pytest.raises(ValueError, match=f"order {child}: "):
            venue.exchange.replace(child, **wish)
    with pytest.raises(ValueError, match="price"):
        venue.exchange.replace(venue.order("buy"), price=50.0)


def test_lowering_a_partly_filled_order_needs_no_new_margin() -> None:
    venue = Venue(cash=1_000.0, kind="spot", options={"participation": 0.1})
    order = venue.order("buy", 10.0, type="limit", price=100.0)
    venue.bar(100, 100, 100, 100, volume=80.0)
    venue.exchange.replace(order, price=99.0)
    venue.bar(99, 99, 99, 99, volume=1_000.0)
    assert venue.exchange.portfolio.quantity("X") == 10.0


def test_a_dated_order_does_not_fill_in_the_bar_that_holds_its_end() -> None:
    venue = Venue()
    order = venue.order("buy", type="limit", price=95.0, tif="gtd", expire_ts=venue.ts + 1)
    assert venue.state(venue.order("buy", tif="gtd", expire_ts=venue.ts)) == ("rejected", "time_in_force")
    venue.bar(100, 100, 90, 95)
    assert venue.state(order) == ("expired", "time_in_force")


@pytest.mark.parametrize(
    ("wish", "fact"),
    [
        ({"price": 50.0}, "price: a market order has none"),
        ({"trigger": 50.0}, "trigger: a market order has none"),
        ({"stop_loss": -5.0}, "stop_loss: -5 is not a positive number"),
        ({"trailing_stop_pct": 7.0}, "trailing_stop_pct: 7 is 100 % or more"),
        ({"stop_loss": 150.0, "take_profit": 50.0}, "stop_loss: 150 must lie below take_profit 50"),
        ({"trailing_activation_pct": 0.1}, "there is no trailing stop to activate"),
    ],
)
def test_exits_and_prices_that_cannot_be_are_named(wish: dict[str, float], fact: str) -> None:
    with pytest.raises(ValueError, match=fact):
        native.OrderIntent("X", "buy", 1.0, **wish)


def test_a_damaged_state_is_refused() -> None:
    venue = Venue()
    venue.order("buy")
    state = bytearray(venue.exchange.save())
    for at in range(0, len(state), 7):
        damaged = state.copy()
        damaged[at] ^= 0x10
        with pytest.raises(ValueError, match="not a saved exchange"):
            native.SimExchange.restore(bytes(damaged))
    with pytest.raises(ValueError, match="too short"):
        native.SimExchange.restore(b"")


@pytest.mark.parametrize(
    "feed",
    [
        lambda exchange: exchange.on_quote(0, native.Quote(10**15, 101.0, 100.0, 1.0, 1.0)),
        lambda exchange: exchange.on_quote(0, native.Quote(10**15, math.nan, 100.0, 1.0, 1.0)),
        lambda exchange: exchange.on_tick(0, native.Tick(10**15, -1.0, 1.0)),
        lambda exchange: exchange.on_bar(0, native.Bar(10**15, 100, 90, 95, 100, 1.0)),
        lambda exchange: exchange.on_bar(0, native.Bar(0, 100, 100, 100, 100, 1.0)),
    ],
)
def test_impossible_market_data_is_refused(feed: Any) -> None:
    with pytest.raises(ValueError, match="quote:|tick:|bar:|ts:"):
        feed(Venue().exchange)


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
