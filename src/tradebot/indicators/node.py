"""Nodes: indicator values a strategy reads bar by bar, and expressions that rules are made of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NoReturn, Self, SupportsFloat

import tradebot_native as native

from tradebot.core.errors import IndicatorError, StrategyError
from tradebot.indicators.operation import Cross, Elementwise, Floats, Mask, Operation
from tradebot.indicators.source import OnBase

if TYPE_CHECKING:
    from tradebot.indicators.frame import Frame


class Node(native.Series):
    """One indicator (or price, or condition) on a frame's bars.

    In ``on_bar`` it is read: ``node[-1]`` or ``node.now`` is the value of the bar that has just closed, ``node[-2]``
    or ``node.prev`` the one before, ``float(node)`` a number to compute with. In ``setup`` and ``rules`` it is
    composed: ``+ - * /``, ``abs``, ``< > <= >=``, and ``& | ~`` between conditions, make further nodes. ``==`` is
    identity.

    Made by ``tradebot.indicators``' functions, never directly. Equal expressions on one frame are one node.

    Attributes
    ----------
    frame : the bars it is computed on.
    operation, inputs, output : what is computed, from which nodes, and which of its series this is.
    structure : number shared by all nodes of the same computation on the same bars.
    warmup : index of the first bar of its frame that has a value; before it the value is nan.
    is_boolean : whether it is a condition: 1 (true), 0 (false), nan (not known).
    """

    __slots__ = ("__weakref__", "frame", "inputs", "is_boolean", "operation", "output", "structure", "warmup")

    # NumPy scalars and arrays leave the operators to us.
    __array_ufunc__ = None

    frame: Frame
    operation: Operation
    inputs: tuple[Node, ...]
    output: int
    structure: int
    warmup: int
    is_boolean: bool

    def __new__(
        cls, frame: Frame, operation: Operation, inputs: tuple[Node, ...], output: int, structure: int, warmup: int
    ) -> Self:
        return super().__new__(cls, frame.timeline)

    def __init__(
        self, frame: Frame, operation: Operation, inputs: tuple[Node, ...], output: int, structure: int, warmup: int
    ) -> None:
        self.frame = frame
        self.operation = operation
        self.inputs = inputs
        self.output = output
        self.structure = structure
        self.warmup = warmup
        self.is_boolean = operation.is_boolean(inputs)

    @property
    def identity(self) -> tuple[int, int]:
        """Equal for equal expressions over the same bars, on different frames too."""
        return self.structure, self.output

    def batch(self) -> Floats:
        """Every value, float64 of shape (bars,), read-only; computed once and shared by equal expressions.

        Raises
        ------
        IndicatorError : the frame is live and has no past bars.
        """
        return self.frame.context.arrays(self)[self.output]

    def mask(self) -> Mask:
        """Where the condition holds, on base bars: uint8 of shape (base bars,), 0 where it is not known.

        Raises
        ------
        IndicatorError : the node is not a condition.
        """
        if not self.is_boolean:
            raise _not_a_condition(self)
        node = self.on_base()
        if isinstance(node.operation, Cross | Elementwise):
            return node.operation.mask(node)
        return native.elementwise_mask("and", node.batch(), 1.0)

    def materialise(self) -> None:
        """Compute the values so that they can be read; the native core calls this when they are first needed."""
        if not self.frame.is_live:
            self.bind(self.batch())

    def on_base(self) -> Node:
        """The same values as the base timeframe sees them: at each base bar, those of the last closed higher bar."""
        if self.frame is self.frame.base:
            return self
        return self.frame.base.node(OnBase(self.frame.interval), (self,))

    def __add__(self, other: Node | SupportsFloat) -> Node:
        return combine("add", self, other)

    def __radd__(self, other: SupportsFloat) -> Node:
        return combine("add", other, self)

    def __sub__(self, other: Node | SupportsFloat) -> Node:
        return combine("sub", self, other)

    def __rsub__(self, other: SupportsFloat) -> Node:
        return combine("sub", other, self)

    def __mul__(self, other: Node | SupportsFloat) -> Node:
        return combine("mul", self, other)

    def __rmul__(self, other: SupportsFloat) -> Node:
        return combine("mul", other, self)

    def __truediv__(self, other: Node | SupportsFloat) -> Node:
        return combine("div", self, other)

    def __rtruediv__(self, other: SupportsFloat) -> Node:
        return combine("div", other, self)

    def __neg__(self) -> Node:
        return self.frame.node(Elementwise("neg"), (self,))

    def __abs__(self) -> Node:
        return self.frame.node(Elementwise("abs"), (self,))

    def __lt__(self, other: Node | SupportsFloat) -> Node:
        return combine("lt", self, other)

    def __le__(self, other: Node | SupportsFloat) -> Node:
        return combine("le", self, other)

    def __gt__(self, other: Node | SupportsFloat) -> Node:
        return combine("gt", self, other)

    def __ge__(self, other: Node | SupportsFloat) -> Node:
        return combine("ge", self, other)

    def __and__(self, other: Node) -> Node:
        return _logical("and", self, other)

    def __or__(self, other: Node) -> Node:
        return _logical("or", self, other)

    def __invert__(self) -> Node:
        if not self.is_boolean:
            raise _not_a_condition(self)
        return self.frame.node(Elementwise("not"), (self,))

    def __bool__(self) -> NoReturn:
        raise StrategyError(
            "an indicator is a whole series, neither true nor false",
            place=str(self),
            mend="In on_bar compare values: self.fast[-1] > self.slow[-1], or ta.crossed_above(self.fast, self.slow). "
            "In rules join conditions with & | ~ instead of and, or, not.",
        )

    def __str__(self) -> str:
        return self.operation.name

    def __repr__(self) -> str:
        return f"<Node {self} on {self.frame.interval} bars>"


def aligned(nodes: Sequence[Node]) -> tuple[Node, ...]:
    """The nodes on one frame: their own if they share it, the base frame otherwise.

    Raises
    ------
    IndicatorError : they belong to different instruments.
    """
    frames = {node.frame for node in nodes}
    if len(frames) <= 1:
        return tuple(nodes)
    if len({frame.base for frame in frames}) > 1:
        raise IndicatorError(
            "the operands lie on the bars of different instruments",
            place=", ".join(map(str, nodes)),
            mend="Combine indicators of one instrument; compare instruments by their values in a Policy.",
        )
    return tuple(node.on_base() for node in nodes)


def combine(operator: str, left: Node | SupportsFloat, right: Node | SupportsFloat) -> Node:
    """An operator between two nodes, or a node and a number."""
    if isinstance(left, Node) and isinstance(right, Node):
        first, second = aligned((left, right))
        return first.frame.node(Elementwise(operator), (first, second))
    if isinstance(left, Node):
        return left.frame.node(Elementwise(operator, right=_number(right)), (left,))
    if isinstance(right, Node):
        return right.frame.node(Elementwise(operator, left=_number(left)), (right,))
    raise IndicatorError("neither operand is an indicator", place=operator)


def topological(nodes: Iterable[Node]) -> list[Node]:
    """The nodes and all they are made of, each after its inputs."""
    ordered: dict[Node, None] = {}
    pending = [(node, False) for node in nodes]
    pending.reverse()
    while pending:
        node, is_expanded = pending.pop()
        if node in ordered:
            continue
        if is_expanded:
            ordered[node] = None
            continue
        pending.append((node, True))
        pending.extend((source, False) for source in reversed(node.inputs))
    return list(ordered)


def _logical(operator: str, left: Node, right: Node) -> Node:
    for operand in (left, right):
        if not isinstance(operand, Node) or not operand.is_boolean:  # pyright: ignore[reportUnnecessaryIsInstance]
            raise _not_a_condition(operand)
    return combine(operator, left, right)


def _not_a_condition(operand: object) -> IndicatorError:
    return IndicatorError(
        "is not a condition",
        place=str(operand),
        mend="Compare it first, as in (rsi < 30) & ta.cross_above(fast, slow); comparisons need the parentheses.",
    )


def _number(value: object) -> float:
    try:
        return float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise IndicatorError(
            f"{value!r} is neither an indicator nor a number", mend="Use nodes and numbers in an expression."
        ) from None
