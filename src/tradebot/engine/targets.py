"""Targets that a process has left behind: those that do not rest any more are put back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tradebot.core.event import Severity
from tradebot.core.order import OrderState

if TYPE_CHECKING:
    from collections.abc import Sequence

    import tradebot_native as native

    from tradebot.engine.inquiries import Inquiries
    from tradebot.engine.outbox import Outbox

_TAG = "take_profit"


class Targets:
    """Puts back the targets that are gone when another process takes the run up.

    One that dies amid an exchange of exits, or before an exit has left, leaves a position without its target. Once the
    fate of every order of the market is known, a target that nobody has asked to be taken back, and that does not rest,
    is sent again for what is left of the position. One that ends while the bot runs is not: somebody wanted it so.
    """

    def __init__(self, books: native.Books, inquiries: Inquiries, outbox: Outbox) -> None:
        self._books = books
        self._inquiries = inquiries
        self._outbox = outbox
        # Numbers of those that the process before has left behind, until it is known whether they rest.
        self._left: set[int] = set()

    def on_resumed(self) -> None:
        """Another process takes the run up: note what should rest by now."""
        for order in self._books.open_orders():
            was_sent = order.state != OrderState.INITIALIZED
            if order.tag == _TAG and order.parent is not None and was_sent and not order.reason:
                self._left.add(order.id)

    def check(self) -> None:
        """Put back those that are known not to rest."""
        for number in sorted(self._left):
            symbol = self._books.order(number).symbol
            if self._inquiries.concerns(symbol):
                continue
            self._left.discard(number)
            again = self._books.put_back_target(number)
            if again is not None:
                quantity = self._books.order(again).quantity
                text = f"{symbol} lacks its target for {quantity:g} units: it is put back"
                self._outbox.notify(Severity.WARNING, text)

    def state(self) -> list[int]:
        """What it remembers, as plain data."""
        return sorted(self._left)

    def restore(self, state: Sequence[int]) -> None:
        """Take back what :meth:`state` gave."""
        self._left = set(state)
