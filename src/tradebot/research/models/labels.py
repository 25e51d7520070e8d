"""What a model learns to predict: a figure of the bars to come, and how far into them it looks."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# Bars whose returns tell how far away the barriers are.
_VOLATILITY = 100


@dataclass(frozen=True, slots=True)
class Labels:
    """One label a bar.

    Attributes
    ----------
    values : float64 of shape (bars,); nan where the future is not known to the end.
    ends : index of the last bar a label has seen, int64 of shape (bars,).
    """

    values: Floats
    ends: NDArray[np.int64]


def forward_return(close: Floats, horizon: int) -> Labels:
    """Simple return over the next ``horizon`` bars: close[t + horizon] / close[t] - 1."""
    values = np.full(len(close), np.nan)
    values[:-horizon] = close[horizon:] / close[:-horizon] - 1.0
    return Labels(values, np.arange(len(close), dtype=np.int64) + horizon)


def triple_barrier(close: Floats, horizon: int, width: float = 1.0) -> Labels:
    """Which of three barriers the closes meet first: 1 the upper, -1 the lower, 0 neither within ``horizon`` bars.

    Parameters
    ----------
    close : closes, shape (bars,).
    horizon : bars until the third barrier.
    width : distance of the upper and lower barrier, in standard deviations of a return over ``horizon`` bars: that of
        the last 100 returns times the root of the horizon.

    Notes
    -----
    López de Prado (2018), Advances in Financial Machine Learning, section 3.4.
    """
    bars = len(close)
    returns = np.concatenate([[np.nan], np.diff(close) / close[:-1]])
    away = width * sqrt(horizon) * _trailing_deviation(returns)
    values = np.where(np.isnan(away), np.nan, 0.0)
    ends = np.arange(bars, dtype=np.int64) + horizon
    values[ends >= bars] = np.nan
    undecided = ~np.isnan(values)
    for ahead in range(1, horizon + 1):
        moved = np.full(bars, np.nan)
        moved[:-ahead] = close[ahead:] / close[:-ahead] - 1.0
        met = undecided & (np.abs(moved) >= away)
        values[met] = np.sign(moved[met])
        ends[met] = np.flatnonzero(met) + ahead
        undecided &= ~met
    return Labels(values, ends)


def _trailing_deviation(returns: Floats) -> Floats:
    deviations = np.full(len(returns), np.nan)
    if len(returns) >= _VOLATILITY:
        windows = np.lib.stride_tricks.sliding_window_view(returns, _VOLATILITY)
        deviations[_VOLATILITY - 1 :] = windows.std(axis=1, ddof=1)
    return deviations
