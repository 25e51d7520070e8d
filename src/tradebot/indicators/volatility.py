"""Ranges, channels and stops around the price, and volume that confirms it."""

from __future__ import annotations

from typing import NamedTuple

from tradebot.indicators.averages import Bands, ema
from tradebot.indicators.frame import PriceBars
from tradebot.indicators.node import Node, aligned
from tradebot.indicators.operation import KernelOperation
from tradebot.indicators.parameters import real, whole
from tradebot.indicators.rolling import highest, lowest
from tradebot.indicators.shifts import shift
from tradebot.indicators.talib_call import one


class SuperTrend(NamedTuple):
    """A trailing stop: the line in force, its direction (+1 below the price, -1 above it), and both bands."""

    line: Node
    direction: Node
    upper: Node
    lower: Node


class Ichimoku(NamedTuple):
    """The five lines, each as it is known at the bar.

    ``span_a`` and ``span_b`` are the edges of the cloud at this bar, computed ``displacement`` bars ago. ``lagging`` is
    the close, which a chart draws ``displacement`` bars back: compare it with ``ta.shift(bars.close, displacement)``.
    """

    conversion: Node
    base: Node
    span_a: Node
    span_b: Node
    lagging: Node


def atr(bars: PriceBars, period: int = 14) -> Node:
    """Average true range, smoothed as Wilder (1978) does."""
    return one("ATR", (bars.high, bars.low, bars.close), period)


def natr(bars: PriceBars, period: int = 14) -> Node:
    """Average true range in percent of the close."""
    return one("NATR", (bars.high, bars.low, bars.close), period)


def trange(bars: PriceBars) -> Node:
    """True range: the high-low range, stretched to the previous close."""
    return one("TRANGE", (bars.high, bars.low, bars.close))


def sar(bars: PriceBars, acceleration: float = 0.02, maximum: float = 0.2) -> Node:
    """Parabolic stop and reverse. Wilder (1978)."""
    return one("SAR", (bars.high, bars.low), acceleration, maximum)


def obv(bars: PriceBars) -> Node:
    """On-balance volume: volume added on a rise, taken away on a fall. Granville (1963)."""
    return one("OBV", (bars.close, bars.volume))


def ad(bars: PriceBars) -> Node:
    """Accumulation/distribution: volume weighted with the place of the close within the bar. Chaikin."""
    return one("AD", (bars.high, bars.low, bars.close, bars.volume))


def adosc(bars: PriceBars, fast: int = 3, slow: int = 10) -> Node:
    """Chaikin's oscillator: the difference of two averages of accumulation/distribution."""
    return one("ADOSC", (bars.high, bars.low, bars.close, bars.volume), fast, slow)


def donchian(bars: PriceBars, period: int = 20, *, exclude_current: bool = False) -> Bands:
    """Donchian channel: highest high and lowest low of the last ``period`` bars, and their mean.

    ``exclude_current`` leaves the present bar out, so that a close beyond the channel is a breakout.
    """
    upper = highest(bars.high, whole("donchian", "period", period))
    lower = lowest(bars.low, period)
    if exclude_current:
        upper, lower = shift(upper, 1), shift(lower, 1)
    return Bands(upper, (upper + lower) / 2.0, lower)


def keltner(bars: PriceBars, period: int = 20, multiplier: float = 2.0, atr_period: int = 10) -> Bands:
    """Keltner channel: EMA(close, period) ± multiplier * ATR(atr_period). Keltner (1960), in Raschke's form."""
    multiplier = real("keltner", "multiplier", multiplier, above=0)
    middle = ema(bars.close, whole("keltner", "period", period, at_least=2))
    distance = multiplier * atr(bars, whole("keltner", "atr_period", atr_period))
    return Bands(middle + distance, middle, middle - distance)


def supertrend(bars: PriceBars, period: int = 10, multiplier: float = 3.0) -> SuperTrend:
    """SuperTrend: (high + low) / 2 ± multiplier * ATR as a stop that never steps back. Seban (2008)."""
    params = (whole("supertrend", "period", period), real("supertrend", "multiplier", multiplier, above=0))
    operation = KernelOperation("supertrend", params, outputs=4)
    inputs = aligned((bars.high, bars.low, bars.close))
    return SuperTrend(*(inputs[0].frame.node(operation, inputs, output) for output in range(4)))


def ichimoku(
    bars: PriceBars, conversion: int = 9, base: int = 26, span_b: int = 52, displacement: int | None = None
) -> Ichimoku:
    """Ichimoku kinkō hyō, without a look ahead: every line shows what is known at its bar.

    Parameters
    ----------
    conversion, base, span_b : bars of the three mid-ranges (highest high + lowest low) / 2.
    displacement : bars the cloud is drawn ahead; ``base`` unless given. Hosoda (1969).
    """
    ahead = whole("ichimoku", "displacement", base if displacement is None else displacement)
    conversion_line = _mid_range("conversion", bars, conversion)
    base_line = _mid_range("base", bars, base)
    return Ichimoku(
        conversion_line,
        base_line,
        shift((conversion_line + base_line) / 2.0, ahead),
        shift(_mid_range("span_b", bars, span_b), ahead),
        bars.close,
    )


def _mid_range(line: str, bars: PriceBars, period: int) -> Node:
    period = whole("ichimoku", line, period)
    return (highest(bars.high, period) + lowest(bars.low, period)) / 2.0
