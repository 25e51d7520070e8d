"""What trades, works or is held in the markets of a run and was never sent from here."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from tradebot.core.decimals import exact
from tradebot.core.fill import COMMISSION
from tradebot.core.order import is_final

if TYPE_CHECKING:
    import tradebot_native as native

    from tradebot.core.event import Adopted, OrderUpdate
    from tradebot.core.fill import Fill
    from tradebot.engine.outbox import Outbox
    from tradebot.engine.plan import Plan
    from tradebot.engine.quarantine import Quarantine

# How venues name the orders they force on an account, the tag of each in the books, and what is told of it: those of
# Binance ("Event: Order Update" of the USD-M user data streams), and the simulated exchange's liquidations.
_FORCED: Final = {
    "autoclose-": ("liquidation", "was liquidated"),
    "liquidation-": ("liquidation", "was liquidated"),
    "adl_autoclose": ("deleveraging", "was deleveraged by the venue"),
    "settlement_autoclose-": ("settlement", "was settled by the venue"),
}
_FOREIGN: Final = ("foreign", "was traded by another")


class Foreign:
    """Takes up what others do on the account; its market then takes no entries until a person has looked.

    Parameters
    ----------
    plan : the run.
    books : the account.
    outbox : where records go.
    quarantine : closes markets.
    book : books a trade of an order by its number in the books.
    """

    def __init__(
        self,
        plan: Plan,
        books: native.Books,
        outbox: Outbox,
        quarantine: Quarantine,
        book: Callable[[int, Fill], bool],
    ) -> None:
        self._plan = plan
        self._books = books
        self._outbox = outbox
        self._quarantine = quarantine
        self._book = book

    def on_update(self, event: OrderUpdate) -> None:
        """Take what a broker says of an order that the books do not know."""
        if event.fill is not None:
            self.adopt(event.fill)
        elif not is_final(event.state):
            self.on_order(event.order_id, event.symbol)

    def on_order(self, order_id: str, symbol: str) -> None:
        """An order works in one of the markets."""
        if symbol in self._plan.markets and symbol not in self._quarantine.symbols:
            self._quarantine.close(symbol, f"{order_id} ({symbol}) was never sent from here")

    def adopt(self, fill: Fill) -> None:
        """Book a trade: a liquidation, a person's, coins of a fee."""
        if fill.symbol not in self._plan.markets or self._books.knows_trade(fill.symbol, fill.trade_id):
            return
        taken = fill.order_id.startswith(COMMISSION)
        forced = (words for name, words in _FORCED.items() if fill.order_id.startswith(name))
        tag, what = ("commission", "") if taken else next(forced, _FOREIGN)
        self._take(fill, tag)
        if not taken:
            self._quarantine.close(fill.symbol, f"{fill.symbol} {what}: {fill.side} {fill.quantity} at {fill.price}")

    def adopt_position(self, found: Adopted) -> None:
        """Take a position as the broker holds it."""
        held = self._books.portfolio.quantity(found.symbol)
        fill = found.fill(exact(held))
        if fill is None:
            return
        self._take(fill, _FOREIGN[0])
        self._outbox.add(found)
        fact = f"{found.symbol}: the books hold {held:g} and take what the broker holds, {found.quantity:f}, though no"
        self._quarantine.close(found.symbol, f"{fact} trade explains it")

    def _take(self, fill: Fill, tag: str) -> None:
        number = self._books.adopt(fill.order_id, fill.symbol, fill.side, float(fill.quantity), tag)
        self._book(number, fill)
