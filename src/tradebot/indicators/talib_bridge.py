"""TA-Lib's functions as operations, driven by TA-Lib's own description of them.

Batch is TA-Lib's function, streaming its stream handle; both come from one C library and agree to the bit. An input
that is not a finite number makes a function start anew: in batch it runs on each stretch between, in streaming the
handle is opened anew.

TA-Lib's package loads pandas and polars wherever they are installed, a second or more, to accept their series. Nobody
here passes them any, so they are hidden while it loads; a program that wants ``talib`` to accept them imports
``talib`` first.
"""

from __future__ import annotations

import sys
from collections import namedtuple
from collections.abc import Callable, Generator, Hashable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import import_module
from math import isfinite, nan
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from tradebot.core.errors import IndicatorError, did_you_mean
from tradebot.indicators.operation import Floats, Outputs, Step, last_warmup
from tradebot.indicators.parameters import real, whole

if TYPE_CHECKING:
    from tradebot.indicators.node import Node

MA_TYPES = (
    "sma", "ema", "wma", "dema", "tema", "trima", "kama", "mama", "t3", "hma", "none", "default", "zlema", "rma",
)  # fmt: skip

# Their two forms pick different ones of 0.0 and -0.0 where both are in the window; the sign is dropped.
_ZERO_OF_EITHER_SIGN = frozenset({"MAX", "MIN", "MIDPOINT", "MINMAX", "MIDPRICE", "DONCHIAN"})
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
        return namedtuple(self.name.title().replace("_", ""), self.outputs)  # type: ignore[misc]


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
    info = _abstract(name).info
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


@dataclass(frozen=True)
class TalibOperation:
    """A TA-Lib function with its parameters in TA-Lib's order."""

    name: str
    params: tuple[float, ...]

    @property
    def key(self) -> Hashable:
        return ("talib", self.name, self.params)

    @property
    def outputs(self) -> int:
        return len(describe(self.name).outputs)

    def is_boolean(self, inputs: Sequence[Node]) -> bool:
        return False

    @cached_property
    def lookback(self) -> int:
        """Bars before the first value, as TA-Lib says."""
        abstract = _abstract(self.name)
        parameters = describe(self.name).parameters
        if parameters:
            abstract.parameters = {each.name: value for each, value in zip(parameters, self.params, strict=True)}
        return abstract.lookback

    def warmup(self, inputs: Sequence[Node]) -> int:
        return last_warmup(inputs) + self.lookback

    def batch(self, node: Node) -> tuple[Floats, ...]:
        arrays = [source.batch() for source in node.inputs]
        bars = len(arrays[0])
        runs = node.frame.context.finite_runs(node.inputs)
        if runs == [(0, bars)]:
            return self._run(arrays)
        outputs = tuple(np.full(bars, nan) for _ in range(self.outputs))
        for start, stop in runs:
            if stop - start > self.lookback:
                parts = self._run([array[start:stop] for array in arrays])
                for output, part in zip(outputs, parts, strict=True):
                    output[start:stop] = part
        return outputs

    def step(self) -> Step:
        return _TalibStep(self)

    def check(self) -> None:
        """Refuse parameters that TA-Lib refuses.

        Raises
        ------
        IndicatorError : names the parameter.
        """
        function = describe(self.name)
        if self._is_accepted():
            return
        defaults = tuple(each.default for each in function.parameters)
        for position, parameter in enumerate(function.parameters):
            alone = (*defaults[:position], self.params[position], *defaults[position + 1 :])
            if not TalibOperation(self.name, alone)._is_accepted():
                raise IndicatorError(
                    f"{self.params[position]} is out of TA-Lib's range",
                    place=f"{self.name.lower()}({parameter.alias})",
                    mend=f"Its default is {parameter.default:g}.",
                )
        raise IndicatorError(f"TA-Lib does not accept {self.params} together", place=self.name.lower())

    def _is_accepted(self) -> bool:
        probe = np.ones(2)
        try:
            self._call([probe] * len(describe(self.name).inputs))
        except Exception as error:  # TA-Lib raises the bare class
            if "TA_BAD_PARAM" in str(error):
                return False
            raise
        return True

    def _call(self, arrays: Sequence[Floats]) -> tuple[Any, ...]:
        return _as_tuple(getattr(library(), self.name)(*arrays, *self.params))

    def _run(self, arrays: Sequence[Floats]) -> tuple[Floats, ...]:
        outputs: list[Floats] = []
        for result in self._call(arrays):
            output = result.astype(np.float64, copy=False)
            if output is not result:
                # TA-Lib fills the warm-up of whole numbers with 0, which is a value.
                output[: self.lookback] = nan
            if self.name in _ZERO_OF_EITHER_SIGN:
                output += 0.0
            outputs.append(output)
        return tuple(outputs)


