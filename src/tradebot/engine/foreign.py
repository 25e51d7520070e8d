"""What trades, works or is held in the markets of a run and was never sent from here."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import msgspec

from tradebot.core.asset_class import AssetClass
from tradebot.core.decimals import exact
from tradebot.core.event import Adopted, Severity
from tradebot.core.fill import COMMISSION
from tradebot.core.order import Side, halt_id, is_final

if TYPE_CHECKING:
    import tradebot_native as native

    from tradebot.core.event import OrderUpdate
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
        # By market: when its position was last taken as the broker holds it, at what price, and when it was put right.
        self._adopted: dict[str, tuple[int, float, int]] = {}

    def is_of_halt(self, order_id: str) -> bool:
        """Whether a halt has sent an order, from another process, to close positions of this run."""
        return order_id.startswith(halt_id(self._plan.run_id))

    def on_update(self, event: OrderUpdate) -> None:
        """Take what a broker says of an order that the books do not know."""
        if event.fill is not None:
            self.adopt(event.fill)
        elif not is_final(event.state):
            self.on_order(event.order_id, event.symbol)

    def on_order(self, order_id: str, symbol: str) -> None:
        """An order works in one of the markets."""
        if self.is_of_halt(order_id):
            return
        if symbol in self._plan.markets and symbol not in self._quarantine.symbols:
            self._quarantine.close(symbol, f"{order_id} ({symbol}) was never sent from here")

    def adopt(self, fill: Fill) -> None:
        """Book a trade: a liquidation, a person's, coins of a fee."""
        if fill.symbol not in self._plan.markets or self._books.knows_trade(fill.symbol, fill.trade_id):
            return
        if (own := self._own_part(fill)) is None:
            self._books.skip_trade(fill.symbol, fill.trade_id)
            return
        fill = own
        if self.is_of_halt(fill.order_id):
            self._take(fill, "halt")
            fact = f"{fill.symbol} was closed by a halt: {fill.side} {fill.quantity} at {fill.price}"
            self._outbox.notify(Severity.WARNING, f"{fact}.")
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
        self._adopted[found.symbol] = (found.ts, float(found.price), found.ts)
        fact = f"{found.symbol}: the books hold {held:g} and take what the broker holds, {found.quantity:f}, though no"
        self._quarantine.close(found.symbol, f"{fact} trade explains it")

    def hold(self, fill: Fill, held: float) -> None:
        """Put a position right after a trade that is a part of it already.

        What was made before a position was taken as the broker holds it, and is told afterwards, moves nothing more: it
        belongs to its order, and what stood for it in the books goes.

        Parameters
        ----------
        fill : the trade, booked just now.
        held : signed units that were held before it.
        """
        adopted = self._adopted.get(fill.symbol)
        if adopted is None or fill.ts >= adopted[0]:
            return
        taken_at, price, righted = adopted
        # No two of them have one name.
        righted += 1
        self._adopted[fill.symbol] = (taken_at, price, righted)
        currency = self._plan.markets[fill.symbol].quote
        found = Adopted(ts=righted, symbol=fill.symbol, quantity=exact(held), price=exact(price), currency=currency)
        back = found.fill(exact(self._books.portfolio.quantity(fill.symbol)))
        if back is None:
            return
        self._take(back, _FOREIGN[0])
        self._outbox.add(found)
        fact = (
            f"{fill.order_id} ({fill.symbol}) has traded {fill.quantity} before the position was taken from the broker"
        )
        self._outbox.notify(Severity.WARNING, f"{fact}, which stays as it was.")

    def state(self) -> dict[str, Any]:
        """What it remembers, as plain data."""
        return {symbol: list(adopted) for symbol, adopted in self._adopted.items()}

    def restore(self, state: dict[str, Any]) -> None:
        """Take back what :meth:`state` gave."""
        self._adopted = {symbol: (taken_at, price, righted) for symbol, (taken_at, price, righted) in state.items()}

    def _own_part(self, fill: Fill) -> Fill | None:
        """What of a trade moves the position of this run; ``None`` for nothing.

        Coins tell no owner: the account's record has those of its earlier runs, which trade under their own names and
        are none of this one's; and a halt sells what all of them have left.
        """
        if self._plan.markets[fill.symbol].asset_class is not AssetClass.SPOT:
            return fill
        if not fill.order_id.removeprefix(COMMISSION).startswith(f"{self._plan.run_id}-"):
            return None
        if not self.is_of_halt(fill.order_id):
            return fill
        held = exact(self._books.portfolio.quantity(fill.symbol))
        quantity = min(fill.quantity, held) if fill.side is Side.SELL else exact(0)
        if quantity <= 0:
            return None
        return msgspec.structs.replace(fill, quantity=quantity, fee=fill.fee * quantity / fill.quantity)

    def _take(self, fill: Fill, tag: str) -> None:
        number = self._books.adopt(fill.order_id, fill.symbol, fill.side, float(fill.quantity), tag)
        self._book(number, fill)
