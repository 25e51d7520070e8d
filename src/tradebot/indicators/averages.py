"""Moving averages and what is built on them. TA-Lib computes them."""

from __future__ import annotations

from typing import Literal, NamedTuple

from tradebot.indicators.frame import PriceBars
from tradebot.indicators.node import Node
from tradebot.indicators.talib_call import many, one

MaType = Literal[
    "sma", "ema", "wma", "dema", "tema", "trima", "kama", "mama", "t3", "hma", "none", "default", "zlema", "rma"
]


class Bands(NamedTuple):
    """Three lines around the price."""

    upper: Node
    middle: Node
    lower: Node


class Macd(NamedTuple):
    """The difference of two averages, its own average, and the difference of both."""

    macd: Node
    signal: Node
    histogram: Node


def sma(source: Node | PriceBars, period: int = 30) -> Node:
    """Simple moving average: the mean of the last ``period`` values."""
    return one("SMA", (source,), period)


def ema(source: Node | PriceBars, period: int = 30) -> Node:
    """Exponential moving average, weight 2 / (period + 1), seeded with the mean of the first ``period`` values."""
    return one("EMA", (source,), period)


def wma(source: Node | PriceBars, period: int = 30) -> Node:
    """Weighted moving average: weights fall by one from ``period`` for the latest value."""
    return one("WMA", (source,), period)


def dema(source: Node | PriceBars, period: int = 30) -> Node:
    """Double exponential moving average, 2 EMA - EMA(EMA). Mulloy (1994)."""
    return one("DEMA", (source,), period)


def tema(source: Node | PriceBars, period: int = 30) -> Node:
    """Triple exponential moving average, 3 EMA - 3 EMA(EMA) + EMA(EMA(EMA)). Mulloy (1994)."""
    return one("TEMA", (source,), period)


def trima(source: Node | PriceBars, period: int = 30) -> Node:
    """Triangular moving average: the weights rise to the middle of the window and fall again."""
    return one("TRIMA", (source,), period)


def kama(source: Node | PriceBars, period: int = 30) -> Node:
    """Kaufman's adaptive moving average: quick in a trend, slow in noise. Kaufman (1995), Smarter Trading."""
    return one("KAMA", (source,), period)


def hma(source: Node | PriceBars, period: int = 20) -> Node:
    """Hull moving average, WMA(2 WMA(period / 2) - WMA(period), sqrt(period)). Hull (2005)."""
    return one("HMA", (source,), period)


def rma(source: Node | PriceBars, period: int = 14) -> Node:
    """Wilder's moving average, exponential with weight 1 / period. Wilder (1978)."""
    return one("RMA", (source,), period)


def t3(source: Node | PriceBars, period: int = 5, vfactor: float = 0.7) -> Node:
    """Tillson's T3: a generalised double exponential average applied three times. Tillson (1998)."""
    return one("T3", (source,), period, vfactor)


def vwma(source: Node | PriceBars, volume: Node, period: int = 20) -> Node:
    """Volume-weighted moving average over the last ``period`` bars."""
    return one("VWMA", (source, volume), period)


def ma(source: Node | PriceBars, period: int = 30, kind: MaType = "sma") -> Node:
    """Moving average of the kind asked for, so that a parameter can choose it."""
    return one("MA", (source,), period, kind)


def bbands(
    source: Node | PriceBars,
    period: int = 20,
    deviations_up: float = 2.0,
    deviations_down: float = 2.0,
    kind: MaType = "sma",
) -> Bands:
    """Bollinger bands: an average plus and minus a multiple of the population standard deviation. Bollinger (2001)."""
    return Bands(*many("BBANDS", (source,), period, deviations_up, deviations_down, kind))


def macd(source: Node | PriceBars, fast: int = 12, slow: int = 26, signal: int = 9) -> Macd:
    """Moving average convergence/divergence: EMA(fast) - EMA(slow), with its own EMA as the signal. Appel (1979)."""
    return Macd(*many("MACD", (source,), fast, slow, signal))
