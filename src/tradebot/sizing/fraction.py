"""A share of equity for every entry."""

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
class FractionOfEquity:
    """Hold a notional that, with the fee of its entry, takes a fixed share of equity.

    Parameters
    ----------
    fraction : share of equity; positive. 1 is all of it, and more needs leverage.

    Raises
    ------
    SizingError : the fraction is not positive.

    Notes
    -----
    quantity = fraction * equity / (price * multiplier * (1 + taker fee)). With a constant edge the growth rate is
    maximal where the fraction is Kelly's (Kelly, 1956, A new interpretation of information rate).
    """

    fraction: float

    def __post_init__(self) -> None:
        check_positive("fraction.fraction", self.fraction)

    def size(self, signal: Signal, portfolio: Portfolio, instrument: Instrument, price: float) -> float:
        """Units whose cost is the share of equity; zero once equity is gone."""
        multiplier, fee_rate = float(instrument.multiplier), float(instrument.taker_fee)
        return self.native().quantity(portfolio.equity, price, multiplier=multiplier, fee_rate=fee_rate)

    def native(self) -> Sizing:
        """The rule as the native trader runs it, without Python per signal."""
        return Sizing.fraction(self.fraction)
