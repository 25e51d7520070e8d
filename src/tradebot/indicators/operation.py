"""What a node does: the protocol, the operators, and the kernels of the native core."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import tradebot_native as native
from numpy.typing import NDArray

if TYPE_CHECKING:
    from tradebot.indicators.node import Node

Floats = NDArray[np.float64]
Mask = NDArray[np.uint8]
Outputs = tuple[float, ...]
# Values of one bar in (or the bar itself, for a source), values of each output back; remembers earlier bars.
Step = Callable[..., Outputs]


class Operation(Protocol):
    """One kind of computation with its parameters; immutable, so that equal ones are shared.

    The batch form and the streaming form must agree to the bit.
    """

    @property
    def name(self) -> str:
        """What a person calls it."""
        ...

    @property
    def key(self) -> Hashable:
        """Identity: operations with equal keys on equal inputs give equal values."""
        ...

    @property
    def outputs(self) -> int:
        """Number of series it gives."""
        ...

    def is_boolean(self, inputs: Sequence[Node]) -> bool:
        """Whether its values are 1 (true), 0 (false) and nan (not known)."""
        ...

    def warmup(self, inputs: Sequence[Node]) -> int:
        """Index of the first bar that has a value."""
        ...

    def batch(self, node: Node) -> tuple[Floats, ...]:
        """Every bar at once, one array an output."""
        ...

    def step(self) -> Step:
        """A fresh streaming form."""
        ...


def last_warmup(inputs: Sequence[Node]) -> int:
    """Index of the first bar at which every input has a value."""
    return max((node.warmup for node in inputs), default=0)


@dataclass(frozen=True)
class KernelOperation:
    """An indicator of the native core, by the name it has there."""

    name: str
    params: tuple[float, ...] = ()
    outputs: int = 1
    boolean: bool = False
    keeps_kind: bool = False

    @property
    def key(self) -> Hashable:
        return ("kernel", self.name, self.params)

    def is_boolean(self, inputs: Sequence[Node]) -> bool:
        return self.boolean or (self.keeps_kind and inputs[0].is_boolean)

    @cached_property
    def _lookback(self) -> int:
        return self._kernel().lookback

    def warmup(self, inputs: Sequence[Node]) -> int:
        return last_warmup(inputs) + self._lookback

    def batch(self, node: Node) -> tuple[Floats, ...]:
        return self._kernel().batch([source.batch() for source in node.inputs])

    def step(self) -> Step:
        return self._kernel().step

    def _kernel(self) -> native.Kernel:
        return native.Kernel(self.name, list(self.params))


@dataclass(frozen=True)
class Cross(KernelOperation):
    """Where one series crosses another, or a number (``level``)."""

    level: float | None = None

    @property
    def key(self) -> Hashable:
        return (*super().key, self.level)  # type: ignore[misc]

    def batch(self, node: Node) -> tuple[Floats, ...]:
        inputs = [source.batch() for source in node.inputs]
        if self.level is not None:
            inputs.append(np.full_like(inputs[0], self.level))
        return self._kernel().batch(inputs)

    def step(self) -> Step:
        step, level = self._kernel().step, self.level
        if level is None:
            return step

        def beside_level(value: float) -> Outputs:
            return step(value, level)

        return beside_level

    def mask(self, node: Node) -> Mask:
        above, below = node.frame.context.crosses(node.inputs, self.level)
        return above if self.name == "cross_above" else below


_BOOLEAN = frozenset({"lt", "le", "gt", "ge", "and", "or", "not"})


@dataclass(frozen=True)
class Elementwise:
    """An operator between two series, or a series and a number (``left`` or ``right``), bar by bar.

    Attributes
    ----------
    name : ``add``, ``sub``, ``mul``, ``div``, ``neg``, ``abs``, ``maximum``, ``minimum``, ``lt``, ``le``, ``gt``,
        ``ge``, ``and``,
        ``or``, ``not``. Comparisons and logical operators give nan where an operand is nan.
    """

    name: str
    left: float | None = None
    right: float | None = None

    outputs = 1

    @property
    def key(self) -> Hashable:
        # The text keeps 0.0 and -0.0 apart, which are equal and yet give different quotients.
        return ("elementwise", self.name, repr(self.left), repr(self.right))

    def is_boolean(self, inputs: Sequence[Node]) -> bool:
        return self.name in _BOOLEAN

    def warmup(self, inputs: Sequence[Node]) -> int:
        return last_warmup(inputs)

    def batch(self, node: Node) -> tuple[Floats, ...]:
        return (native.elementwise(self.name, *self._operands(node)),)

    def mask(self, node: Node) -> Mask:
        operands = self._operands(node)
        return native.elementwise_mask(self.name, operands[0], operands[1] if len(operands) > 1 else 0.0)

    def step(self) -> Step:
        name, left, right, apply = self.name, self.left, self.right, native.apply

        def operate(*values: float) -> Outputs:
            if left is not None:
                return (apply(name, left, values[0]),)
            if right is not None:
                return (apply(name, values[0], right),)
            return (apply(name, *values),)

        return operate

    def _operands(self, node: Node) -> list[Any]:
        operands: list[Any] = [source.batch() for source in node.inputs]
        if self.left is not None:
            operands.insert(0, self.left)
        if self.right is not None:
            operands.append(self.right)
        return operands
