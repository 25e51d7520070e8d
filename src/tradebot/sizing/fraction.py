"""A share of equity for every entry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tradebot.sizing.bounds import check_positive

if TYPE_CHECKING:
    from tradebot_native import Sizing

    from tradebot.core.instrument import Instrument
    from tradebot.core.portfolio import Portfolio
    from tradebot.core.signal import Signal


@dataclass(frozen=True, slots=True)
class FractionOfEquity:
    """Hold a notional that is a fixed share of equity.

    Parameters
    ----------
    fraction : notional over equity at the entry; positive. 1 is all of it, and more needs leverage.

    Raises
    ------
    SizingError : the fraction is not positive.

    Notes
    -----
    quantity = fraction * equity / (price * multiplier). The fixed-fraction rule; with a constant edge and fraction
    f the growth rate is maximal at Kelly's f (Kelly, 1956, A new interpretation of information rate).
    """

    fraction: float

    def __post_init__(self) -> None:
        check_positive("fraction.fraction", self.fraction)

    def size(self, signal: Signal, portfolio: Portfolio, instrument: Instrument, price: float) -> float:
        """Units whose notional is the share of equity; zero once equity is gone."""
        return max(0.0, self.fraction * portfolio.equity) / (price * float(instrument.multiplier))

    def native(self) -> Sizing:
        """The same sizer inside the native trader, where no Python runs per signal."""
        from tradebot_native import Sizing

        return Sizing.fraction(self.fraction)
