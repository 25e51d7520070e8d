"""`AllocationPolicy`: a policy that says how much of equity each market shall be, and leaves the orders to its base."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from tradebot_native import OrderIntent

from tradebot.core.asset_class import AssetClass
from tradebot.strategies.portfolio_policy import PortfolioPolicy

if TYPE_CHECKING:
    from tradebot.core.instrument import Instrument
    from tradebot.core.portfolio import Portfolio
    from tradebot.core.protocols import DecisionContext, Snapshot

_TAG: Final = "rebalance"


class AllocationPolicy(PortfolioPolicy):
    """An idea that divides equity between markets: give :meth:`shares`.

    What is to be sold is sold at once, and what is to be bought at the next decision: until a sale is filled its money
    is not there to spend.
    """

    _wanting = "shares(self, portfolio, snapshot, context)"

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        self.unbought: dict[str, float] = {}

    def shares(self, portfolio: Portfolio, snapshot: Snapshot, context: DecisionContext) -> Mapping[str, float] | None:
        """Signed share of equity to hold of each market, by symbol; ``None`` where nothing is to change now.

        A market that is not named is left as it is. Where one cannot be sold short, a negative share means none of it.
        """
        raise NotImplementedError

    @classmethod
    def forms(cls) -> tuple[str, ...]:
        return ("policy",) * (cls.shares is not AllocationPolicy.shares)

    def decide(self, portfolio: Portfolio, snapshot: Snapshot, context: DecisionContext) -> Sequence[OrderIntent]:
        wanted = self.shares(portfolio, snapshot, context)
        if wanted is not None:
            self.unbought = dict(wanted)
            if sales := _orders(self.unbought, portfolio, snapshot, context, opening=False):
                return sales
        elif not self.unbought:
            return ()
        due, self.unbought = self.unbought, {}
        return _orders(due, portfolio, snapshot, context, opening=True)


def _orders(
    shares: Mapping[str, float], portfolio: Portfolio, snapshot: Snapshot, context: DecisionContext, *, opening: bool
) -> list[OrderIntent]:
    """Market orders toward the shares: those that open and enlarge positions, or those that close and reduce them."""
    equity = portfolio.equity
    orders: list[OrderIntent] = []
    for symbol, share in shares.items():
        bar, instrument = snapshot.bar(symbol), context.instruments[symbol]
        if bar is None or equity <= 0:
            continue
        unit = bar.close * float(instrument.multiplier)
        wanted = (share if instrument.shortable else max(share, 0.0)) * equity / unit
        if opening:
            order = _opening(wanted, portfolio.quantity(symbol), unit, instrument)
        else:
            order = _closing(wanted, portfolio.open_quantity(symbol), unit, instrument)
        if order is not None and not _is_working(symbol, portfolio):
            orders.append(order)
    return orders


def _is_working(symbol: str, portfolio: Portfolio) -> bool:
    """Whether an order is on its way already: a market that is closed or silent fills it when it trades again."""
    return any(order.type == "market" for order in portfolio.open_orders(symbol))


def _opening(wanted: float, held: float, unit: float, instrument: Instrument) -> OrderIntent | None:
    """Order that brings a position farther from zero; none below the market's smallest one."""
    if wanted * held < 0 or abs(wanted) <= abs(held):
        return None
    quantity = float(instrument.snap_quantity(abs(wanted - held)))
    if _is_below_least(quantity, unit, instrument):
        return None
    return OrderIntent(instrument.symbol, "buy" if wanted > 0 else "sell", quantity, tag=_TAG)


def _closing(wanted: float, held: float, unit: float, instrument: Instrument) -> OrderIntent | None:
    """Order that brings a position nearer to zero; one that is given up or turned is closed whole.

    On spot none is below the market's smallest one, and what would be left below it goes too.
    """
    if held == 0 or (wanted * held > 0 and abs(wanted) >= abs(held)):
        return None
    quantity = float(instrument.snap_quantity(abs(held - wanted)))
    on_spot = instrument.asset_class is AssetClass.SPOT
    if wanted * held <= 0 or (on_spot and _is_below_least(abs(held) - quantity, unit, instrument)):
        quantity = abs(held)
    if quantity == 0 or (on_spot and _is_below_least(quantity, unit, instrument)):
        return None
    return OrderIntent(instrument.symbol, "sell" if held > 0 else "buy", quantity, reduce_only=True, tag=_TAG)


def _is_below_least(quantity: float, unit: float, instrument: Instrument) -> bool:
    """Whether a market takes no order of so many units, each worth ``unit``."""
    few = quantity < float(instrument.min_quantity)
    return quantity <= 0 or few or quantity * unit < float(instrument.min_notional)
