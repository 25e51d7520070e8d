"""What batch computations share: every expression over the same bars is computed once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING

import tradebot_native as native

from tradebot.core.interval import Interval
from tradebot.indicators.bars import BarsLike, Columns
from tradebot.indicators.operation import Floats, Mask

if TYPE_CHECKING:
    from tradebot.indicators.node import Node

Runs = list[tuple[int, int]]


class Interner:
    """Small numbers for structures: equal expressions get the same one, without comparing them in depth."""

    def __init__(self) -> None:
        self._numbers: dict[Hashable, int] = {}

    def number(self, key: Hashable) -> int:
        """The number of a structure."""
        return self._numbers.setdefault(key, len(self._numbers))


class BatchContext:
    """Bars of one instrument and every series computed from them so far.

    Frames of one context share its arrays, so that the parameter sets of a sweep compute a common indicator once.

    Parameters
    ----------
    bars : a bar array, or columns.
    limit : bytes of results to keep; the least recently used are computed anew when they are asked for again.
    """

    def __init__(self, bars: BarsLike | Columns, *, limit: int = 512 * 1024 * 1024) -> None:
        self.columns = bars if isinstance(bars, Columns) else Columns.of(bars)
        self.interner = Interner()
        self._limit = limit
        self._size = 0
        self._arrays: OrderedDict[int, tuple[Floats, ...]] = OrderedDict()
        self._runs: dict[tuple[tuple[int, int], ...], Runs] = {}
        self._crosses: dict[Hashable, tuple[Mask, Mask]] = {}
        self._resampled: dict[Interval, Columns] = {}

    def resampled(self, interval: Interval) -> Columns:
        """The bars of a longer interval, gathered once."""
        if interval not in self._resampled:
            self._resampled[interval] = self.columns.resample(interval)
        return self._resampled[interval]

    def arrays(self, node: Node) -> tuple[Floats, ...]:
        """Every output of a node's operation, one value a bar of its frame."""
        found = self._arrays.get(node.structure)
        if found is not None:
            self._arrays.move_to_end(node.structure)
            return found
        return self._keep(node.structure, node.operation.batch(node))

    def crosses(self, inputs: Sequence[Node], level: float | None) -> tuple[Mask, Mask]:
        """Where the first input crosses above, and below, the second or ``level``; one pass gives both."""
        key = (tuple((node.structure, node.output) for node in inputs), level)
        if key not in self._crosses:
            other = inputs[1].batch() if level is None else level
            self._crosses[key] = native.cross_masks(inputs[0].batch(), other)
        return self._crosses[key]

    def forget(self) -> None:
        """Let go of every result; what is asked for again is computed anew."""
        self._arrays.clear()
        self._runs.clear()
        self._crosses.clear()
        self._size = 0

    def finite_runs(self, nodes: Sequence[Node]) -> Runs:
        """Stretches of bars, as (first, after the last), in which every node has a finite value."""
        key = tuple(node.identity for node in nodes)
        if key not in self._runs:
            self._runs[key] = native.finite_runs([node.batch() for node in nodes])
        return self._runs[key]

    def _keep(self, structure: int, arrays: tuple[Floats, ...]) -> tuple[Floats, ...]:
        for array in arrays:
            array.flags.writeable = False
        self._arrays[structure] = arrays
        self._size += _size(arrays)
        while self._size > self._limit and len(self._arrays) > 1:
            _, dropped = self._arrays.popitem(last=False)
            self._size -= _size(dropped)
        return arrays


def _size(arrays: tuple[Floats, ...]) -> int:
    return sum(array.nbytes for array in arrays)
