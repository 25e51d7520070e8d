"""Coins that a fee has taken are gone, and yet nobody has sold them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tradebot_native import Exit, Signal

from live_market import Live
from tradebot.core.instrument import instrument_for

SPOT = instrument_for("BTCUSDT", "binance_spot")


def bought(live: Live) -> None:
    """Give the entry of a live run its fill of one unit, whose fee takes a thousandth of it."""
    live.bar()
    live.report("run-0", "filled", fill=live.fill("run-0", 1.0, fee=Decimal("0.001"), fee_currency="BTC"))
    taken = live.fill("commission-run-0", 0.001, side="sell", trade_id="t1-fee")
    live.report("commission-run-0", "filled", fill=taken)


def test_they_are_no_trade_and_no_strategy_hears_of_a_sale():
    live = Live({0: Signal("long")}, instruments=[SPOT])
    bought(live)
    live.bar()
    assert live.position == 0.999
    assert live.trader.status()["performance"]["trades"] == 0
    assert live.trader.portfolio.realized_pnl == 0.0
    assert live.trader._desk.deciders["BTCUSDT"].strategy.heard == [("run-0", 1.0)]


def test_what_they_have_cost_is_paid_by_the_trade_that_sells_the_rest():
    live = Live({0: Signal("long"), 1: Exit()}, instruments=[SPOT])
    bought(live)
    live.bar()
    live.report("run-2", "filled", fill=live.fill("run-2", 0.999, 100.05, "sell"))
    performance = live.trader.status()["performance"]
    assert (performance["trades"], performance["wins"]) == (1, 0), "the price has risen by less than the fee"
    assert live.trader.portfolio.realized_pnl == pytest.approx(live.trader.portfolio.cash - 100_000.0)
