"""The cointegration test agrees with that of statsmodels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from statsmodels.tsa.adfvalues import mackinnoncrit
from statsmodels.tsa.stattools import adfuller, coint

from tradebot.store.files import read_bars
from tradebot.strategies.cointegration import LEVELS, critical_value, dickey_fuller, engle_granger

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"


def wander(seed: int, length: int = 600) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=length).cumsum()


@pytest.mark.parametrize("lags", [0, 1, 5])
@pytest.mark.parametrize("seed", range(5))
def test_the_dickey_fuller_statistic_is_theirs(seed: int, lags: int):
    series = wander(seed)
    theirs = adfuller(series, maxlag=lags, autolag=None, regression="n", result_object=False)[0]
    assert dickey_fuller(series, lags) == pytest.approx(theirs, rel=1e-9)


@pytest.mark.parametrize("lags", [0, 1, 3])
@pytest.mark.parametrize("tied", [True, False])
def test_the_statistic_of_a_pair_is_theirs(tied: bool, lags: int):
    x = wander(1)
    y = 2 + 0.7 * x + np.random.default_rng(2).normal(size=len(x)) if tied else wander(3)
    ours, (statistic, _, critical) = engle_granger(y, x, lags), coint(y, x, maxlag=lags, autolag=None)
    assert ours is not None
    assert ours.statistic == pytest.approx(statistic, rel=1e-9)
    assert ours.holds(0.05) == (statistic < critical[1])
    assert ours.holds(0.05) == tied


@pytest.mark.parametrize("count", [50, 250, 10_000])
def test_the_critical_values_are_theirs(count: int):
    ours = [critical_value(level, count) for level in LEVELS]
    np.testing.assert_allclose(ours, mackinnoncrit(N=2, regression="c", nobs=count), rtol=1e-12)


@pytest.mark.skipif(not DATA.exists(), reason="the recorded markets lie beside the checkout, not in it")
def test_recorded_markets_give_the_same():
    ether, bitcoin = (read_bars(DATA / "binance_usdm" / f"{name}USDT-1m.parquet") for name in ("ETH", "BTC"))
    y, x = np.log(ether.close[:5_000]), np.log(bitcoin.close[:5_000])
    ours = engle_granger(y, x, 1)
    assert ours is not None
    assert ours.statistic == pytest.approx(coint(y, x, maxlag=1, autolag=None)[0], rel=1e-8)


def test_what_does_not_move_has_no_relation():
    flat, moving = np.ones(100), wander(4, 100)
    assert engle_granger(moving, flat) is None
    assert engle_granger(flat, moving) is None
    assert engle_granger(moving, moving) is None
