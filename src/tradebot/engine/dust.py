"""Coins on spot that are worth less than the least order: nothing can sell or protect them, and that is said once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tradebot.core.decimals import exact
from tradebot.core.event import Severity
from tradebot.core.order import OrderState

if TYPE_CHECKING:
    from collections.abc import Mapping

    import tradebot_native as native

    from tradebot.core.instrument import Instrument
    from tradebot.core.position import Position
    from tradebot.engine.outbox import Outbox
    from tradebot.engine.plan import Plan

_RESTING: Final = frozenset({OrderState.ACCEPTED, OrderState.TRIGGERED, OrderState.PARTIALLY_FILLED})


def stays(position: Position, instrument: Instrument) -> str:
    """Why a position that is dust cannot be closed."""
    return _too_little(abs(position.quantity), position, instrument, "stays")


def _too_little(units: float, position: Position, instrument: Instrument, what: str) -> str:
    quantity, least = exact(units), instrument.min_notional
    bound = f"{least.normalize():f} {instrument.quote}"
    if quantity < instrument.min_quantity:
        bound = f"{instrument.min_quantity.normalize():f} {instrument.base}"
    worth = units * position.mark_price
    held = f"{quantity.normalize():f} {instrument.base} worth {worth:.2f} {instrument.quote}"
    return f"{held} {what}: below the least order of {bound}"


class Dust:
    """Tells of what is left of a position and cannot be sold, and of a part of one that lacks its stop and gets none.

    To the books such a market is flat: it is bought again as any other, and the next sale takes along what stayed.
    """

    def __init__(self, plan: Plan, books: native.Books, outbox: Outbox) -> None:
        self._markets = plan.markets
        self._books = books
        self._outbox = outbox
        # Quantity that was told last, by market: of whole positions, and of parts without a stop.
        self._told: dict[str, float] = {}
        self._bare: dict[str, float] = {}

    def tell(self) -> None:
        """Tell what has become dust, once nothing is under way that could change it."""
        positions = {each.symbol: each for each in self._books.portfolio.positions()}
        self._tell_bare(positions)
        self._told = {symbol: told for symbol, told in self._told.items() if symbol in positions}
        for symbol, position in positions.items():
            if not position.is_dust or self._told.get(symbol) == position.quantity or self._books.open_orders(symbol):
                continue
            self._told[symbol] = position.quantity
            self._outbox.notify(Severity.INFO, stays(position, self._markets[symbol]))

    def _tell_bare(self, positions: Mapping[str, Position]) -> None:
        """Tell of a part that is dust, once no order is under way that could be its stop."""
        parts = {symbol: self._books.bare_dust(symbol) for symbol, each in positions.items() if not each.is_dust}
        self._bare = {symbol: told for symbol, told in self._bare.items() if parts.get(symbol)}
        for symbol, units in parts.items():
            if not units or self._bare.get(symbol) == units:
                continue
            if all(order.state in _RESTING for order in self._books.open_orders(symbol)):
                self._bare[symbol] = units
                text = _too_little(units, positions[symbol], self._markets[symbol], "has no stop")
                self._outbox.notify(Severity.WARNING, text)

    def state(self) -> dict[str, dict[str, float]]:
        """What it remembers, as plain data."""
        return {"told": dict(self._told), "bare": dict(self._bare)}

    def restore(self, state: dict[str, dict[str, float]]) -> None:
        """Take back what :meth:`state` gave."""
        self._told, self._bare = dict(state["told"]), dict(state["bare"])
