"""Limits every order is held against before it leaves."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, fields
from typing import Final

import tradebot_native as native

from tradebot.core.errors import RiskError

COUNTS: Final = ("max_positions", "max_daily_trades")
_FRACTIONS: Final = ("max_daily_loss", "max_drawdown")


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskLimits:
    """Bounds on single orders, on the account, and on losses. ``None`` leaves a bound out.

    An order that would pass a bound is denied, and the denial recorded with its rule; orders that only reduce a
    position are always let through. A loss beyond a daily bound or ``max_drawdown`` denies every new entry: for
    the rest of the UTC day, or for good.

    Parameters
    ----------
    max_order_quantity : most units of one order.
    max_order_notional : most quote currency of one order.
    max_exposure : gross notional of all positions over equity, after the order; 1 is all of it.
    max_positions : most instruments held at once.
    max_daily_loss : loss since the day's first equity, as a fraction of it in (0, 1); 0.05 is five percent.
    max_daily_loss_amount : the same in quote currency.
    max_daily_trades : most entries sent in a UTC day.
    max_drawdown : loss from the highest equity, as a fraction of it in (0, 1).

    Raises
    ------
    RiskError : a bound is not positive, a fraction is 1 or more, or a count is no whole number.
    """

    max_order_quantity: float | None = None
    max_order_notional: float | None = None
    max_exposure: float | None = None
    max_positions: int | None = None
    max_daily_loss: float | None = None
    max_daily_loss_amount: float | None = None
    max_daily_trades: int | None = None
    max_drawdown: float | None = None

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if value is not None:
                _check(field.name, value)

    def native(self) -> native.RiskLimits:
        """The limits as the native trader holds orders against them."""
        return native.RiskLimits(**asdict(self))


def _check(name: str, value: object) -> None:
    place = f"risk.{name}"
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise RiskError(f"{value!r} is not a number", place=place)
    if not (math.isfinite(value) and value > 0):
        raise RiskError(f"{value:g} is not above 0", place=place, mend="Leave it out for no limit.")
    if name in COUNTS and not isinstance(value, int):
        raise RiskError(f"{value:g} is not a whole number", place=place)
    if name in _FRACTIONS and value >= 1:
        mend = f"Did you mean {value / 100:g} ({value:g} %)?" if value < 100 else "0.05 means five percent."
        raise RiskError(f"{value:g} is 100 % or more", place=place, mend=mend)
