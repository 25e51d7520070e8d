"""Values of earlier bars, and changes since then."""

from __future__ import annotations

from tradebot.indicators.frame import PriceBars
from tradebot.indicators.node import Node
from tradebot.indicators.operation import KernelOperation
from tradebot.indicators.parameters import series, whole


def shift(source: Node | PriceBars, bars: int = 1) -> Node:
    """The value of ``bars`` bars ago; only the past can be asked for."""
    node = series("shift", "source", source)
    operation = KernelOperation("shift", (whole("shift", "bars", bars),), keeps_kind=True)
    return node.frame.node(operation, (node,))


def change(source: Node | PriceBars, bars: int = 1) -> Node:
    """The value less that of ``bars`` bars ago."""
    node = series("change", "source", source)
    return node.frame.node(KernelOperation("change", (whole("change", "bars", bars),)), (node,))


def pct_change(source: Node | PriceBars, bars: int = 1) -> Node:
    """The change since ``bars`` bars ago as a fraction of the value then (0.01 is one percent)."""
    node = series("pct_change", "source", source)
    return node.frame.node(KernelOperation("pct_change", (whole("pct_change", "bars", bars),)), (node,))