class _TalibStep:
    """A stream handle that opens once there is enough history, and anew after a value that is not finite."""

    def __init__(self, operation: TalibOperation) -> None:
        self._stream = getattr(library(), f"{operation.name}_Stream")
        self._too_short = library().InsufficientHistory
        self._params = operation.params
        self._lookback = operation.lookback
        self._none = (nan,) * operation.outputs
        self._history: list[tuple[float, ...]] = []
        self._handle: Any = None
        self._drops_sign = operation.name in _ZERO_OF_EITHER_SIGN

    def __call__(self, *values: float) -> Outputs:
        if not all(map(isfinite, values)):
            self._handle = None
            self._history.clear()
            return self._none
        if self._handle is not None:
            return self._floats(self._handle.update(*values))
        self._history.append(values)
        if len(self._history) <= self._lookback:
            return self._none
        return self._open()

    def _open(self) -> Outputs:
        columns = [np.array(column) for column in zip(*self._history, strict=True)]
        try:
            self._handle = self._stream(*columns, *self._params)
        except self._too_short:
            return self._none
        self._history.clear()
        return self._floats(self._handle.value)

    def _floats(self, value: Any) -> Outputs:
        values = _as_tuple(value)
        if self._drops_sign:
            return tuple(each + 0.0 for each in values)
        return tuple(map(float, values))


def operation(name: str, *parameters: object, **named: object) -> TalibOperation:
    """A function with checked parameters, by position or by name (TA-Lib's or ours); defaults for the rest.

    Raises
    ------
    IndicatorError : a parameter is unknown, of the wrong kind or out of range.
    """
    function = describe(name)
    given = dict(zip(function.parameters, parameters, strict=False))
    if len(parameters) > len(function.parameters):
        raise IndicatorError(
            f"{len(parameters)} parameters were given, it has {len(function.parameters)}", place=name.lower()
        )
    known = {each.name: each for each in function.parameters} | {each.alias: each for each in function.parameters}
    for word, value in named.items():
        if word not in known:
            choices = ", ".join(each.alias for each in function.parameters) or "none"
            mend = did_you_mean(word, known) or f"Its parameters: {choices}."
            raise IndicatorError("no such parameter", place=f"{name.lower()}({word})", mend=mend)
        given[known[word]] = value
    values = (_value(name, each, given.get(each, each.default)) for each in function.parameters)
    made = TalibOperation(name, tuple(values))
    made.check()
    return made


def _value(name: str, parameter: Parameter, value: object) -> float:
    if parameter.is_average and isinstance(value, str):
        if value.lower() in MA_TYPES:
            return MA_TYPES.index(value.lower())
        raise IndicatorError(
            f'"{value}" is not a moving average',
            place=f"{name.lower()}({parameter.alias})",
            mend=did_you_mean(value, MA_TYPES) or f"Known: {', '.join(MA_TYPES)}.",
        )
    if parameter.is_whole:
        return whole(name.lower(), parameter.alias, value, at_least=None)
    return real(name.lower(), parameter.alias, value)


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


def _abstract(name: str) -> Any:
    library()
    return import_module("talib.abstract").Function(name)


def _as_tuple(results: Any) -> tuple[Any, ...]:
    # One output comes bare.
    return cast("tuple[Any, ...]", results) if isinstance(results, tuple) else (results,)


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
