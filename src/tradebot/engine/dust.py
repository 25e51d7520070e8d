"""Coins on spot that are worth less than the least order: nothing can sell them, and that is said once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tradebot.core.decimals import exact
from tradebot.core.event import Severity

if TYPE_CHECKING:
    import tradebot_native as native

    from tradebot.core.instrument import Instrument
    from tradebot.core.position import Position
    from tradebot.engine.outbox import Outbox
    from tradebot.engine.plan import Plan


def stays(position: Position, instrument: Instrument) -> str:
    """Why a position that is dust cannot be closed."""
    quantity, least = exact(abs(position.quantity)), instrument.min_notional
    bound = f"{least.normalize():f} {instrument.quote}"
    if quantity < instrument.min_quantity:
        bound = f"{instrument.min_quantity.normalize():f} {instrument.base}"
    held = f"{quantity.normalize():f} {instrument.base} worth {position.notional:.2f} {instrument.quote}"
    return f"{held} stays: below the least order of {bound}"


class Dust:
    """Tells of what is left of a position and cannot be sold.

    To the books such a market is flat: it is bought again as any other, and the next sale takes along what stayed.
    """

    def __init__(self, plan: Plan, books: native.Books, outbox: Outbox) -> None:
        self._markets = plan.markets
        self._books = books
        self._outbox = outbox
        # Quantity that was told last, by market.
        self._told: dict[str, float] = {}

    def tell(self) -> None:
        """Tell what has become dust, once nothing is under way that could change it."""
        positions = {each.symbol: each for each in self._books.portfolio.positions()}
        self._told = {symbol: told for symbol, told in self._told.items() if symbol in positions}
        for symbol, position in positions.items():
            if not position.is_dust or self._told.get(symbol) == position.quantity or self._books.open_orders(symbol):
                continue
            self._told[symbol] = position.quantity
            self._outbox.notify(Severity.INFO, stays(position, self._markets[symbol]))

    def state(self) -> dict[str, float]:
        """What it remembers, as plain data."""
        return dict(self._told)

    def restore(self, state: dict[str, float]) -> None:
        """Take back what :meth:`state` gave."""
        self._told = dict(state)
