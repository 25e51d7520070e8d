"""Exits that every entry gets which brings none of its own."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, fields

import tradebot_native as native

from tradebot.core.errors import RiskError


@dataclass(frozen=True, slots=True, kw_only=True)
class Protection:
    """Stop, target and trailing stop as fractions of an entry's fill price; ``None`` leaves one out.

    They rest as orders from the entry's fill on. An entry keeps the exits it brings and gets the ones it lacks.

    Parameters
    ----------
    stop_loss_pct : distance of the stop, in (0, 1); 0.05 is five percent.
    take_profit_pct : distance of the target; positive.
    trailing_stop_pct : distance of the trailing stop from the best price, in (0, 1).
    trailing_activation_pct : gain from which the trailing stop follows; at once where ``None``.

    Raises
    ------
    RiskError : a fraction is out of its bounds, or there is an activation without a trailing stop.
    """

    stop_loss_pct: float | None = None
    take_profit_pct: float | None = None
    trailing_stop_pct: float | None = None
    trailing_activation_pct: float | None = None

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if value is not None:
                _check(field.name, value)
        if self.trailing_activation_pct is not None and self.trailing_stop_pct is None:
            raise RiskError(
                "there is no trailing stop to activate",
                place="protection.trailing_activation_pct",
                mend="Give trailing_stop_pct.",
            )

    def native(self) -> native.Protection:
        """The exits as the native trader adds them."""
        return native.Protection(**asdict(self))


def _check(name: str, value: object) -> None:
    place = f"protection.{name}"
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise RiskError(f"{value!r} is not a number", place=place)
    if not (math.isfinite(value) and value > 0):
        raise RiskError(f"{value:g} is not above 0", place=place, mend="Leave it out for none.")
    if name in ("stop_loss_pct", "trailing_stop_pct") and value >= 1:
        raise RiskError(f"{value:g} is 100 % or more", place=place, mend="0.05 means five percent.")
