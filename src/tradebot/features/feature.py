"""What a feature is: a formula over bars, with its parameters, as an expression or as a node."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import update_wrapper
from typing import TYPE_CHECKING, Any, Concatenate, Generic, ParamSpec

from tradebot.core.errors import IndicatorError
from tradebot.features.series import COLUMNS
from tradebot.indicators.parameters import whole

if TYPE_CHECKING:
    import polars as pl

    from tradebot.indicators import Node, PriceBars

P = ParamSpec("P")

# One value has no spread.
_LEAST = {"window": 2}


@dataclass(frozen=True)
class Feature:
    """A formula with its parameters.

    Attributes
    ----------
    name : what models list it by, such as ``parkinson:20``; also the name of the expression's column.
    """

    name: str
    _build: Callable[[Any], Any] = field(repr=False, compare=False)

    @property
    def expr(self) -> pl.Expr:
        """The Polars expression, over the columns of a frame of bars in order of time; null where it is not known."""
        return self._build(COLUMNS).alias(self.name)

    def on(self, bars: PriceBars) -> Node:
        """The indicator node on a strategy's bars; nan where it is not known."""
        return self._build(bars)

    def __str__(self) -> str:
        return self.name


class Formula(Generic[P]):
    """The definition of a feature; called with its parameters it gives the :class:`Feature`.

    Parameters
    ----------
    function : the formula, written with ``features.series`` so that it holds for expressions and nodes alike. Its
        docstring has the definition and its source, its signature the parameters (whole numbers or text).
    """

    def __init__(self, function: Callable[Concatenate[Any, P], Any]) -> None:
        self.name = function.__name__
        self.function = function
        first, *rest = inspect.signature(function, eval_str=True).parameters.values()
        self.parameters = {each.name: each for each in rest}
        self._bars = first.name
        update_wrapper(self, function)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Feature:
        bound = inspect.signature(self.function).bind(None, *args, **kwargs)
        bound.apply_defaults()
        given = {name: self._checked(name, value) for name, value in bound.arguments.items() if name != self._bars}

        def build(bars: Any) -> Any:
            return self.function(bars, *given.values())  # type: ignore[call-arg]

        return Feature(":".join([self.name, *map(str, given.values())]), build)

    def read(self, texts: list[str]) -> Feature:
        """The feature whose parameters are written as texts, in order.

        Raises
        ------
        IndicatorError : there are too many or too few of them, or one is not what the formula takes.
        """
        values: list[Any] = [
            self._read(each, text) for each, text in zip(self.parameters.values(), texts, strict=False)
        ]
        needed = sum(each.default is inspect.Parameter.empty for each in self.parameters.values())
        if not needed <= len(texts) <= len(self.parameters):
            raise IndicatorError(
                f"{len(texts)} parameters are given, it takes {', '.join(self.parameters) or 'none'}",
                place=f"feature {self.name}",
                mend=f"Write it as {':'.join([self.name, *map(str.upper, self.parameters)])}.",
            )
        return self(*values)  # type: ignore[call-arg]

    def _read(self, parameter: inspect.Parameter, text: str) -> Any:
        if parameter.annotation is not int:
            return text
        try:
            return int(text)
        except ValueError:
            place = f"{self.name}({parameter.name})"
            raise IndicatorError(f'"{text}" is not a whole number', place=place) from None

    def _checked(self, name: str, value: Any) -> Any:
        if self.parameters[name].annotation is not int:
            return value
        return whole(self.name, name, value, at_least=_LEAST.get(name, 1))


def formula(function: Callable[Concatenate[Any, P], Any]) -> Formula[P]:
    """Make a :class:`Formula` of a function of bars and parameters."""
    return Formula(function)
