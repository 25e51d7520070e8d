"""The streaming form of a frame's nodes: one step of each a bar, to the bit what the batch form gives."""

from __future__ import annotations

from collections.abc import Iterable
from math import nan

from tradebot.core.errors import IndicatorError
from tradebot.indicators.bars import BarLike, Gatherer
from tradebot.indicators.frame import Frame
from tradebot.indicators.node import Node, topological
from tradebot.indicators.operation import last_warmup
from tradebot.indicators.source import OnBase


class Streaming:
    """Computes nodes bar by bar as they close.

    Parameters
    ----------
    frame : the base frame of the nodes, live. It is sealed: nodes are declared before.
    nodes : what to compute; every node in use on the frame and its higher frames, unless given.

    Raises
    ------
    IndicatorError : the frame has past bars, or is a higher one.
    """

    def __init__(self, frame: Frame, nodes: Iterable[Node] | None = None) -> None:
        if not frame.is_live or frame.base is not frame:
            raise IndicatorError(
                "streaming needs a live base frame", place=repr(frame), mend="Make it with Frame.live(interval)."
            )
        frame.seal()
        declared = [node for each in frame.frames for node in each.nodes] if nodes is None else list(nodes)
        self._nodes = topological(declared)
        self._is_warm = False
        slots = {node: slot for slot, node in enumerate(self._nodes)}
        values = [nan] * len(slots)
        self._base = _FramePlan(frame, self._nodes, slots, values)
        self._higher = {
            each: (Gatherer(frame.interval, each.interval), _FramePlan(each, self._nodes, slots, values))
            for each in frame.frames[1:]
        }

    def update(self, bar: BarLike) -> None:
        """Take a base bar that has just closed; every node then shows its value."""
        for gatherer, plan in self._higher.values():
            visible = plan.bars - 1
            for whole in gatherer.update(bar):
                plan.advance(whole, self._base.bars)
            plan.frame.timeline.set(plan.bars - 1, visible)
        self._base.advance(bar, self._base.bars)
        self._base.frame.timeline.seek(self._base.bars - 1)

    @property
    def longest(self) -> int:
        """Base bars in a bar of the longest frame, rounded up."""
        base, *_ = frames = [self._base.frame.interval, *(frame.interval for frame in self._higher)]
        return max(-(-interval.ns // base.ns) for interval in frames)

    @property
    def is_warm(self) -> bool:
        """Whether every node has left its warm-up; from the same bar on as ``Frame.warm_index`` says of past bars."""
        self._is_warm = self._is_warm or self._find_warm()
        return self._is_warm

    def _find_warm(self) -> bool:
        ready: dict[Node, int] = {}
        for node in self._nodes:
            bar = max((ready[source] for source in node.inputs), default=0)
            if isinstance(node.operation, OnBase):
                seen_at = self._higher[node.inputs[0].frame][1].seen_at
                if bar >= len(seen_at):
                    return False
                ready[node] = seen_at[bar]
            else:
                ready[node] = bar + node.warmup - last_warmup(node.inputs)
            plan = self._base if node.frame is self._base.frame else self._higher[node.frame][1]
            if ready[node] >= plan.bars:
                return False
        return True


class _FramePlan:
    """The steps of one frame, in order.

    Attributes
    ----------
    bars : bars taken so far.
    seen_at : index of the base bar at which each of them became visible.
    """

    def __init__(self, frame: Frame, nodes: list[Node], slots: dict[Node, int], values: list[float]) -> None:
        self.frame = frame
        self.bars = 0
        self.seen_at: list[int] = []
        self._values = values
        groups: dict[int, list[Node]] = {}
        for node in nodes:
            if node.frame is frame:
                groups.setdefault(node.structure, []).append(node)
        self._computations = [_Computation(group, slots) for group in groups.values()]
        self._longest_warmup = max((node.warmup for group in groups.values() for node in group), default=0)

    def advance(self, bar: BarLike, base_bar: int) -> None:
        """One step of every computation."""
        for computation in self._computations:
            computation.advance(bar, self._values)
        if self.bars <= self._longest_warmup:
            self.seen_at.append(base_bar)
        self.bars += 1


class _Computation:
    """One operation with its memory, and the nodes that show its outputs."""

    def __init__(self, nodes: list[Node], slots: dict[Node, int]) -> None:
        first = nodes[0]
        self._step = first.operation.step()
        self._inputs = [slots[source] for source in first.inputs]
        self._outputs = [(node.output, slots[node], node.push) for node in nodes]

    def advance(self, bar: BarLike, values: list[float]) -> None:
        arguments = [values[slot] for slot in self._inputs]
        results = self._step(*arguments) if arguments else self._step(bar)
        for output, slot, push in self._outputs:
            values[slot] = results[output]
            push(results[output])
