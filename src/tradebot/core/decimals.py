"""Decimals from the numbers people and wires write."""

from __future__ import annotations

from decimal import Decimal


def exact(number: Decimal | float | str) -> Decimal:
    """Decimal of a number; a float is read at the 15 significant digits a double is sure to hold."""
    if isinstance(number, float):
        return Decimal(f"{number:.15g}")
    return Decimal(number)
