"""TA-Lib itself: its extension module, and what it says of its functions.

TA-Lib's package loads pandas and polars wherever they are installed, a second or more, to accept their series. Nobody
here passes them any, so they are hidden while it loads; a program that wants ``talib`` to accept them imports ``talib``
first.
"""

from __future__ import annotations

import sys
from collections import namedtuple
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import import_module
from typing import Any

MA_TYPES = (
    "sma", "ema", "wma", "dema", "tema", "trima", "kama", "mama", "t3", "hma", "none", "default", "zlema", "rma",
)  # fmt: skip

_HIDDEN_WHILE_LOADING = ("pandas", "polars")


@dataclass(frozen=True)
class Parameter:
    """One parameter of a function: TA-Lib's name, ours, whether it is whole, its default."""

    name: str
    alias: str
    is_whole: bool
    is_average: bool
    default: float


@dataclass(frozen=True)
class Function:
    """What TA-Lib says of one of its functions.

    Attributes
    ----------
    inputs : the columns it takes, in order; ``None`` for a series of the caller's choice.
    """

    name: str
    title: str
    inputs: tuple[str | None, ...]
    parameters: tuple[Parameter, ...]
    outputs: tuple[str, ...]

    @cached_property
    def result(self) -> Callable[..., tuple[Any, ...]]:
        """The named tuple of its outputs."""
        return namedtuple(self.name.title().replace("_", ""), self.outputs)  # type: ignore[misc]  # noqa: PYI024


@cache
def library() -> Any:
    """TA-Lib's extension module, initialised, with its streams and abstract functions."""
    with _hidden(_HIDDEN_WHILE_LOADING):
        import_module("talib.abstract")
        return import_module("talib._ta_lib")


@cache
def names() -> frozenset[str]:
    """Lower-case names of TA-Lib's functions."""
    return frozenset(name.lower() for name in library().__TA_FUNCTION_NAMES__)


@cache
def describe(name: str) -> Function:
    """The description of a function, by its upper-case name."""
    info = abstract(name).info
    lib, encoded = library(), name.encode()
    return Function(
        name,
        info["display_name"],
        tuple(_input_columns(info["input_names"])),
        tuple(
            _parameter(lib._ta_getOptInputParameterInfo(encoded, position))
            for position in range(len(info["parameters"]))
        ),
        tuple(info["output_names"]),
    )


def _parameter(info: dict[str, Any]) -> Parameter:
    name: str = info["name"]
    alias = name.replace("timeperiod", "period")
    if not alias.startswith("period"):
        alias = alias.removesuffix("period").removesuffix("_")
    # Types 2 and 3 are whole numbers: a range, and a list (the kinds of moving average).
    return Parameter(name, alias, info["type"] > 1, info["type"] == 3, info["default_value"])


def _input_columns(names: dict[str, Any]) -> Iterator[str | None]:
    for name, columns in names.items():
        if name == "prices":
            yield from columns
        else:
            yield None


def abstract(name: str) -> Any:
    """TA-Lib's abstract function, by its upper-case name."""
    library()
    return import_module("talib.abstract").Function(name)


@contextmanager
def _hidden(modules: Sequence[str]) -> Generator[None]:
    absent = [name for name in modules if name not in sys.modules]
    for name in absent:
        sys.modules[name] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        for name in absent:
            sys.modules.pop(name, None)
