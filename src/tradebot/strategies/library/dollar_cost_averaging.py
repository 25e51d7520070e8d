"""The same amount at every date."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from tradebot_native import OrderIntent

from tradebot.core.portfolio import Portfolio
from tradebot.core.protocols import DecisionContext, Snapshot
from tradebot.strategies.bars import Bars
from tradebot.strategies.param import param
from tradebot.strategies.portfolio_policy import PortfolioPolicy
from tradebot.strategies.schedule import CALENDARS, period_of

# The next open may lie above the close that a purchase is worked out on, and its fee comes on top.
_SPENDABLE: Final = 0.95


class DollarCostAveraging(PortfolioPolicy):
    """Buy for the same amount whenever a period of the calendar begins, until the money is spent; never sell.

    Constantinides (1979), A note on the suboptimality of dollar-cost averaging as an investment policy, Journal of
    Financial and Quantitative Analysis 14: a habit rather than an edge, and a yardstick for whoever saves. The amount
    is a share of the equity at the start, split equally between the markets; what a lot leaves over goes into the next
    purchase.
    """

    version = "1.0"
    calendar: str = param("weekly", choices=CALENDARS, doc="When it buys.")
    share: float = param(0.02, ge=0.0001, le=1, doc="Amount of a purchase as a share of the equity at the start.")

    def setup(self, markets: Mapping[str, Bars]) -> None:
        self.saved = dict.fromkeys(markets, 0.0)
        self.amount = 0.0
        self.period = -1

    def decide(self, portfolio: Portfolio, snapshot: Snapshot, context: DecisionContext) -> Sequence[OrderIntent]:
        period = period_of(snapshot.ts, self.calendar)
        if period == self.period:
            return ()
        self.period = period
        # Nothing is held before the first purchase, so that this is the equity at the start.
        self.amount = self.amount or self.share * portfolio.equity / len(self.saved)
        left = _SPENDABLE * portfolio.free_margin
        orders: list[OrderIntent] = []
        for symbol in self.saved:
            self.saved[symbol] += self.amount
            bar, instrument = snapshot.bar(symbol), context.instruments[symbol]
            if bar is None:
                continue
            unit = bar.close * float(instrument.multiplier)
            quantity = float(instrument.snap_quantity(min(self.saved[symbol], max(left, 0.0)) / unit))
            worth = quantity * unit
            if quantity > 0 and quantity >= float(instrument.min_quantity) and worth >= float(instrument.min_notional):
                self.saved[symbol] -= worth
                left -= worth
                orders.append(OrderIntent(symbol, "buy", quantity))
        return orders
