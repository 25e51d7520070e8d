"""Figures of a series of returns: growth, risk-adjusted ratios, the shape of the distribution, market exposure.

Every function takes simple returns (0.01 is one percent) as float64 arrays and gives ``nan`` where the figure is
undefined: too few returns, no spread, no loss to divide by.
"""

from __future__ import annotations

import math

import numpy as np

from tradebot.research.statistics.sampling import FloatArray

NAN = math.nan
# Below this share of the largest return a standard deviation is rounding error of a constant series.
RELATIVE_ZERO = 1e-12


def total_return(initial: float, final: float) -> float:
    """Final over initial equity, less one; -1 is all of it, less than -1 is debt. ``nan`` without initial equity."""
    return final / initial - 1.0 if initial > 0.0 else NAN


def cagr(initial: float, final: float, years: float) -> float:
    """Compound annual growth rate.

    Parameters
    ----------
    initial, final : equity before and after.
    years : calendar time in years of 365.25 days.

    Returns
    -------
    The yearly rate that turns ``initial`` into ``final``; -1 for a ruined account; ``nan`` for less than one day,
    where compounding a few minutes to a year says nothing.

    Notes
    -----
    (final / initial) ** (1 / years) - 1. CFA Institute, Global Investment Performance Standards (2020), provision 2.A.
    """
    if initial <= 0.0 or years < 1.0 / 365.25:
        return NAN
    if final <= 0.0:
        return -1.0
    exponent = math.log(final / initial) / years
    return math.expm1(exponent) if exponent < 700.0 else math.inf


def standard_deviation(values: FloatArray) -> float:
    """Sample standard deviation (n - 1); ``nan`` for fewer than two values, exactly 0 for a constant series."""
    if len(values) < 2:
        return NAN
    deviation = float(np.std(values, ddof=1))
    return deviation if deviation > RELATIVE_ZERO * float(np.max(np.abs(values))) else 0.0


def annualised_volatility(returns: FloatArray, per_year: float) -> float:
    """Standard deviation of returns times the square root of the periods in a year.

    Notes
    -----
    Square-root-of-time rule, Hull, Options, Futures, and Other Derivatives, chapter 15.4.
    """
    return standard_deviation(returns) * math.sqrt(per_year)


def sharpe(returns: FloatArray, per_year: float, risk_free: float = 0.0) -> float:
    """Annualised Sharpe ratio.

    Parameters
    ----------
    returns : simple returns of one period each.
    per_year : periods in a year.
    risk_free : risk-free return of one period.

    Returns
    -------
    Mean excess return over its standard deviation, times the square root of ``per_year``; ``nan`` without spread.

    Notes
    -----
    Sharpe (1994), The Sharpe Ratio, Journal of Portfolio Management 21(1); sample deviation (n - 1) as in empyrical.
    """
    excess = returns - risk_free
    deviation = standard_deviation(excess)
    if not deviation > 0.0:
        return NAN
    return float(np.mean(excess)) / deviation * math.sqrt(per_year)


def sortino(returns: FloatArray, per_year: float, required: float = 0.0) -> float:
    """Annualised Sortino ratio: mean excess return over the downside deviation below ``required``.

    Returns ``nan`` for fewer than two returns or where none falls short.

    Notes
    -----
    Downside deviation is the root mean square of the shortfalls over *all* periods. Sortino and Price (1994),
    Performance Measurement in a Downside Risk Framework, Journal of Investing 3(3).
    """
    if len(returns) < 2:
        return NAN
    excess = returns - required
    downside = math.sqrt(float(np.mean(np.minimum(excess, 0.0) ** 2)))
    return float(np.mean(excess)) / downside * math.sqrt(per_year) if downside > 0.0 else NAN


def calmar(growth: float, drawdown: float) -> float:
    """Compound annual growth rate over the depth of the largest drawdown; ``nan`` without a drawdown.

    Notes
    -----
    Young (1991), Calmar Ratio: A Smoother Tool, Futures magazine; over the whole run instead of 36 months.
    """
    return growth / abs(drawdown) if drawdown < 0.0 else NAN


def omega(returns: FloatArray, threshold: float = 0.0) -> float:
    """Gains above ``threshold`` over shortfalls below it; ``nan`` where nothing falls short.

    Notes
    -----
    Keating and Shadwick (2002), A Universal Performance Measure, Journal of Performance Measurement 6(3).
    """
    excess = returns - threshold
    shortfall = -float(np.sum(np.minimum(excess, 0.0)))
    return float(np.sum(np.maximum(excess, 0.0))) / shortfall if shortfall > 0.0 else NAN


def tail_ratio(returns: FloatArray) -> float:
    """95th percentile of returns over the absolute 5th; above 1 the right tail is the longer.

    Notes
    -----
    As in empyrical (``tail_ratio``), with linear interpolation between order statistics; ``nan`` where the 5th
    percentile is 0.
    """
    if len(returns) == 0:
        return NAN
    low, high = np.percentile(returns, [5.0, 95.0])
    return abs(float(high)) / abs(float(low)) if low != 0.0 else NAN


def skewness(values: FloatArray) -> float:
    """Sample skewness, adjusted for bias; ``nan`` for fewer than three values or no spread.

    Notes
    -----
    G1 of Joanes and Gill (1998), Comparing Measures of Sample Skewness and Kurtosis, The Statistician 47(1).
    """
    n = len(values)
    if n < 3 or not standard_deviation(values) > 0.0:
        return NAN
    centred = values - np.mean(values)
    g1 = float(np.mean(centred**3)) / float(np.mean(centred**2)) ** 1.5
    return g1 * math.sqrt(n * (n - 1)) / (n - 2)


def excess_kurtosis(values: FloatArray) -> float:
    """Sample excess kurtosis, adjusted for bias; 0 for a normal distribution.

    Returns ``nan`` for fewer than four values or no spread.

    Notes
    -----
    G2 of Joanes and Gill (1998), Comparing Measures of Sample Skewness and Kurtosis, The Statistician 47(1).
    """
    n = len(values)
    if n < 4 or not standard_deviation(values) > 0.0:
        return NAN
    centred = values - np.mean(values)
    g2 = float(np.mean(centred**4)) / float(np.mean(centred**2)) ** 2 - 3.0
    return (n - 1) / ((n - 2) * (n - 3)) * ((n + 1) * g2 + 6.0)


def alpha_beta(returns: FloatArray, market: FloatArray, per_year: float) -> tuple[float, float]:
    """Jensen's alpha, annualised, and beta of returns against a market's over the same periods.

    Returns ``(nan, nan)`` for fewer than two periods or a market that does not move.

    Notes
    -----
    beta = cov(r, m) / var(m), alpha = (mean(r) - beta * mean(m)) * per_year with a risk-free rate of zero.
    Jensen (1968), The Performance of Mutual Funds in the Period 1945-1964, Journal of Finance 23(2).
    """
    deviation = standard_deviation(market)
    if not deviation > 0.0:
        return NAN, NAN
    centred = market - np.mean(market)
    beta = float(np.dot(centred, returns - np.mean(returns))) / float(np.dot(centred, centred))
    return (float(np.mean(returns)) - beta * float(np.mean(market))) * per_year, beta
