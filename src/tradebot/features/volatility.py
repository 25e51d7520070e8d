"""Volatility from the ranges and returns of the last bars."""

from __future__ import annotations

from math import log as ln

from tradebot.features.feature import formula
from tradebot.features.series import Series, lag, log, mean, sqrt, total, variance


@formula
def realized_volatility(bars: Series, window: int) -> Series:
    """Realized volatility of the whole window: the root of the sum of squared log returns.

    sqrt(Σ ln(C / C[-1])²). Andersen, Bollerslev, Diebold and Labys (2003), Modeling and forecasting realized
    volatility, Econometrica 71.
    """
    returns = log(bars.close / lag(bars.close, 1))
    return sqrt(total(returns * returns, window))


@formula
def parkinson(bars: Series, window: int) -> Series:
    """Volatility of a bar from its range, five times as efficient as close to close; blind to drift and gaps.

    sqrt(mean(ln(H / L)²) / (4 ln 2)). Parkinson (1980), The extreme value method for estimating the variance of the
    rate of return, Journal of Business 53.
    """
    width = log(bars.high / bars.low)
    return sqrt(mean(width * width, window) / (4.0 * ln(2.0)))


@formula
def garman_klass(bars: Series, window: int) -> Series:
    """Volatility of a bar from its four prices; blind to drift and gaps.

    sqrt(mean(ln(H / L)² / 2 - (2 ln 2 - 1) ln(C / O)²)). Garman and Klass (1980), On the estimation of security price
    volatilities from historical data, Journal of Business 53: the practical form of their best estimator.
    """
    width, body = log(bars.high / bars.low), log(bars.close / bars.open)
    return sqrt(mean(width * width * 0.5 - body * body * (2.0 * ln(2.0) - 1.0), window))


@formula
def rogers_satchell(bars: Series, window: int) -> Series:
    """Volatility of a bar from its four prices, whatever the drift; blind to gaps.

    sqrt(mean(ln(H / C) ln(H / O) + ln(L / C) ln(L / O))). Rogers and Satchell (1991), Estimating variance from high,
    low and closing prices, Annals of Applied Probability 1.
    """
    return sqrt(mean(_without_drift(bars), window))


@formula
def yang_zhang(bars: Series, window: int) -> Series:
    """Volatility from one close to the next, whatever the drift and the gap at the open.

    sqrt(var(ln(O / C[-1])) + k var(ln(C / O)) + (1 - k) RS²), where RS is that of Rogers and Satchell and
    k = 0.34 / (1.34 + (n + 1) / (n - 1)). Yang and Zhang (2000), Drift-independent volatility estimation based on
    high, low, open and close prices, Journal of Business 73.
    """
    k = 0.34 / (1.34 + (window + 1) / (window - 1))
    gap, body = log(bars.open / lag(bars.close, 1)), log(bars.close / bars.open)
    inside = mean(_without_drift(bars), window)
    return sqrt(variance(gap, window) + variance(body, window) * k + inside * (1.0 - k))


def _without_drift(bars: Series) -> Series:
    above = log(bars.high / bars.close) * log(bars.high / bars.open)
    below = log(bars.low / bars.close) * log(bars.low / bars.open)
    return above + below
