"""Frames: the bars of one instrument and interval, as the place where nodes are made."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Protocol
from weakref import WeakValueDictionary

import numpy as np
import tradebot_native as native
from numpy.typing import NDArray

from tradebot.core.errors import IndicatorError, StrategyError
from tradebot.core.interval import Interval
from tradebot.indicators.bars import BarsLike, Columns
from tradebot.indicators.context import BatchContext, Interner
from tradebot.indicators.node import Node, topological
from tradebot.indicators.operation import Operation
from tradebot.indicators.source import Constant, Source


class PriceBars(Protocol):
    """Anything that carries the price columns as nodes: a frame, or what a strategy's ``setup`` is given."""

    @property
    def open(self) -> Node: ...
    @property
    def high(self) -> Node: ...
    @property
    def low(self) -> Node: ...
    @property
    def close(self) -> Node: ...
    @property
    def volume(self) -> Node: ...


class Frame:
    """Bars of one instrument and interval, on which nodes are declared.

    ``Frame.batch`` has past bars and computes whole series; ``Frame.live`` has none and is driven by ``Streaming``.
    The same declarations work on both. Higher timeframes are frames too: ``frame.higher("4h")``.

    Attributes
    ----------
    interval : length of a bar.
    timeline : cursor that says which bar is now.
    """

    def __init__(self, interval: Interval, base: Frame | None, context: BatchContext | None) -> None:
        self.interval = interval
        # A base frame does not refer to itself, nor frames to what is made on them: dropped arrays are freed at once.
        self._base = base
        self._context = context
        self._interner = self.base._interner if base else context.interner if context else Interner()
        self._nodes: WeakValueDictionary[tuple[int, int], Node] = WeakValueDictionary()
        self._higher: WeakValueDictionary[Interval, Frame] = WeakValueDictionary()
        self._is_sealed = False
        self.timeline = native.Timeline(self.visible if base and context else None)

    @classmethod
    def batch(cls, bars: BarsLike | Columns | BatchContext) -> Frame:
        """A frame over past bars. Frames over one ``BatchContext`` share what they compute."""
        context = bars if isinstance(bars, BatchContext) else BatchContext(bars)
        return cls(context.columns.interval, None, context)

    @classmethod
    def live(cls, interval: Interval | str) -> Frame:
        """A frame for bars that are still to come."""
        return cls(Interval.parse(interval), None, None)

    @property
    def base(self) -> Frame:
        """The frame whose bars drive the run: itself, unless it is a higher one."""
        return self._base or self

    @property
    def is_live(self) -> bool:
        """Whether it has no past bars to compute on."""
        return self._context is None

    @property
    def context(self) -> BatchContext:
        """What the frame's batch computations share.

        Raises
        ------
        IndicatorError : the frame is live.
        """
        if self._context is None:
            raise IndicatorError(
                "a live frame has no past bars",
                place=f"{self.interval} bars",
                mend="Feed it bars through Streaming.update.",
            )
        return self._context

    @cached_property
    def columns(self) -> Columns:
        """The bars as arrays."""
        if self.base is self:
            return self.context.columns
        return self.context.resampled(self.interval)

    @cached_property
    def visible(self) -> NDArray[np.int64]:
        """Index of the last closed bar of this frame at each base bar, -1 for none; int64 of shape (base bars,)."""
        if self.base is self:
            return np.arange(len(self.columns), dtype=np.int64)
        closed = np.searchsorted(self.columns.close_ts, self.base.columns.close_ts, side="right") - 1
        return closed.astype(np.int64)

    @property
    def open(self) -> Node:
        """First prices."""
        return self.node(Source("open"))

    @property
    def high(self) -> Node:
        """Highest prices."""
        return self.node(Source("high"))

    @property
    def low(self) -> Node:
        """Lowest prices."""
        return self.node(Source("low"))

    @property
    def close(self) -> Node:
        """Last prices."""
        return self.node(Source("close"))

    @property
    def volume(self) -> Node:
        """Traded quantities, in base units."""
        return self.node(Source("volume"))

    @property
    def trades(self) -> Node:
        """Numbers of trades, where the data has them."""
        return self.node(Source("trades"))

    @property
    def vwap(self) -> Node:
        """Volume-weighted average prices of the bars, where the data has them (``ta.vwap`` is the session's)."""
        return self.node(Source("vwap"))

    @property
    def typical(self) -> Node:
        """(high + low + close) / 3."""
        return (self.high + self.low + self.close) / 3.0

    @property
    def median(self) -> Node:
        """(high + low) / 2."""
        return (self.high + self.low) / 2.0

    def constant(self, value: float) -> Node:
        """The same number at every bar."""
        return self.node(Constant(float(value)))

    def higher(self, interval: Interval | str) -> Frame:
        """The frame of a longer interval; its bars are seen once they have closed.

        Raises
        ------
        IndicatorError : bars of the base interval do not fill bars of that one.
        """
        interval = Interval.parse(interval)
        base = self.base
        if interval == base.interval:
            return base
        found = base._higher.get(interval)
        if found is not None:
            return found
        if not base.interval.fits_into(interval):
            raise IndicatorError(
                f"{base.interval} bars do not fill {interval} bars",
                place=f'bars("{interval}")',
                mend=f"Ask for a whole multiple of {base.interval}.",
            )
        made = Frame(interval, base, base._context)
        base._higher[interval] = made
        return made

    @property
    def frames(self) -> tuple[Frame, ...]:
        """The base frame and every higher one in use."""
        return (self.base, *self.base._higher.values())

    @property
    def nodes(self) -> tuple[Node, ...]:
        """Every node of this frame in use, in the order of declaration."""
        return tuple(self._nodes.values())

    def node(self, operation: Operation, inputs: Sequence[Node] = (), output: int = 0) -> Node:
        """The node of an operation on inputs of this frame; the same one for the same expression.

        Raises
        ------
        StrategyError : the frame is sealed and the node is new.
        """
        sources = tuple(source.identity for source in inputs)
        structure = self._interner.number((str(self.interval), operation.key, sources))
        found = self._nodes.get((structure, output))
        if found is not None:
            return found
        if self.base._is_sealed:
            raise StrategyError(
                "a new indicator after setup",
                place=operation.name,
                mend="Declare indicators in setup, and read them in on_bar with [-1] or float().",
            )
        inputs = tuple(inputs)
        node = Node(self, operation, inputs, output, structure, operation.warmup(inputs))
        self._nodes[structure, output] = node
        return node

    def seal(self) -> None:
        """Refuse further declarations, on the higher frames too: strategies declare in ``setup`` only."""
        self.base._is_sealed = True

    def first_visible(self, bar: int) -> int:
        """Index of the first base bar at which a bar of this frame is visible.

        Exact on past bars. A live frame cannot know where in a higher bar it will begin, and gives the nominal number.
        """
        if self.base is self:
            return bar
        if self.is_live:
            return (bar + 1) * max(1, self.interval.ns // self.base.interval.ns) - 1
        return int(np.searchsorted(self.visible, bar, side="left"))

    def warm_index(self, nodes: Iterable[Node] | None = None) -> int:
        """Index of the first base bar at which the nodes (all in use, unless given) have left their warm-up.

        On past bars it may equal the number of bars: then there are too few.
        """
        declared = (node for frame in self.frames for node in frame.nodes) if nodes is None else nodes
        return max((node.frame.first_visible(node.warmup) for node in topological(declared)), default=0)

    def seek(self, base_index: int) -> None:
        """Move to a base bar; higher frames show their last closed bar. Before the first bar: -1."""
        for frame in self.frames:
            frame.timeline.seek(base_index)

    def __repr__(self) -> str:
        return f"<Frame {'live' if self.is_live else len(self.columns)} {self.interval} bars>"
