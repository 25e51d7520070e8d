"""The reference workloads give the figures that other engines give, in both forms of the strategy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tradebot
from tradebot import BarArray, FixedQuantity, Instrument, Rules, Strategy, ta
from tradebot.core.asset_class import AssetClass
from tradebot.strategies.library.sma_cross import SmaCross

BARS = 1_000_000


class Bracketed(Strategy):
    """The cross of the averages with a stop 1 % below and a target 2 % above the fill."""

    def setup(self, bars: Any) -> None:
        self.fast, self.slow = ta.sma(bars.close, 10), ta.sma(bars.close, 30)

    def on_bar(self, bar: Any) -> Any:
        if ta.crossed_above(self.fast, self.slow):
            return self.long(stop_loss_pct=0.01, take_profit_pct=0.02)
        return None

    def rules(self, bars: Any) -> Rules:
        return Rules(enter_long=ta.cross_above(self.fast, self.slow), stop_loss_pct=0.01, take_profit_pct=0.02)


@pytest.fixture(scope="module")
def bars() -> BarArray:
    """A geometric walk of 0.1 % a minute whose prices are multiples of 0.25: all averages agree to the bit."""
    rng = np.random.default_rng(42)
    steps = rng.standard_normal((BARS, 8)) * (0.001 / np.sqrt(8))
    steps[:, 0] *= 0.5
    prices = np.maximum(np.round(10_000 * np.exp(np.cumsum(steps.ravel()).reshape(BARS, 8)) * 4) / 4, 0.25)
    instrument = Instrument(
        symbol="X",
        venue="test",
        asset_class=AssetClass.PERPETUAL,
        base="X",
        quote="USD",
        tick_size="0.0001",
        lot_size="1",
        maker_fee="0.001",
        taker_fee="0.001",
    )
    ts = 1_577_836_800_000_000_000 + 60_000_000_000 * np.arange(BARS, dtype=np.int64)
    columns = (prices[:, 0].copy(), prices.max(1), prices.min(1), prices[:, -1].copy(), np.ones(BARS))
    return BarArray(instrument, "1m", ts, *columns)


@pytest.mark.parametrize("form", ["python", "rules"])
@pytest.mark.parametrize(
    ("strategy", "trades", "equity"),
    [(SmaCross(fast=10, slow=30), 19_626, 9_118_440.93), (Bracketed(), 3_747, 9_857_376.79)],
    ids=["cross", "bracket"],
)
def test_reference_figures(bars: BarArray, strategy: Strategy, trades: int, equity: float, form: str) -> None:
    result = tradebot.backtest(strategy, bars, cash=1e7, sizer=FixedQuantity(1), form=form)
    assert len(result.outcome.trades["pnl"]) == trades
    assert result.outcome.final_equity == pytest.approx(equity, abs=0.005)
