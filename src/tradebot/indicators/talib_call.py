"""Calling TA-Lib's functions on nodes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from tradebot.core.errors import IndicatorError
from tradebot.indicators.frame import PriceBars
from tradebot.indicators.node import Node, aligned
from tradebot.indicators.parameters import series
from tradebot.indicators.talib_library import Function, describe
from tradebot.indicators.talib_operation import operation


def one(name: str, inputs: Sequence[object], *parameters: object) -> Node:
    """The node of a function with one output."""
    return many(name, inputs, *parameters)[0]


def many(name: str, inputs: Sequence[object], *parameters: object, **named: object) -> tuple[Node, ...]:
    """The nodes of every output of a function.

    Parameters
    ----------
    name : upper-case TA-Lib name.
    inputs : one node an input of the function; bars in place of a node stand for their close.
    parameters, named : its parameters in TA-Lib's order, or by name.

    Raises
    ------
    IndicatorError : an input or a parameter is not what the function takes; names both.
    """
    made = operation(name, *parameters, **named)
    nodes = aligned([series(name.lower(), f"input {at + 1}", value) for at, value in enumerate(inputs)])
    frame = nodes[0].frame
    return tuple(frame.node(made, nodes, output) for output in range(made.outputs))


def call(name: str, *arguments: object, **named: object) -> Any:
    """Any function by its upper-case name, as ``ta.<name>`` calls it.

    The inputs come first: bars, from which the function takes the columns it needs, or one node an input. Parameters
    follow by position, or by name (TA-Lib's ``timeperiod`` is also ``period``, ``fastperiod`` is ``fast``).

    Returns
    -------
    A node; a named tuple of nodes when the function has several outputs.

    Raises
    ------
    IndicatorError : an input or a parameter is not what the function takes; names both.
    """
    function = describe(name)
    inputs, parameters = _split(function, arguments)
    nodes = many(name, inputs, *parameters, **named)
    return nodes[0] if len(nodes) == 1 else function.result(*nodes)


def _split(function: Function, arguments: Sequence[object]) -> tuple[Sequence[object], Sequence[object]]:
    free = sum(column is None for column in function.inputs)
    if arguments and not isinstance(arguments[0], Node) and free < 2 and hasattr(arguments[0], "close"):
        bars = cast(PriceBars, arguments[0])
        return [getattr(bars, column or "close") for column in function.inputs], arguments[1:]
    count = len(function.inputs)
    if len(arguments) < count:
        wanted = ", ".join(column or "a series" for column in function.inputs)
        raise IndicatorError(
            f"{len(arguments)} of {count} inputs were given",
            place=function.name.lower(),
            mend=f"Give {'bars, or ' if free < 2 else ''}{wanted}.",
        )
    return arguments[:count], arguments[count:]
