"""TA-Lib functions by name, for those that are not written out."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache, partial
from typing import Any

from tradebot.core.errors import did_you_mean
from tradebot.indicators.talib_call import call
from tradebot.indicators.talib_library import describe, names


def find(name: str, others: Iterable[str]) -> partial[Any]:
    """The function of that lower-case name, documented.

    Raises
    ------
    AttributeError : TA-Lib has no such function; offers the nearest of its names and of the functions among ``others``.
    """
    if name not in names():
        near = did_you_mean(name, sorted({*names(), *filter(str.islower, others)}))
        raise AttributeError(f"no indicator {name!r}. {near}".rstrip(), name=name)
    return _function(name)


@cache
def _function(name: str) -> partial[Any]:
    function = partial(call, name.upper())
    function.__doc__ = _document(name)
    return function


def _document(name: str) -> str:
    function = describe(name.upper())
    inputs = ", ".join(column or "series" for column in function.inputs)
    parameters = ", ".join(f"{each.alias}={each.default:g}" for each in function.parameters) or "none"
    return f"{function.title}.\n\nInputs: {inputs}. Parameters: {parameters}. Outputs: {', '.join(function.outputs)}."
