"""Rolling statistics agree with NumPy on each window by itself, however long the series and however wild its values."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from indicator_catalogue import MINUTE
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from tradebot import indicators as ta

Floats = NDArray[np.float64]
PERIOD = 12


def frame_of(values: Floats) -> ta.Frame:
    ts = np.arange(len(values), dtype=np.int64) * MINUTE
    return ta.Frame.batch(ta.Columns.from_arrays("1m", ts, values, values, values, values))


def skewness(window: Floats) -> float:
    # About one of the values first: the mean of large numbers that differ little is itself rounded.
    window = window - window[0]
    n, centred = len(window), window - window.mean()
    return np.sqrt(n * (n - 1)) / (n - 2) * np.mean(centred**3) / np.mean(centred**2) ** 1.5


def rank(window: Floats) -> float:
    return float(((window < window[-1]).sum() + ((window == window[-1]).sum() + 1) / 2) / len(window))


def slope(window: Floats) -> float:
    t = np.arange(len(window)) - (len(window) - 1) / 2
    return float((t * (window - window.mean())).sum() / (t * t).sum())


STATISTICS: dict[str, tuple[Callable[[ta.Node], ta.Node], Callable[[Floats], float]]] = {
    "sum": (lambda node: ta.rolling_sum(node, PERIOD), np.sum),
    "mean": (lambda node: ta.rolling_mean(node, PERIOD), np.mean),
    "var": (lambda node: ta.rolling_var(node, PERIOD), lambda w: np.var(w, ddof=1)),
    "std": (lambda node: ta.rolling_std(node, PERIOD, ddof=0), np.std),
    "zscore": (lambda node: ta.zscore(node, PERIOD), lambda w: (w[-1] - w.mean()) / w.std(ddof=1)),
    "skew": (lambda node: ta.rolling_skew(node, PERIOD), skewness),
    "median": (lambda node: ta.rolling_median(node, PERIOD), np.median),
    "quantile": (lambda node: ta.rolling_quantile(node, PERIOD, 0.9), lambda w: np.quantile(w, 0.9)),
    "rank": (lambda node: ta.rolling_rank(node, PERIOD), rank),
    "slope": (lambda node: ta.rolling_slope(node, PERIOD), slope),
    "highest": (lambda node: ta.highest(node, PERIOD), np.max),
    "lowest": (lambda node: ta.lowest(node, PERIOD), np.min),
    "bars_since_highest": (lambda node: ta.bars_since_highest(node, PERIOD), lambda w: np.argmax(w[::-1])),
    "bars_since_lowest": (lambda node: ta.bars_since_lowest(node, PERIOD), lambda w: np.argmin(w[::-1])),
}


@pytest.mark.parametrize("name", STATISTICS)
@settings(max_examples=25)
@given(
    seed=st.integers(0, 2**32 - 1), scale=st.sampled_from([1e-3, 1.0, 1e4]), level=st.sampled_from([0.0, 100.0, 1e5])
)
def test_each_window_agrees_with_numpy(name: str, seed: int, scale: float, level: float) -> None:
    values = level + scale * np.random.default_rng(seed).standard_normal(150)
    declare, reference = STATISTICS[name]
    actual = declare(frame_of(values).close).batch()
    expected = np.array([reference(window) for window in sliding_window_view(values, PERIOD)])
    # The values carry an error of a few ulps of their level; statistics without a unit do not shrink with the scale.
    tolerance = 1e-13 * level / scale + 1e-9
    unit = 1.0 if name in ("zscore", "skew") else scale
    np.testing.assert_allclose(actual[PERIOD - 1 :], expected, rtol=tolerance, atol=tolerance * unit)


@pytest.mark.parametrize("name", STATISTICS)
def test_a_value_of_another_order_leaves_no_trace_once_it_has_left_the_window(name: str) -> None:
    values = np.random.default_rng(1).normal(50.0, 1.0, 200)
    values[40] = 1e12
    declare, reference = STATISTICS[name]
    actual = declare(frame_of(values).close).batch()[40 + PERIOD :]
    expected = np.array([reference(window) for window in sliding_window_view(values[41:], PERIOD)])
    np.testing.assert_allclose(actual, expected, rtol=1e-6, atol=1e-6)


def test_the_spread_of_one_value_repeated_is_exactly_zero() -> None:
    values = np.append(np.random.default_rng(2).normal(1e6, 1e3, 30), np.full(30, 0.1))
    close = frame_of(values).close
    assert (ta.rolling_std(close, PERIOD).batch()[-19:] == 0.0).all()
    assert np.isnan(ta.zscore(close, PERIOD).batch()[-19:]).all()
    assert np.isnan(ta.rolling_skew(close, PERIOD).batch()[-19:]).all()


@settings(max_examples=40)
@given(seed=st.integers(0, 2**32 - 1), weight=st.floats(-2.0, 2.0))
def test_correlation_agrees_with_numpy_on_each_window(seed: int, weight: float) -> None:
    first, noise = np.random.default_rng(seed).standard_normal((2, 120))
    second = 1000.0 + weight * first + noise
    ts = np.arange(120, dtype=np.int64) * MINUTE
    frame = ta.Frame.batch(ta.Columns.from_arrays("1m", ts, first, first, first, second))
    actual = ta.correlation(frame.open, frame.close, PERIOD).batch()[PERIOD - 1 :]
    windows = zip(sliding_window_view(first, PERIOD), sliding_window_view(second, PERIOD), strict=True)
    np.testing.assert_allclose(actual, [np.corrcoef(x, y)[0, 1] for x, y in windows], atol=1e-9)


def test_a_missing_value_starts_the_window_anew() -> None:
    values = np.arange(40.0)
    values[20] = np.nan
    mean = ta.rolling_mean(frame_of(values).close, 5).batch()
    assert np.isnan(mean[20:25]).all()
    assert mean[25] == 23.0
