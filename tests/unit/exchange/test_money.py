"""What orders and positions cost, tie up and bring, worked out by hand."""

from __future__ import annotations

import math

import pytest
import tradebot_native as native

from simulated_venue import DAY, MINUTE, Venue


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


def test_lowering_a_partly_filled_order_needs_no_new_margin() -> None:
    venue = Venue(cash=1_000.0, kind="spot", options={"participation": 0.1})
    order = venue.order("buy", 10.0, type="limit", price=100.0)
    venue.bar(100, 100, 100, 100, volume=80.0)
    venue.exchange.replace(order, price=99.0)
    venue.bar(99, 99, 99, 99, volume=1_000.0)
    assert venue.exchange.portfolio.quantity("X") == 10.0
