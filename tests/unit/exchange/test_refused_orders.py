"""What the exchange does not take, and the reason it gives."""

from __future__ import annotations

import math
from typing import Any

import pytest
import tradebot_native as native

from simulated_venue import Venue


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


def test_an_order_must_not_both_rest_and_fill_at_once() -> None:
    for tif in ("ioc", "fok"):
        with pytest.raises(ValueError, match=f"post_only: an order that must rest cannot be {tif}"):
            native.OrderIntent(0, "buy", 1.0, type="limit", price=1.0, tif=tif, post_only=True)


def test_a_parent_must_be_there() -> None:
    venue = Venue()
    assert venue.state(venue.order("buy", parent=7)) == ("rejected", "unknown_order")
    own = venue.exchange.submit(native.OrderIntent("X", "buy", 1.0, parent=1))
    assert venue.state(own) == ("rejected", "unknown_order")


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
