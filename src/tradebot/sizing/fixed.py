"""The same quantity for every entry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tradebot_native import Sizing

from tradebot.sizing.bounds import check_positive

if TYPE_CHECKING:
    from tradebot.core.instrument import Instrument
    from tradebot.core.portfolio import Portfolio
    from tradebot.core.signal import Signal


@dataclass(frozen=True, slots=True)
class FixedQuantity:
    """Hold the same quantity for every signal, whatever equity is.

    Parameters
    ----------
    quantity : units of the instrument; positive.

    Raises
    ------
    SizingError : the quantity is not positive.
    """

    quantity: float

    def __post_init__(self) -> None:
        check_positive("fixed.quantity", self.quantity)

    def size(self, signal: Signal, portfolio: Portfolio, instrument: Instrument, price: float) -> float:
        """Units to hold: always the same."""
        return self.quantity

    def native(self) -> Sizing:
        """The rule as the native trader runs it, without Python per signal."""
        return Sizing.fixed(self.quantity)
