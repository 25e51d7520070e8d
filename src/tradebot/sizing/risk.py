"""A share of equity at risk between entry and stop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tradebot_native import Sizing

from tradebot.core.errors import SizingError
from tradebot.sizing.bounds import check_positive

if TYPE_CHECKING:
    from tradebot.core.instrument import Instrument
    from tradebot.core.portfolio import Portfolio
    from tradebot.core.signal import Signal


@dataclass(frozen=True, slots=True)
class RiskPerTrade:
    """Lose a fixed share of equity if the stop is hit, before costs and gaps.

    Inside a run the quantity never exceeds what the account can hold, so a stop close to the entry risks less.

    Parameters
    ----------
    fraction : share of equity between entry and stop, above 0 and below 1; 0.01 is one percent.

    Raises
    ------
    SizingError : the fraction lies outside its bounds; or, when sizing, a signal has no stop.

    Notes
    -----
    quantity = fraction * equity / (distance to stop * multiplier). Tharp (2007), Trade your way to financial freedom,
    chapter 14, the percent-risk model.
    """

    fraction: float

    def __post_init__(self) -> None:
        check_positive("risk.fraction", self.fraction)
        if self.fraction >= 1:
            mend = "0.01 means one percent."
            raise SizingError(f"{self.fraction:g} is the whole of equity or more", place="risk.fraction", mend=mend)

    def size(self, signal: Signal, portfolio: Portfolio, instrument: Instrument, price: float) -> float:
        """Units that lose the share of equity between ``price`` and the stop; zero once equity is gone."""
        distance, multiplier = stop_distance(signal, price), float(instrument.multiplier)
        return self.native().quantity(portfolio.equity, price, stop_distance=distance, multiplier=multiplier)

    def native(self) -> Sizing:
        """The rule as the native trader runs it, without Python per signal."""
        return Sizing.risk(self.fraction)


def stop_distance(signal: Signal, price: float) -> float:
    """Distance in price from an entry at ``price`` to the signal's nearest stop.

    Raises
    ------
    SizingError : the signal has no stop.
    """
    distances = [
        None if signal.stop_loss is None else abs(price - signal.stop_loss),
        None if signal.stop_loss_pct is None else price * signal.stop_loss_pct,
        signal.trailing_stop,
        None if signal.trailing_stop_pct is None else price * signal.trailing_stop_pct,
    ]
    known = [distance for distance in distances if distance]
    if not known:
        mend = "Give it stop_loss, stop_loss_pct, trailing_stop or trailing_stop_pct."
        raise SizingError("the signal has no stop to measure the risk by", place="risk", mend=mend)
    return min(known)
