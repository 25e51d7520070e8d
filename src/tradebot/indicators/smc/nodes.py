"""Structures as nodes: at each bar what is known there, in a batch and a streaming form that agree to the bit.

Times are open times of bars in ns UTC. A value is nan while there is nothing to show.
"""

from __future__ import annotations

from typing import NamedTuple

from tradebot.indicators.frame import PriceBars
from tradebot.indicators.node import Node
from tradebot.indicators.operation import KernelOperation
from tradebot.indicators.parameters import real, whole
from tradebot.indicators.source import OpenTime


class Swings(NamedTuple):
    """The latest swing high and low, and the bars they lie on."""

    high: Node
    high_time: Node
    low: Node
    low_time: Node


class Structure(NamedTuple):
    """The trend: 1 up or -1 down, as the latest line passed says.

    ``bos`` and ``choch`` are 1 or -1 at the bar where a break of structure or a change of character became known, 0
    elsewhere; ``level`` and ``time`` are the line's.
    """

    trend: Node
    bos: Node
    choch: Node
    level: Node
    time: Node


class Zones(NamedTuple):
    """Order blocks or gaps not yet mitigated: of either side the one that the price would mitigate first."""

    bull_top: Node
    bull_bottom: Node
    bull_time: Node
    bear_top: Node
    bear_bottom: Node
    bear_time: Node


class Levels(NamedTuple):
    """The nearest liquidity above and below that is not swept, and the last of each that was.

    ``above_time`` and ``below_time`` are the first swings'; ``swept_*_time`` is the bar that swept the level.
    """

    above: Node
    above_time: Node
    below: Node
    below_time: Node
    swept_above: Node
    swept_above_time: Node
    swept_below: Node
    swept_below_time: Node


class Retracement(NamedTuple):
    """How far the price has come back of the latest leg, in percent: at this bar, and at most since its end.

    ``direction`` is 1 after a swing high, -1 after a swing low.
    """

    direction: Node
    current: Node
    deepest: Node


def swings(bars: PriceBars, length: int = 50) -> Swings:
    """Swing highs and lows: the highest high, or lowest low, of ``length`` bars before and after.

    Known ``length`` bars after their own. Of several highs without a low between them the highest counts.
    """
    return Swings(*_outputs(bars, "swings", (_length("swings", length),), 4))


def structure(bars: PriceBars, length: int = 50, *, close_break: bool = True) -> Structure:
    """Breaks of structure and changes of character.

    Parameters
    ----------
    length : bars on either side of a swing.
    close_break : a close must pass the line; with False a high or low does.
    """
    return Structure(*_outputs(bars, "structure", (_length("structure", length), float(close_break)), 5))


def order_blocks(bars: PriceBars, length: int = 50, *, close_mitigation: bool = False, lookback: int = 500) -> Zones:
    """Order blocks: the last bar against a move that closed beyond a swing.

    Parameters
    ----------
    length : bars on either side of a swing.
    close_mitigation : a bar's body must pass the block to mitigate it; with False its low or high does.
    lookback : bars for which a block is shown.
    """
    params = (_length("order_blocks", length), float(close_mitigation), whole("order_blocks", "lookback", lookback))
    top, bottom, time, _, bear_top, bear_bottom, bear_time, _ = _outputs(bars, "order_blocks", params, 8)
    return Zones(top, bottom, time, bear_top, bear_bottom, bear_time)


def gaps(bars: PriceBars, *, join_consecutive: bool = False, lookback: int = 500) -> Zones:
    """Fair value gaps: a bar whose neighbours do not overlap. Known one bar later, shown until a bar touches it.

    Parameters
    ----------
    join_consecutive : gaps of one side on bars in a row are one.
    lookback : bars for which a gap is shown.
    """
    return Zones(*_outputs(bars, "gaps", (float(join_consecutive), whole("gaps", "lookback", lookback)), 6))


def liquidity(bars: PriceBars, length: int = 50, *, range_percent: float = 0.01, lookback: int = 500) -> Levels:
    """Liquidity: two or more swing highs, or lows, in one narrow band.

    Parameters
    ----------
    length : bars on either side of a swing.
    range_percent : how far the band reaches around its first swing, as a fraction of the range of ``lookback`` bars.
        The package takes that of the whole data, which is not known beforehand.
    lookback : bars of that range, and for which a level takes further swings and is shown, as is its sweep.
    """
    share = real("liquidity", "range_percent", range_percent, within=(0.0, 1.0))
    params = (_length("liquidity", length), share, whole("liquidity", "lookback", lookback))
    return Levels(*_outputs(bars, "liquidity", params, 8))


def retracement(bars: PriceBars, length: int = 50) -> Retracement:
    """How far the price has come back of the way between the latest swings, as they are known at the bar."""
    return Retracement(*_outputs(bars, "retracement", (_length("retracement", length),), 3))


def premium_discount(bars: PriceBars, length: int = 50) -> Node:
    """Where the close lies between the latest swing low (0) and high (1): below 0.5 is discount, above it premium."""
    latest = swings(bars, length)
    return (bars.close - latest.low) / (latest.high - latest.low)


def _length(indicator: str, length: int) -> int:
    return whole(indicator, "length", length)


def _outputs(bars: PriceBars, name: str, params: tuple[float, ...], outputs: int) -> list[Node]:
    frame = bars.close.frame
    inputs = (frame.node(OpenTime()), bars.open, bars.high, bars.low, bars.close, bars.volume)
    operation = KernelOperation(name, params, outputs=outputs)
    return [frame.node(operation, inputs, output) for output in range(outputs)]
