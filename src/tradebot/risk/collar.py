"""No order far from the market: a wrong price is a wrong order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tradebot.core.protocols import Verdict
from tradebot.risk.bounds import check_above_zero

if TYPE_CHECKING:
    from tradebot.core.order import OrderIntent
    from tradebot.core.portfolio import Portfolio
    from tradebot.core.protocols import Snapshot


@dataclass(frozen=True, slots=True)
class PriceCollar:
    """Denies an order whose limit or trigger lies too far from the last price.

    Parameters
    ----------
    distance : largest distance as a fraction of the last price; 0.05 is five percent.

    Raises
    ------
    RiskError : the distance is not positive.

    Notes
    -----
    RTS 6 (EU 2017/589), article 15(1)(a), asks for price collars in pre-trade controls.
    """

    distance: float

    def __post_init__(self) -> None:
        check_above_zero("price_collar.distance", self.distance)

    def review(self, intent: OrderIntent, portfolio: Portfolio, snapshot: Snapshot) -> Verdict:
        """Allow an order near the market, and one at the market."""
        last = portfolio.position(intent.instrument).mark_price
        for name, price in (("price", intent.price), ("trigger", intent.trigger)):
            if price is not None and not abs(price - last) <= self.distance * last:
                away = abs(price / last - 1)
                reason = (
                    f"its {name} {price:g} is {away:.1%} from the last price {last:g}; allowed are {self.distance:.1%}"
                )
                return Verdict(allowed=False, rule="price_collar", reason=reason)
        return Verdict(allowed=True)
