"""Where values come from: columns of the bars, constants, session numbers, and higher timeframes."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import tradebot_native as native
from numpy.typing import NDArray

from tradebot.core.interval import Interval
from tradebot.indicators.operation import Floats, Outputs, Step

if TYPE_CHECKING:
    from tradebot.indicators.bars import BarLike
    from tradebot.indicators.node import Node


class _Leaf:
    """What has no inputs: a value of each bar by itself."""

    outputs = 1

    def is_boolean(self, inputs: Sequence[Node]) -> bool:
        return False

    def warmup(self, inputs: Sequence[Node]) -> int:
        return 0


@dataclass(frozen=True)
class Source(_Leaf):
    """A column of the bars: ``open``, ``high``, ``low``, ``close``, ``volume``, ``trades`` or ``vwap``."""

    name: str

    @property
    def key(self) -> Hashable:
        return ("source", self.name)

    def batch(self, node: Node) -> tuple[Floats, ...]:
        # A view: results are made read-only, and the caller's own array must stay as it was.
        return (node.frame.columns.column(self.name).view(),)

    def step(self) -> Step:
        name = self.name

        def read(bar: BarLike) -> Outputs:
            value = getattr(bar, name)
            return (np.nan if value is None else float(value),)

        return read


@dataclass(frozen=True)
class Constant(_Leaf):
    """The same number at every bar."""

    value: float

    name = "constant"

    @property
    def key(self) -> Hashable:
        return ("constant", repr(self.value))

    def batch(self, node: Node) -> tuple[Floats, ...]:
        return (np.full(len(node.frame.columns), self.value),)

    def step(self) -> Step:
        outputs = (self.value,)

        def repeat(_bar: BarLike) -> Outputs:
            return outputs

        return repeat


@dataclass(frozen=True)
class OpenTime(_Leaf):
    """The open time of each bar in ns UTC, as a float; exact for times on whole seconds."""

    name = "open_time"

    @property
    def key(self) -> Hashable:
        return ("open_time",)

    def batch(self, node: Node) -> tuple[Floats, ...]:
        return (node.frame.columns.ts.astype(np.float64),)

    def step(self) -> Step:
        def read(bar: BarLike) -> Outputs:
            return (float(bar.ts),)

        return read


@dataclass(frozen=True)
class CalendarSession(_Leaf):
    """The start of the UTC day, week or month a bar opens in, as a number that changes when a new one begins."""

    interval: Interval

    name = "session"

    @property
    def key(self) -> Hashable:
        return ("session", str(self.interval))

    def batch(self, node: Node) -> tuple[Floats, ...]:
        return (self.interval.floor(node.frame.columns.ts).astype(np.float64),)

    def step(self) -> Step:
        floor = self.interval.floor

        def start(bar: BarLike) -> Outputs:
            return (float(floor(bar.ts)),)

        return start


@dataclass(frozen=True)
class TradingSession(_Leaf):
    """The number of the trading session a bar opens in; nan outside every session.

    Attributes
    ----------
    opens, closes : int64 ns UTC, shape (sessions,), rising; a session is ``[open, close)``.
    """

    opens: NDArray[np.int64] = field(hash=False, compare=False)
    closes: NDArray[np.int64] = field(hash=False, compare=False)

    name = "session"

    @property
    def key(self) -> Hashable:
        return ("sessions", self.opens.tobytes(), self.closes.tobytes())

    def batch(self, node: Node) -> tuple[Floats, ...]:
        return (self._number(node.frame.columns.ts),)

    def step(self) -> Step:
        def number(bar: BarLike) -> Outputs:
            return (float(self._number(np.array([bar.ts]))[0]),)

        return number

    def _number(self, ts: NDArray[np.int64]) -> Floats:
        session = np.searchsorted(self.opens, ts, side="right") - 1
        inside = (session >= 0) & (ts < self.closes[session])
        return np.where(inside, session, np.nan)


@dataclass(frozen=True)
class OnBase:
    """Values of a higher timeframe as each base bar sees them: those of the last higher bar that had closed."""

    interval: Interval

    outputs = 1
    name = "on_base"

    @property
    def key(self) -> Hashable:
        return ("on_base", str(self.interval))

    def is_boolean(self, inputs: Sequence[Node]) -> bool:
        return inputs[0].is_boolean

    def warmup(self, inputs: Sequence[Node]) -> int:
        return inputs[0].frame.first_visible(inputs[0].warmup)

    def batch(self, node: Node) -> tuple[Floats, ...]:
        (source,) = node.inputs
        return (native.take_visible(source.batch(), source.frame.visible),)

    def step(self) -> Step:
        # The evaluator gives the latest value of the higher timeframe, nan before the first.
        def show(value: float) -> Outputs:
            return (value,)

        return show
