"""What an indicator may be given: checks that name the indicator and the parameter."""

from __future__ import annotations

from math import isfinite
from operator import index

from tradebot.core.errors import IndicatorError
from tradebot.indicators.node import Node


def whole(indicator: str, parameter: str, value: object, *, at_least: int | None = 1) -> int:
    """A whole number, such as a period; ``at_least`` None leaves the range to the caller.

    Raises
    ------
    IndicatorError : it is not a whole number, or too small.
    """
    try:
        number = index(value)  # type: ignore[arg-type]
    except TypeError:
        raise IndicatorError(
            f"{value!r} is not a whole number",
            place=_place(indicator, parameter),
            mend="Give a number of bars, as in 14.",
        ) from None
    if isinstance(value, bool):
        raise IndicatorError(f"{value!r} is not a whole number", place=_place(indicator, parameter))
    if at_least is not None and number < at_least:
        raise IndicatorError(f"{value!r} must be at least {at_least}", place=_place(indicator, parameter))
    return number


def real(
    indicator: str,
    parameter: str,
    value: object,
    *,
    above: float | None = None,
    within: tuple[float, float] | None = None,
) -> float:
    """A finite number, strictly above a bound or within two.

    Raises
    ------
    IndicatorError : it is not a finite number, or out of bounds.
    """
    place = _place(indicator, parameter)
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise IndicatorError(f"{value!r} is not a number", place=place) from None
    if isinstance(value, bool | Node) or not isfinite(number):
        raise IndicatorError(f"{value!r} is not a finite number", place=place)
    if above is not None and number <= above:
        raise IndicatorError(f"{value!r} must be above {above:g}", place=place)
    if within is not None and not within[0] <= number <= within[1]:
        raise IndicatorError(f"{value!r} is not in {within[0]:g}..{within[1]:g}", place=place)
    return number


def series(indicator: str, parameter: str, value: object) -> Node:
    """A node; bars stand for their close.

    Raises
    ------
    IndicatorError : it is neither.
    """
    if isinstance(value, Node):
        return value
    close = getattr(value, "close", None)
    if isinstance(close, Node):
        return close
    raise IndicatorError(
        f"{type(value).__name__} is not an indicator",
        place=_place(indicator, parameter),
        mend="Give a series of the bars, as in bars.close, or another indicator.",
    )


def condition(indicator: str, parameter: str, value: object) -> Node:
    """A node that is a condition.

    Raises
    ------
    IndicatorError : it is not.
    """
    node = series(indicator, parameter, value)
    if not node.is_boolean:
        raise IndicatorError(
            f"{node} is not a condition", place=_place(indicator, parameter), mend="Compare it first, as in rsi < 30."
        )
    return node


def _place(indicator: str, parameter: str) -> str:
    return f"{indicator}({parameter})"
