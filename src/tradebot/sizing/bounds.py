"""The check every sizer makes of its parameter."""

from __future__ import annotations

import math

from tradebot.core.errors import SizingError


def check_positive(place: str, value: object) -> None:
    """Refuse what is not a finite number above zero.

    Raises
    ------
    SizingError : naming ``place``.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise SizingError(f"{value!r} is not a number", place=place, mend="Give a number above 0.")
    if not (math.isfinite(value) and value > 0):
        raise SizingError(f"{value:g} is not above 0", place=place, mend="Give a number above 0.")
