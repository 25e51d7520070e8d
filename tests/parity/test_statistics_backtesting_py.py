"""The figures backtesting.py defines as we do, on the same equity and the same trades of its own run."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from tradebot.research.statistics import drawdowns, returns, sampling, trades

backtesting = pytest.importorskip("backtesting")


@dataclass(frozen=True)
class Theirs:
    stats: Any
    ts: np.ndarray
    equity: np.ndarray
    pnl: np.ndarray
    earned: np.ndarray


@pytest.fixture(scope="module")
def theirs() -> Theirs:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from backtesting.test import GOOG, SMA

        class Cross(backtesting.Strategy):
            def init(self) -> None:
                self.fast, self.slow = self.I(SMA, self.data.Close, 10), self.I(SMA, self.data.Close, 30)

            def next(self) -> None:
                if self.fast[-1] > self.slow[-1] and self.fast[-2] <= self.slow[-2]:
                    self.position.close()
                    self.buy()
                elif self.fast[-1] < self.slow[-1] and self.fast[-2] >= self.slow[-2]:
                    self.position.close()
                    self.sell()

        stats = backtesting.Backtest(GOOG, Cross, cash=10_000, commission=0.001, finalize_trades=True).run()
    curve, rows = stats["_equity_curve"], stats["_trades"]
    return Theirs(
        stats,
        curve.index.as_unit("ns").asi8,
        curve["Equity"].to_numpy(np.float64),
        rows["PnL"].to_numpy(np.float64),
        rows["ReturnPct"].to_numpy(np.float64),
    )


def test_return_and_growth(theirs: Theirs) -> None:
    first, last = float(theirs.equity[0]), float(theirs.equity[-1])
    years = (theirs.ts[-1] - theirs.ts[0]) / sampling.DAY_NS / sampling.YEAR_DAYS
    assert returns.total_return(first, last) * 100 == pytest.approx(theirs.stats["Return [%]"])
    assert returns.cagr(first, last, years) * 100 == pytest.approx(theirs.stats["CAGR [%]"])


def test_drawdowns(theirs: Theirs) -> None:
    found = drawdowns.find_drawdowns(theirs.ts, theirs.equity, float(theirs.equity[0]), int(theirs.ts[0]))
    assert found.max_depth * 100 == pytest.approx(theirs.stats["Max. Drawdown [%]"])
    assert found.average_depth * 100 == pytest.approx(theirs.stats["Avg. Drawdown [%]"])
    assert found.max_days == theirs.stats["Max. Drawdown Duration"].days
    assert math.ceil(found.average_days) == theirs.stats["Avg. Drawdown Duration"].days


def test_sortino_by_their_downside_and_our_arithmetic_mean(theirs: Theirs) -> None:
    """They divide a geometric yearly return by the same downside deviation, so the ratio of the two is known."""
    daily = sampling.simple_returns(theirs.equity, float(theirs.equity[0]))[1:]
    ours = returns.sortino(daily, 252.0)
    ratio = theirs.stats["Return (Ann.) [%]"] / 100 / (float(np.mean(daily)) * 252.0)
    assert ours * ratio == pytest.approx(theirs.stats["Sortino Ratio"], rel=1e-9)


def test_trades(theirs: Theirs) -> None:
    pnl = theirs.pnl
    assert trades.win_rate(pnl) * 100 == pytest.approx(theirs.stats["Win Rate [%]"])
    assert trades.sqn(pnl) == pytest.approx(theirs.stats["SQN"])
    assert trades.kelly_fraction(pnl) == pytest.approx(theirs.stats["Kelly Criterion"])
    assert trades.profit_factor(theirs.earned) == pytest.approx(theirs.stats["Profit Factor"])
    assert trades.expectancy(theirs.earned) * 100 == pytest.approx(theirs.stats["Expectancy [%]"])
