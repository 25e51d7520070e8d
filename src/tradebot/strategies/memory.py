"""What a strategy remembers from bar to bar, taken out and put back so that a saved run resumes identically."""

from __future__ import annotations

import copy
import numbers
from collections import deque
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

import numpy as np

from tradebot.core.errors import StrategyError

_ATOMS: Final = (numbers.Number, str, bytes, type(None), np.ndarray, np.generic)
_CONTAINERS: Final = (list, tuple, set, frozenset, deque)


def remember(owner: str, attributes: Mapping[str, Any], known: Collection[str]) -> dict[str, Any]:
    """Deep copy of the plain values among a strategy's attributes.

    Numbers, text, bytes, ``None``, arrays, and lists, tuples, sets, deques and dicts of them are plain. Indicator nodes, and
    containers of them, are left out: :meth:`Strategy.setup` makes them again and their history is the bars'.

    Parameters
    ----------
    owner : the strategy's name, for errors.
    attributes : ``vars`` of the strategy.
    known : names that need no memory: the parameters and what binding gave.

    Raises
    ------
    StrategyError : a value is neither plain nor made of nodes.
    """
    kept: dict[str, Any] = {}
    for name, value in attributes.items():
        if name in known or any(_is_declared(leaf) for leaf in _leaves(value)):
            continue
        for leaf in _leaves(value):
            if not isinstance(leaf, _ATOMS):
                raise StrategyError(
                    f"a value of type {type(leaf).__name__} cannot be saved with the run",
                    place=f"{owner}.{name}",
                    mend="Keep plain values (numbers, text, lists, dicts), or override state() and restore().",
                )
        kept[name] = value
    # One deep copy, so that two attributes holding the same list still hold the same one afterwards.
    return copy.deepcopy(kept)


def recall(attributes: dict[str, Any], state: Mapping[str, Any]) -> None:
    """Put remembered values back among a strategy's attributes; the state itself stays untouched."""
    attributes.update(copy.deepcopy(dict(state)))


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, Mapping):
        for key, member in value.items():
            yield from _leaves(key)
            yield from _leaves(member)
    elif isinstance(value, _CONTAINERS):
        for member in value:
            yield from _leaves(member)
    else:
        yield value


def _is_declared(leaf: object) -> bool:
    """Whether ``setup`` makes the object: a node, or a view of bars made of nodes."""
    return hasattr(leaf, "warmup") or hasattr(leaf, "close") and hasattr(leaf, "interval")
