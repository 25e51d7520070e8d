"""Parameters of a strategy: declared once on the class, checked whenever an instance is made."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, TypeVar

from tradebot.core.errors import ParameterError, did_you_mean

Value = TypeVar("Value", bound=int | float | bool | str)

KINDS: Final[dict[str, type]] = {"int": int, "float": float, "bool": bool, "str": str}
_TRUE: Final = frozenset({"true", "yes", "on", "1"})
_FALSE: Final = frozenset({"false", "no", "off", "0"})


def param(
    default: Value,
    *,
    ge: float | None = None,
    le: float | None = None,
    step: float | None = None,
    choices: Sequence[Value] | None = None,
    doc: str = "",
) -> Value:
    """Declare a parameter of a :class:`~tradebot.strategies.strategy.Strategy`.

    Parameters
    ----------
    default : value taken when none is given; its type is the parameter's where the annotation says nothing.
    ge, le : smallest and largest value allowed, both inclusive.
    step : distance between the values an optimiser tries; hand-given values need not lie on it.
    choices : the only values allowed.
    doc : one sentence for people: what it is, in which unit.

    Returns
    -------
    The declaration. It is typed as the value, because that is what an instance holds under the name.

    Raises
    ------
    ParameterError : when the class is made, if the default breaks its own bounds.

    Examples
    --------
    >>> from tradebot.strategies import Strategy, param
    >>> class Breakout(Strategy):
    ...     window: int = param(20, ge=2, le=500, doc="Bars the channel looks back.")
    >>> Breakout(window=55).window
    55
    """
    return Declaration(default, ge, le, step, tuple(choices) if choices is not None else None, doc)  # type: ignore[return-value]


@dataclass(frozen=True, slots=True)
class Declaration:
    """What :func:`param` leaves on the class until the class is complete."""

    default: Any
    ge: float | None
    le: float | None
    step: float | None
    choices: tuple[Any, ...] | None
    doc: str


@dataclass(frozen=True, slots=True)
class Param:
    """A parameter of a strategy with its bounds.

    Attributes
    ----------
    place : ``strategy.parameter``, where errors point.
    name : the parameter's name.
    kind : ``int``, ``float``, ``bool`` or ``str``.
    default, ge, le, step, choices, doc : as given to :func:`param`.
    """

    place: str
    name: str
    kind: type
    default: Any
    ge: float | None = None
    le: float | None = None
    step: float | None = None
    choices: tuple[Any, ...] | None = None
    doc: str = ""

    @classmethod
    def declared(cls, owner: str, name: str, declaration: Declaration, annotation: object) -> Param:
        """Parameter ``name`` of the strategy ``owner``, its default checked against its own bounds."""
        word = annotation if isinstance(annotation, str) else getattr(annotation, "__name__", "")
        made = cls(
            place=f"{owner}.{name}",
            name=name,
            kind=KINDS.get(word) or type(declaration.default),
            default=declaration.default,
            ge=declaration.ge,
            le=declaration.le,
            step=declaration.step,
            choices=declaration.choices,
            doc=declaration.doc,
        )
        if made.kind not in KINDS.values():
            raise ParameterError(
                f"{made.kind.__name__} cannot be a parameter", place=made.place, mend="Use int, float, bool or str."
            )
        return replace(made, default=made.check(made.default))

    def with_default(self, value: Any) -> Param:
        """The same parameter with another default, checked."""
        return replace(self, default=self.check(value))

    def check(self, value: Any) -> Any:
        """Return ``value`` in the parameter's type, or say why it cannot be.

        Raises
        ------
        ParameterError : wrong type, not finite, out of bounds, or not among the choices.
        """
        value = self._typed(value)
        if self.choices is not None and value not in self.choices:
            allowed = ", ".join(map(str, self.choices))
            near = did_you_mean(str(value), map(str, self.choices))
            raise ParameterError(f"{value} is not one of {allowed}", place=self.place, mend=near)
        if self.ge is not None and value < self.ge:
            raise ParameterError(f"{value} is below the minimum {self.ge:g}", place=self.place, mend=self._advice())
        if self.le is not None and value > self.le:
            raise ParameterError(f"{value} is above the maximum {self.le:g}", place=self.place, mend=self._advice())
        return value

    def parse(self, text: str) -> Any:
        """Read the parameter from text, as written on a command line, and check it.

        Raises
        ------
        ParameterError : the text is no value of the parameter's type, or :meth:`check` refuses it.
        """
        if self.kind is str:
            return self.check(text)
        if self.kind is bool:
            folded = text.strip().casefold()
            if folded not in _TRUE | _FALSE:
                raise self._mistyped(text)
            return folded in _TRUE
        try:
            return self.check(self.kind(text))
        except ValueError:
            raise self._mistyped(text) from None

    @property
    def bounds(self) -> str:
        """Bounds as people write them: ``2..200``, ``>= 0``, ``long | short``; empty where there are none."""
        if self.choices is not None:
            return " | ".join(map(str, self.choices))
        if self.ge is not None and self.le is not None:
            return f"{self.ge:g}..{self.le:g}"
        if self.ge is not None:
            return f">= {self.ge:g}"
        return f"<= {self.le:g}" if self.le is not None else ""

    def _typed(self, value: Any) -> Any:
        # bool is an int in Python; True for a window of bars is a slip, not a wish.
        if isinstance(value, bool) is not (self.kind is bool):
            raise self._mistyped(value)
        if self.kind is float and isinstance(value, int):
            value = float(value)
        elif self.kind is int and isinstance(value, float) and value.is_integer():
            value = int(value)
        if not isinstance(value, self.kind):
            raise self._mistyped(value)
        if isinstance(value, float) and not math.isfinite(value):
            raise ParameterError(f"{value} is not a finite number", place=self.place, mend=self._advice())
        return value

    def _mistyped(self, value: object) -> ParameterError:
        wanted = {int: "a whole number", float: "a number", bool: "true or false", str: "text"}[self.kind]
        shown = f'"{value}"' if isinstance(value, str) else repr(value)
        return ParameterError(f"{shown} is not {wanted}", place=self.place, mend=self._advice())

    def _advice(self) -> str:
        if self.ge is not None and self.le is not None:
            return f"Give a value in {self.bounds} (the default is {self.default})."
        if self.bounds:
            return f"Give a value {self.bounds} (the default is {self.default})."
        return f"The default is {self.default}."
