"""The price at which a position is closed by force, as the status of a run tells it."""

from __future__ import annotations

import pytest
from tradebot_native import Signal

from live_market import BTC, Live
from tradebot.core.instrument import instrument_for


def told(live: Live) -> float | None:
    return live.trader.status()["positions"][0]["liquidation_price"]


@pytest.mark.parametrize(("side", "sign"), [("long", 1.0), ("short", -1.0)])
def test_it_is_where_equity_meets_the_maintenance_margin(side: str, sign: float):
    live = Live({0: Signal(side, quantity=50.0)}, cash=1_000.0, leverage=10.0)
    live.bar()
    live.trade("run-0", 50.0, 100.0, "buy" if side == "long" else "sell")
    rate = float(BTC.margin_tiers[0].maintenance_rate)
    # 1,000 + q (p - 100) = |q| p r
    quantity = 50.0 * sign
    assert told(live) == pytest.approx((quantity * 100.0 - 1_000.0) / (quantity - 50.0 * rate), rel=1e-12)


def test_what_is_paid_for_in_full_has_none():
    spot = instrument_for("BTCUSDT", "binance_spot")
    live = Live({0: Signal("long")}, instruments=[spot])
    live.bar()
    live.trade("run-0", 1.0)
    assert told(live) is None
