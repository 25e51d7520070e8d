"""Exits that a venue has refused or let fall are tried again: what was to be closed must be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tradebot_native import Exit

from tradebot.core.asset_class import AssetClass
from tradebot.core.order import OrderState
from tradebot.engine.outbox import SECOND

if TYPE_CHECKING:
    import tradebot_native as native

    from tradebot.engine.outbox import Outbox
    from tradebot.engine.plan import Plan

_TIMER: Final = "exit:"
# How an order ends that the venue did not carry out, though nobody has taken it back.
_FALLEN: Final = frozenset({OrderState.REJECTED, OrderState.EXPIRED})


class Exits:
    """Gives an exit that ended unfilled again, after a time that doubles with every such end in a row.

    A strategy says "exit" once; were the order refused, or never to arrive, and nothing done, the position would stay
    open for good.
    """

    def __init__(self, plan: Plan, books: native.Books, trader: native.Trader, outbox: Outbox) -> None:
        self._patience = plan.patience
        self._books = books
        self._trader = trader
        self._outbox = outbox
        self._indices = {instrument.symbol: index for index, instrument in enumerate(plan.instruments)}
        # By market: exits that ended unfilled in a row, and the quantity that is still to be closed.
        self._refused: dict[str, tuple[int, float]] = {}

    def on_ended(self, order_id: str, ts: int) -> None:
        """An order may have ended: if it was to close a position at the market and did not, it is tried again."""
        number = self._books.find(order_id)
        if number is None:
            return
        order = self._books.order(number)
        # One that is gone with a part of it filled counts as canceled.
        fell = order.state in _FALLEN or order.reason == "unknown_order"
        if not fell or order.type != "market" or not order.reduce_only:
            return
        count = self._refused.get(order.symbol, (0, 0.0))[0]
        self._refused[order.symbol] = (count + 1, order.quantity - order.filled)
        self._outbox.wake(ts + int(self._patience.after(count) * SECOND), _TIMER + order.symbol)

    def close(self, symbol: str, tag: str) -> None:
        """Close a position at the market.

        Nothing new is sent where an exit is under way. One that was refused is given again at once, and from the second
        refusal in a row on by the timer alone: who calls here does so after every event, a refusal's among them.
        """
        refusals = self._refused.get(symbol, (0, 0.0))[0]
        if refusals <= 1 or _TIMER + symbol not in self._outbox.timers:
            self._trader.act(self._books, self._indices[symbol], Exit(tag=tag))

    def on_fill(self, symbol: str) -> None:
        """A market has traded: it takes orders again."""
        self._refused.pop(symbol, None)

    def on_timer(self, name: str) -> None:
        """Try again, if the timer is one of ours and there is still something to close."""
        symbol = name.removeprefix(_TIMER)
        refused = self._refused.get(symbol)
        held = abs(self._books.portfolio.quantity(symbol)) if refused else 0.0
        if symbol != name and refused and held:
            self._trader.act(self._books, self._indices[symbol], Exit(min(1.0, refused[1] / held)))

    def state(self) -> dict[str, Any]:
        """What it remembers, as plain data."""
        return {symbol: list(refused) for symbol, refused in self._refused.items()}

    def restore(self, state: dict[str, Any]) -> None:
        """Take back what :meth:`state` gave."""
        self._refused = {symbol: (count, quantity) for symbol, (count, quantity) in state.items()}


def closes_whole(order: native.Order, books: native.Books, plan: Plan) -> bool:
    """Whether an order closes, at the market, all that is held of a perpetual: sent twice it would close no more."""
    is_close = order.reduce_only and order.type == "market"
    is_bounded = plan.markets[order.symbol].asset_class is AssetClass.PERPETUAL
    return is_close and is_bounded and order.quantity - order.filled >= abs(books.portfolio.quantity(order.symbol))
