"""Wilder's directional movement: which way the price goes, and how strongly.

Wilder (1978), New Concepts in Technical Trading Systems, section 4. Every average starts as he starts it, with the
plain mean of the first ``period`` values. TA-Lib's functions of these names start with one value fewer, which their
values show for some hundred bars; they stay reachable as
``tradebot.indicators.talib_call.call("ADX", bars, 14)``.
"""

from __future__ import annotations

from tradebot.indicators.averages import rma
from tradebot.indicators.events import maximum
from tradebot.indicators.frame import PriceBars
from tradebot.indicators.node import Node
from tradebot.indicators.parameters import whole
from tradebot.indicators.shifts import shift
from tradebot.indicators.talib_call import one
from tradebot.indicators.volatility import trange

# What a quotient of nothing by nothing is divided by, so that a market at rest shows 0: no direction, no strength.
_TINY = 1e-300


def plus_di(bars: PriceBars, period: int = 14) -> Node:
    """Positive directional indicator, 0..100: upward movement in percent of the true range."""
    return _indicator("plus_di", "PLUS_DM", bars, period)


def minus_di(bars: PriceBars, period: int = 14) -> Node:
    """Negative directional indicator, 0..100: downward movement in percent of the true range."""
    return _indicator("minus_di", "MINUS_DM", bars, period)


def dx(bars: PriceBars, period: int = 14) -> Node:
    """Directional index, 0..100: distance of the two indicators in percent of their sum; 0 if nothing moves."""
    plus, minus = plus_di(bars, period), minus_di(bars, period)
    return 100.0 * abs(plus - minus) / maximum(plus + minus, _TINY)


def adx(bars: PriceBars, period: int = 14) -> Node:
    """Average directional index: strength of a trend of either direction, 0..100. First known at bar 2 period - 1."""
    return rma(dx(bars, period), period)


def adxr(bars: PriceBars, period: int = 14) -> Node:
    """Average directional index rating: mean of the index now and ``period`` bars ago."""
    strength = adx(bars, period)
    return (strength + shift(strength, period)) / 2.0


def _indicator(name: str, movement: str, bars: PriceBars, period: int) -> Node:
    period = whole(name, "period", period)
    moved = rma(one(movement, (bars.high, bars.low), 1), period)
    return 100.0 * moved / maximum(rma(trange(bars), period), _TINY)
