"""Checks that the rules of live trading make of their parameters."""

from __future__ import annotations

import math

from tradebot.core.errors import RiskError


def check_above_zero(place: str, value: object) -> None:
    """Refuse what is not a finite number above zero.

    Raises
    ------
    RiskError : naming ``place``.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise RiskError(f"{value!r} is not a number", place=place)
    if not (math.isfinite(value) and value > 0):
        raise RiskError(f"{value:g} is not above 0", place=place, mend="Leave the rule out for no bound.")


def check_count(place: str, value: object) -> None:
    """Refuse what is not a whole number above zero.

    Raises
    ------
    RiskError : naming ``place``.
    """
    check_above_zero(place, value)
    if not isinstance(value, int):
        raise RiskError(f"{value} is not a whole number", place=place)
