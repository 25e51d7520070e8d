"""Strength and direction of a move. TA-Lib computes them."""

from __future__ import annotations

from typing import NamedTuple

from tradebot.indicators.averages import MaType
from tradebot.indicators.frame import PriceBars
from tradebot.indicators.node import Node
from tradebot.indicators.talib_call import many, one


class Stochastic(NamedTuple):
    """Place of the close within the recent range, 0..100, and its average."""

    k: Node
    d: Node


class Aroon(NamedTuple):
    """How recent the lowest low and the highest high are, 0..100."""

    down: Node
    up: Node


def rsi(source: Node | PriceBars, period: int = 14) -> Node:
    """Relative strength index, 0..100. Wilder (1978), New Concepts in Technical Trading Systems."""
    return one("RSI", (source,), period)


def stoch(
    bars: PriceBars,
    fastk: int = 14,
    slowk: int = 3,
    slowd: int = 3,
    *,
    slowk_kind: MaType = "sma",
    slowd_kind: MaType = "sma",
) -> Stochastic:
    """Slow stochastic: ``k`` smoothed over ``slowk`` bars, ``d`` its average over ``slowd``. Lane (1984)."""
    inputs = (bars.high, bars.low, bars.close)
    return Stochastic(*many("STOCH", inputs, fastk, slowk, slowk_kind, slowd, slowd_kind))


def stochf(bars: PriceBars, fastk: int = 14, fastd: int = 3, *, fastd_kind: MaType = "sma") -> Stochastic:
    """Fast stochastic: ``k`` as it is, ``d`` its average over ``fastd`` bars."""
    return Stochastic(*many("STOCHF", (bars.high, bars.low, bars.close), fastk, fastd, fastd_kind))


def stochrsi(
    source: Node | PriceBars, period: int = 14, fastk: int = 14, fastd: int = 3, *, fastd_kind: MaType = "sma"
) -> Stochastic:
    """Fast stochastic of the relative strength index. Chande and Kroll (1994)."""
    return Stochastic(*many("STOCHRSI", (source,), period, fastk, fastd, fastd_kind))


def cci(bars: PriceBars, period: int = 20) -> Node:
    """Commodity channel index: distance of the typical price from its average, in mean deviations. Lambert (1980)."""
    return one("CCI", (bars.high, bars.low, bars.close), period)


def mom(source: Node | PriceBars, period: int = 10) -> Node:
    """Momentum: the value less that of ``period`` bars ago."""
    return one("MOM", (source,), period)


def roc(source: Node | PriceBars, period: int = 10) -> Node:
    """Rate of change since ``period`` bars ago, in percent."""
    return one("ROC", (source,), period)


def willr(bars: PriceBars, period: int = 14) -> Node:
    """Williams' %R: place of the close within the recent range, -100..0."""
    return one("WILLR", (bars.high, bars.low, bars.close), period)


def mfi(bars: PriceBars, period: int = 14) -> Node:
    """Money flow index: relative strength weighted with volume, 0..100. Quong and Soudack (1989)."""
    return one("MFI", (bars.high, bars.low, bars.close, bars.volume), period)


def aroon(bars: PriceBars, period: int = 25) -> Aroon:
    """Aroon: how recent the extremes of the last ``period`` bars are. Chande (1995)."""
    return Aroon(*many("AROON", (bars.high, bars.low), period))


def trix(source: Node | PriceBars, period: int = 15) -> Node:
    """One-bar rate of change, in percent, of a triple exponential average. Hutson (1983)."""
    return one("TRIX", (source,), period)


def ppo(source: Node | PriceBars, fast: int = 12, slow: int = 26, kind: MaType = "ema") -> Node:
    """Percentage price oscillator: the difference of two averages in percent of the slow one."""
    return one("PPO", (source,), fast, slow, kind)


def ultosc(bars: PriceBars, short: int = 7, middle: int = 14, long: int = 28) -> Node:
    """Ultimate oscillator over three spans, 0..100. Williams (1985)."""
    return one("ULTOSC", (bars.high, bars.low, bars.close), short, middle, long)
