"""TA-Lib's functions as operations.

Batch is TA-Lib's function, streaming its stream handle; both come from one C library and agree to the bit. An input
that is not a finite number makes a function start anew: in batch it runs on each stretch between, in streaming the
handle is opened anew.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import isfinite, nan
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from tradebot.core.errors import IndicatorError, did_you_mean
from tradebot.indicators.operation import Floats, Outputs, Step, last_warmup
from tradebot.indicators.parameters import real, whole
from tradebot.indicators.talib_library import MA_TYPES, Parameter, abstract, describe, library

if TYPE_CHECKING:
    from tradebot.indicators.node import Node

# Their two forms pick different ones of 0.0 and -0.0 where both are in the window; the sign is dropped.
_ZERO_OF_EITHER_SIGN = frozenset({"MAX", "MIN", "MIDPOINT", "MINMAX", "MIDPRICE", "DONCHIAN"})


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
        function = abstract(self.name)
        parameters = describe(self.name).parameters
        if parameters:
            function.parameters = {each.name: value for each, value in zip(parameters, self.params, strict=True)}
        return function.lookback

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
    return _checked(name, tuple(values))


@lru_cache(maxsize=4096)
def _checked(name: str, params: tuple[float, ...]) -> TalibOperation:
    # Many instruments and parameter sets ask for the same function; TA-Lib is asked about it once.
    made = TalibOperation(name, params)
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


def _as_tuple(results: Any) -> tuple[Any, ...]:
    # One output comes bare.
    return cast("tuple[Any, ...]", results) if isinstance(results, tuple) else (results,)
