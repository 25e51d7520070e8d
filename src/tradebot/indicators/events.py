"""Conditions that rules are made of: crosses, and what has been since something happened."""

from __future__ import annotations

from typing import SupportsFloat

from tradebot.indicators.frame import PriceBars
from tradebot.indicators.node import Node, aligned, combine
from tradebot.indicators.operation import Cross, KernelOperation
from tradebot.indicators.parameters import condition, real, series, whole


def cross_above(first: Node, second: Node | SupportsFloat) -> Node:
    """Condition: ``first`` was at or below ``second`` one bar ago and is strictly above it now.

    Indicators of one timeframe are compared on its bars, so that a cross of a higher timeframe holds for as long as
    its bar is the last closed one; indicators of different timeframes are compared on base bars. For a cross that
    holds at one base bar only, give ``first.on_base()`` and ``second.on_base()``.
    """
    return _cross("cross_above", first, second)


def cross_below(first: Node, second: Node | SupportsFloat) -> Node:
    """Condition: ``first`` was at or above ``second`` one bar ago and is strictly below it now, as ``cross_above``."""
    return _cross("cross_below", first, second)


def bars_since(happened: Node) -> Node:
    """Bars since a condition last held: 0 at the bar itself, nan until it has held once."""
    node = condition("bars_since", "happened", happened)
    return node.frame.node(KernelOperation("bars_since"), (node,))


def value_when(happened: Node, source: Node | PriceBars, occurrence: int = 0) -> Node:
    """The value of ``source`` at the bar where a condition last held, or, with ``occurrence`` 1, the time before."""
    nodes = (condition("value_when", "happened", happened), series("value_when", "source", source))
    operation = KernelOperation("value_when", (whole("value_when", "occurrence", occurrence, at_least=0),))
    inputs = aligned(nodes)
    return inputs[0].frame.node(operation, inputs)


def maximum(first: Node | SupportsFloat, second: Node | SupportsFloat) -> Node:
    """The larger of two values at each bar; nan where one is nan."""
    return combine("maximum", first, second)


def minimum(first: Node | SupportsFloat, second: Node | SupportsFloat) -> Node:
    """The smaller of two values at each bar; nan where one is nan."""
    return combine("minimum", first, second)


def _cross(name: str, first: Node, second: Node | SupportsFloat) -> Node:
    left = series(name, "first", first)
    if isinstance(second, Node):
        inputs = aligned((left, second))
        return inputs[0].frame.node(Cross(name, boolean=True), inputs)
    return left.frame.node(Cross(name, boolean=True, level=real(name, "second", second)), (left,))
