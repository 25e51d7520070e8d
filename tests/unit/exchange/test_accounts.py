"""What the simulated exchange says of an account."""

from __future__ import annotations

import math

import pytest
from tradebot_native import SimExchange

from tradebot.core.instrument import Instrument

AMOUNTS = (
    "gross_notional",
    "margin_used",
    "maintenance_margin",
    "fees",
    "slippage",
    "funding",
    "borrow",
    "realized_pnl",
)


@pytest.mark.parametrize("name", AMOUNTS)
def test_nothing_is_a_zero_without_a_sign(name: str):
    exchange = SimExchange([Instrument.binance_perpetual("BTCUSDT").native()], cash=100.0)
    amount = getattr(exchange.portfolio, name)
    assert (amount, math.copysign(1.0, amount)) == (0.0, 1.0)
