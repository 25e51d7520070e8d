"""Numbers and times as Binance writes them: decimals as strings, times as milliseconds."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final

from tradebot.core.decimals import exact

_MILLISECOND: Final = 1_000_000
_AMOUNT: Final = Decimal("0.00000001")
NAN: Final = Decimal("NaN")


def ms(ns: int) -> int:
    """Milliseconds of nanoseconds."""
    return ns // _MILLISECOND


def ns(milliseconds: int) -> int:
    """Nanoseconds of milliseconds."""
    return milliseconds * _MILLISECOND


def text(number: Decimal | float) -> str:
    """A number in plain digits, without an exponent; a float at all its digits."""
    if isinstance(number, float):
        return f"{Decimal(repr(number)):f}"
    return f"{number:f}"


def binary(number: Decimal) -> str:
    """A number as Java writes a binary fraction ("Double.toString"), which a list of Binance's does."""
    size = abs(number)
    if not size or Decimal("0.001") <= size < 10_000_000:
        return repr(float(number))
    exponent = number.adjusted()
    return f"{float(number.scaleb(-exponent))!r}E{exponent}"


def amount(number: Decimal | float) -> str:
    """An amount of money at eight places."""
    return f"{exact(number).quantize(_AMOUNT, ROUND_HALF_EVEN):f}"


def places(step: Decimal) -> int:
    """Decimal places of a step."""
    exponent = step.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
