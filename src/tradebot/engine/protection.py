"""Keeps the invariant: an open position whose entry asked for a stop has one resting, or is closed."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from tradebot_native import Exit

from tradebot.core.event import Severity
from tradebot.engine.outbox import SECOND

if TYPE_CHECKING:
    import tradebot_native as native

    from tradebot.engine.outbox import Outbox
    from tradebot.engine.plan import Plan

TIMER: Final = "protection"
# A venue that has refused two stops in a row will refuse the third.
_MOST_REFUSALS: Final = 2


class Protection:
    """Looks at every position after every event, and by a timer while one is bare.

    A missing stop is put back at once. Where the market has passed its price, or the venue refuses it twice, the
    position is closed at the market instead.
    """

    def __init__(self, plan: Plan, books: native.Books, trader: native.Trader, outbox: Outbox) -> None:
        self._plan = plan
        self._books = books
        self._trader = trader
        self._outbox = outbox
        self._indices = {instrument.symbol: index for index, instrument in enumerate(plan.instruments)}
        # Stops that were put back and refused, in a row, by market.
        self._refusals: dict[str, int] = {}

    def on_refusal(self, order_id: str, symbol: str) -> None:
        """A venue has refused an order: it may have been a stop."""
        number = self._books.find(order_id)
        if number is not None and "stop" in self._books.order(number).type:
            self._refusals[symbol] = self._refusals.get(symbol, 0) + 1

    def check(self, ts: int) -> None:
        """See to it that no position is bare."""
        bare = False
        for position in self._books.portfolio.positions():
            missing = self._books.missing_stop(position.symbol)
            if missing is None:
                self._refusals.pop(position.symbol, None)
                continue
            bare = True
            self._cover(position, *missing)
        if bare and TIMER not in self._outbox.timers:
            self._outbox.wake(ts + int(self._plan.patience.protection * SECOND), TIMER)

    def _cover(self, position: native.Position, trigger: float, quantity: float) -> None:
        symbol = position.symbol
        passed = not math.isnan(trigger) and (position.mark_price - trigger) * position.quantity <= 0
        refused = self._refusals.get(symbol, 0) >= _MOST_REFUSALS
        if not passed and not refused:
            self._outbox.notify(Severity.WARNING, f"{symbol} lacks its stop for {quantity:g} units: it is put back")
            self._books.put_back_stop(symbol)
            return
        self._refusals.pop(symbol, None)
        why = f"the market has passed its stop at {trigger:g}" if passed else "its stop was refused"
        self._outbox.notify(Severity.CRITICAL, f"{symbol}: {why}, so its position of {position.quantity:g} is closed")
        self._trader.act(self._books, self._indices[symbol], Exit(tag="stop_loss"))

    def state(self) -> dict[str, Any]:
        """What it remembers, as plain data."""
        return dict(self._refusals)

    def restore(self, state: dict[str, Any]) -> None:
        """Take back what :meth:`state` gave."""
        self._refusals = dict(state)
