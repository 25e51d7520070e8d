"""Trades of a halt, and of earlier runs, that a run hears of and has not sent."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tradebot_native import Signal

from live_market import Live
from tradebot.core.account import OpenPosition
from tradebot.core.instrument import instrument_for
from tradebot.core.order import halt_id

SPOT = instrument_for("BTCUSDT", "binance_spot")
LEFT = OpenPosition(symbol="BTCUSDT", quantity=Decimal("0.5"), entry_price=Decimal(100))
SALE = f"{halt_id('run')}1a2b"


@pytest.fixture
def spot() -> Live:
    """With a coin."""
    live = Live({0: Signal("long")}, instruments=[SPOT])
    live.bar()
    live.trade("run-0", 1.0)
    return live


def sold(live: Live, order_id: str, *quantities: float) -> None:
    for quantity in quantities:
        live.report(order_id, "partially_filled", fill=live.fill(order_id, quantity, 100.0, "sell"))


@pytest.mark.parametrize("parts", [(1.0,), (0.4, 0.6)])
def test_what_a_halt_sells_is_gone_from_the_books(spot: Live, parts: tuple[float, ...]):
    sold(spot, SALE, *parts)
    assert (spot.position, spot.order(SALE).tag) == (0.0, "halt")
    assert any("BTCUSDT was closed by a halt: sell" in text for text in spot.notices())


@pytest.mark.parametrize("parts", [(1.5,), (0.5, 0.7, 0.3)])
def test_coins_of_an_earlier_run_that_a_halt_sells_along_are_none_of_the_books(spot: Live, parts: tuple[float, ...]):
    sold(spot, SALE, *parts)
    assert spot.position == 0.0


def test_a_sale_is_heard_once_however_often_it_is_told(spot: Live):
    sale = spot.fill(SALE, 0.5, 100.0, "sell")
    for _ in range(2):
        spot.report(SALE, "partially_filled", fill=sale)
        spot.snapshot(fills=(sale,), positions=(LEFT,))
    assert spot.position == 0.5


def test_an_order_of_an_earlier_run_moves_no_coins_of_this_one(spot: Live):
    sold(spot, "old-3-sl", 1.0)
    sold(spot, "commission-old-3", 0.1)
    sold(spot, f"{halt_id('old')}1a2b", 1.0)
    assert spot.position == 1.0


def test_a_perpetual_is_closed_by_a_halt_whole():
    live = Live({0: Signal("short")})
    live.bar()
    live.trade("run-0", 1.0, side="sell")
    live.report(SALE, "filled", fill=live.fill(SALE, 1.0, 100.0, "buy"))
    assert (live.position, live.order(SALE).tag) == (0.0, "halt")
