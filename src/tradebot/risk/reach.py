"""Where orders may go at all: the markets allowed, and the distance to a liquidation."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tradebot.core.protocols import Verdict
from tradebot.risk.bounds import check_above_zero

if TYPE_CHECKING:
    from tradebot.core.order import OrderIntent
    from tradebot.core.portfolio import Portfolio
    from tradebot.core.protocols import Snapshot


@dataclass(frozen=True, slots=True)
class AllowedSymbols:
    """Denies orders in markets that are not listed.

    Parameters
    ----------
    symbols : the markets in which positions may be opened.
    """

    symbols: Collection[str]

    def review(self, intent: OrderIntent, portfolio: Portfolio, snapshot: Snapshot) -> Verdict:
        """Allow an order in a listed market."""
        if intent.instrument in self.symbols:
            return Verdict(allowed=True)
        reason = f"{intent.instrument} is not among {', '.join(sorted(self.symbols))}"
        return Verdict(allowed=False, rule="symbol_not_allowed", reason=reason)


@dataclass(frozen=True, slots=True)
class LiquidationDistance:
    """Denies an order when a small move of all prices would liquidate the account, positions as they are.

    Parameters
    ----------
    distance : least adverse move, as a fraction of the gross notional, that equity must bear above its maintenance
        margin; 0.1 is ten percent.

    Raises
    ------
    RiskError : the distance is not positive.
    """

    distance: float

    def __post_init__(self) -> None:
        check_above_zero("liquidation_distance.distance", self.distance)

    def review(self, intent: OrderIntent, portfolio: Portfolio, snapshot: Snapshot) -> Verdict:
        """Allow an order while the account bears the move."""
        held = portfolio.gross_notional
        bearable = portfolio.equity - portfolio.maintenance_margin
        if bearable >= self.distance * held:
            return Verdict(allowed=True)
        reason = f"a move of {max(bearable, 0.0) / held:.1%} would liquidate; required are {self.distance:.1%}"
        return Verdict(allowed=False, rule="liquidation_distance", reason=reason)
