"""Coins that are a bot's own on an account which knows no owners: the sum of its own trades."""

from __future__ import annotations

from decimal import Decimal

from tradebot.core.fill import COMMISSION, Fill
from tradebot.core.order import halt_id


class Holdings:
    """What the trades of a bot's orders have brought and not sold, by market.

    Whoever begins one gives it the trades on record; then each one that is told, which must be told once.

    Parameters
    ----------
    prefixes : what the client ids of the orders begin with that count; those of other runs' orders do not.
    """

    def __init__(self, prefixes: tuple[str, ...]) -> None:
        self._prefixes = prefixes
        self._halts = tuple(halt_id(prefix.removesuffix("-")) for prefix in prefixes)
        self._recorded: set[tuple[str, str]] = set()
        self._units: dict[str, Decimal] = {}

    def of(self, symbol: str) -> Decimal:
        """Units of a market."""
        return self._units.get(symbol, Decimal(0))

    def counts(self, order_id: str) -> bool:
        """Whether an order is one of those whose trades count; orders of earlier runs trade coins of their own."""
        return order_id.removeprefix(COMMISSION).startswith(self._prefixes)

    def record(self, symbol: str, trade_id: str, order_id: str, change: Decimal) -> None:
        """Count a trade on record, of signed units."""
        self._recorded.add((symbol, trade_id))
        self._count(symbol, order_id, change)

    def tell(self, fill: Fill) -> None:
        """Count a trade that is told, unless it is on record."""
        if (fill.symbol, fill.trade_id) not in self._recorded:
            self._count(fill.symbol, fill.order_id, fill.signed_quantity)

    def adopt(self, symbol: str, change: Decimal) -> None:
        """Count what no trade explains, by which the books have taken what the broker holds."""
        self._units[symbol] = self.of(symbol) + change

    def _count(self, symbol: str, order_id: str, change: Decimal) -> None:
        if not self.counts(order_id):
            return
        if order_id.startswith(self._halts):
            # It sells what earlier runs have left too, which was none of these.
            change = max(change, min(-self.of(symbol), Decimal(0)))
        self.adopt(symbol, change)
