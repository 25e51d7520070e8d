"""What a strategy remembers from bar to bar, taken out and put back so that a saved run resumes identically.

The saved form is made of ``None``, booleans, numbers, text, bytes, and lists that begin with a kind
(``["deque", 3, [...]]``), so that any format can carry it, no code runs when it is read, and two names for one list
stay two names for one list.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping
from decimal import Decimal
from typing import Any, Final, cast

import numpy as np
from tradebot_native import Bar

from tradebot.core.errors import StrategyError

_ATOMS: Final = frozenset({type(None), bool, int, float, str, bytes})
_CONTAINERS: Final[tuple[type, ...]] = (Mapping, list, tuple, set, frozenset, deque)
_BAR: Final = ("ts", "open", "high", "low", "close", "volume", "trades", "vwap")
_GROWING: Final[dict[str, type]] = {"list": list, "set": set, "deque": deque, "dict": dict}
_FIXED: Final[dict[str, Callable[[Any], Any]]] = {"tuple": tuple, "frozenset": frozenset}


def remember(owner: str, attributes: Mapping[str, Any], known: Collection[str]) -> dict[str, Any]:
    """The plain values among a strategy's attributes, in the saved form.

    Plain are numbers, text, bytes, ``None``, bars, arrays, and lists, tuples, sets, deques and dicts of them. Indicator
    nodes, and containers of nothing else, are left out: ``setup`` makes them again and their history is the bars'.

    Parameters
    ----------
    owner : the strategy's name, for errors.
    attributes : ``vars`` of the strategy.
    known : names that need no memory: the parameters and what binding gave.

    Raises
    ------
    StrategyError : a value is neither plain nor made of nodes, or mixes both.
    """
    writer = _Writer()
    saved: dict[str, Any] = {}
    for name, value in attributes.items():
        if name in known:
            continue
        declared = [_is_declared(leaf) for leaf in _leaves(value)]
        if declared and all(declared):
            continue
        if any(declared):
            raise StrategyError(
                "it mixes indicators with values that would be lost when the run is saved",
                place=f"{owner}.{name}",
                mend="Keep the two in attributes of their own, or override state() and restore().",
            )
        try:
            saved[name] = writer.write(value)
        except TypeError as error:
            raise StrategyError(
                f"a value of type {error} cannot be saved with the run",
                place=f"{owner}.{name}",
                mend="Keep plain values (numbers, text, lists, dicts), or override state() and restore().",
            ) from None
    return saved


def recall(attributes: dict[str, Any], saved: Mapping[str, Any]) -> None:
    """Put remembered values back among a strategy's attributes, each of the kind it was."""
    reader = _Reader()
    for name, value in saved.items():
        attributes[name] = reader.read(value)


class _Writer:
    """Writes values; a container that comes again is written as a reference to its number."""

    def __init__(self) -> None:
        self._numbers: dict[int, int] = {}

    def write(self, value: Any) -> Any:
        kind = _type(value)
        if kind in _ATOMS:
            return value
        if kind is Decimal:
            return ["decimal", str(value)]
        if kind is Bar:
            return ["bar", *(getattr(value, name) for name in _BAR)]
        if issubclass(kind, np.generic):
            return ["scalar", value.dtype.str, value.tobytes()]
        if id(value) in self._numbers:
            return ["again", self._numbers[id(value)]]
        self._numbers[id(value)] = len(self._numbers)
        return self._write_container(kind, value)

    def _write_container(self, kind: type[Any], value: Any) -> list[Any]:
        if kind is np.ndarray and value.dtype != object:
            return ["array", value.dtype.str, list(value.shape), value.tobytes()]
        if kind is deque:
            return ["deque", value.maxlen, [self.write(member) for member in value]]
        if kind is dict:
            return ["dict", [[self.write(key), self.write(member)] for key, member in value.items()]]
        if kind.__name__ in ("list", "tuple", "set", "frozenset") and kind.__module__ == "builtins":
            return [kind.__name__, [self.write(member) for member in value]]
        raise TypeError(kind.__name__)


class _Reader:
    """Reads what a writer wrote, in the same order, so that numbers mean the same containers."""

    def __init__(self) -> None:
        self._made: list[Any] = []

    def read(self, saved: Any) -> Any:
        if not isinstance(saved, list | tuple):
            return saved
        kind, *rest = cast("list[Any]", saved)
        if kind == "again":
            return self._made[rest[0]]
        if kind == "decimal":
            return Decimal(rest[0])
        if kind == "bar":
            return Bar(*rest[:5], **dict(zip(_BAR[5:], rest[5:], strict=True)))
        if kind == "scalar":
            scalar: Any = np.frombuffer(rest[1], dtype=rest[0])[0]
            return scalar
        return self._read_container(kind, rest)

    def _read_container(self, kind: str, rest: list[Any]) -> Any:
        number = len(self._made)
        if kind == "array":
            self._made.append(np.frombuffer(rest[2], dtype=rest[0]).reshape(rest[1]).copy())
        elif kind in _FIXED:
            self._made.append(None)
            self._made[number] = _FIXED[kind](self.read(member) for member in rest[0])
        else:
            # Made before its members are read: one of them may be the container itself.
            container: Any = deque[Any](maxlen=rest[0]) if kind == "deque" else _GROWING[kind]()
            self._made.append(container)
            self._fill(container, rest[-1])
        return self._made[number]

    def _fill(self, container: Any, members: list[Any]) -> None:
        kind = _type(container)
        if kind is dict:
            container.update((self.read(key), self.read(member)) for key, member in members)
        elif kind is set:
            container.update(self.read(member) for member in members)
        else:
            container.extend(self.read(member) for member in members)


def _type(value: object) -> type[Any]:
    return type(value)


def _leaves(value: Any) -> Iterator[Any]:
    """The values inside containers, each container looked into once."""
    pending, seen = [value], set[int]()
    while pending:
        each = pending.pop()
        kind = _type(each)
        if not issubclass(kind, _CONTAINERS):
            yield each
        elif id(each) not in seen:
            seen.add(id(each))
            pending += each.values() if issubclass(kind, Mapping) else each


def _is_declared(leaf: object) -> bool:
    """Whether ``setup`` makes the object: a node, or a view of bars."""
    return hasattr(leaf, "warmup") or hasattr(leaf, "frame")
