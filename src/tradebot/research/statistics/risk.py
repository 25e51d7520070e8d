"""Loss and growth: value at risk, expected shortfall, and how much leverage a series of returns can bear."""

from __future__ import annotations

import math

import numpy as np

from tradebot.research.statistics.returns import NAN, standard_deviation
from tradebot.research.statistics.sampling import FloatArray


def value_at_risk(returns: FloatArray, tail: float = 0.05) -> float:
    """Historical value at risk: the return that only ``tail`` of the periods fell below, negative for a loss.

    Returns ``nan`` without returns.

    Notes
    -----
    Empirical quantile with linear interpolation, as in empyrical (``value_at_risk``).
    Jorion, Value at Risk (3rd edition), chapter 5.
    """
    return float(np.percentile(returns, 100.0 * tail)) if len(returns) else NAN


def expected_shortfall(returns: FloatArray, tail: float = 0.05) -> float:
    """Mean of the worst ``tail`` of returns (conditional value at risk), negative for a loss; ``nan`` without returns.

    Notes
    -----
    Mean of the int((n - 1) * tail) + 1 lowest returns, as in empyrical (``conditional_value_at_risk``).
    Acerbi and Tasche (2002), On the Coherence of Expected Shortfall, Journal of Banking and Finance 26(7).
    """
    if len(returns) == 0:
        return NAN
    last = int((len(returns) - 1) * tail)
    return float(np.mean(np.partition(returns, last)[: last + 1]))


def kelly_leverage(returns: FloatArray) -> float:
    """Multiple of the position sizes of this run that would have grown fastest; ``nan`` without spread.

    Notes
    -----
    f* = mean / variance. Thorp (2006), The Kelly Criterion in Blackjack, Sports Betting and the Stock Market,
    section 7.1. An estimate from one path: the field bets half of it or less.
    """
    deviation = standard_deviation(returns)
    return float(np.mean(returns)) / deviation**2 if deviation > 0.0 else NAN


def probability_of_falling_to(share: float, returns: FloatArray) -> float:
    """Chance that equity ever falls to ``share`` of its present value, if returns go on as they were.

    Parameters
    ----------
    share : in 0..1, for example 0.5 for ever losing half.
    returns : simple returns of one period each.

    Returns
    -------
    Probability in 0..1; 1 where growth is not positive; ``nan`` without spread.

    Notes
    -----
    share ** (2 / c - 1) with c = 1 / kelly_leverage, the bet as a multiple of the Kelly bet. Thorp (2006), The Kelly
    Criterion in Blackjack, Sports Betting and the Stock Market, section 7 (continuous approximation).
    """
    leverage = kelly_leverage(returns)
    if math.isnan(leverage):
        return NAN
    exponent = 2.0 * leverage - 1.0
    return float(share**exponent) if exponent > 0.0 else 1.0
