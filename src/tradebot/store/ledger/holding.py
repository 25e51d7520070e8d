"""A position as the sum of its fills, in decimals, at average cost."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Final

import msgspec

from tradebot.core.decimals import exact
from tradebot.core.fill import Fill

_ZERO: Final = Decimal(0)
# Sums stay exact over any number of fills; only the average price is rounded, far below any tick.
_EXACT: Final = Context(prec=100, rounding=ROUND_HALF_EVEN)
_AVERAGE: Final = Context(prec=28, rounding=ROUND_HALF_EVEN)


class Holding(msgspec.Struct, frozen=True):
    """Units held of one market.

    Parameters
    ----------
    quantity : signed units.
    entry_price : their average price; 0 when flat.
    realized : profit of what was closed so far, before fees, for a contract of multiplier one.
    """

    quantity: Decimal = _ZERO
    entry_price: Decimal = _ZERO
    realized: Decimal = _ZERO

    def after(self, fill: Fill) -> Holding:
        """The position after one more fill: what extends it moves the average, what closes it realizes."""
        change = fill.quantity.copy_sign(fill.side.sign)
        quantity = total(self.quantity, change)
        if self.quantity * change >= 0:
            cost = total(product(self.quantity, self.entry_price), product(change, fill.price))
            return Holding(quantity, average(cost, quantity) if quantity else _ZERO, self.realized)
        closed = min(abs(change), abs(self.quantity)).copy_sign(self.quantity)
        gain = product(closed, _EXACT.subtract(fill.price, self.entry_price))
        entry = self.entry_price if abs(change) < abs(self.quantity) else fill.price if quantity else _ZERO
        return Holding(quantity, entry, total(self.realized, gain))


def total(one: Decimal, other: Decimal) -> Decimal:
    """Exact sum of two amounts."""
    return _EXACT.add(one, other)


def product(one: Decimal, other: Decimal) -> Decimal:
    """Exact product of two amounts."""
    return _EXACT.multiply(one, other)


def average(cost: Decimal, quantity: Decimal) -> Decimal:
    """Price of a unit, to 28 digits."""
    return _AVERAGE.divide(cost, quantity)


def as_text(amount: Decimal | float | None) -> str | None:
    """An amount as the tables keep it."""
    return None if amount is None else str(exact(amount))
