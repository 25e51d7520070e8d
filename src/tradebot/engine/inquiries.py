"""Orders whose fate is not known: asked about with growing patience, never sent again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from tradebot.core.event import Query, Severity
from tradebot.engine.outbox import SECOND

if TYPE_CHECKING:
    from tradebot.engine.outbox import Outbox
    from tradebot.engine.plan import Patience

_TIMER: Final = "query:"


class Inquiry(msgspec.Struct):
    """What is known of one order that was asked about.

    Parameters
    ----------
    symbol : its market, which takes no new entries meanwhile.
    since : when its fate became unknown, int64 ns UTC.
    queries : times the broker was asked.
    absences : times the broker did not know it.
    alarmed : whether the operator was told that it stays unresolved.
    """

    symbol: str
    since: int
    queries: int = 0
    absences: int = 0
    alarmed: bool = False


class Inquiries:
    """Asks about orders until an answer comes.

    "Not found" just after a send is no answer: an order is taken for absent only after ``patience.queries`` of them,
    spread over ``patience.grace``, or after ``patience.closing`` where it only closes. Silence is none either: it is
    asked on and on, and the operator is told.
    """

    def __init__(self, patience: Patience, outbox: Outbox) -> None:
        self._patience = patience
        self._outbox = outbox
        self._open: dict[str, Inquiry] = {}

    def __contains__(self, order_id: str) -> bool:
        return order_id in self._open

    def concerns(self, symbol: str) -> bool:
        """Whether an order of a market is unresolved."""
        return any(inquiry.symbol == symbol for inquiry in self._open.values())

    def open(self, order_id: str, symbol: str, ts: int) -> None:
        """Begin to ask about an order; nothing new where it is asked about already."""
        if order_id not in self._open:
            self._open[order_id] = Inquiry(symbol, ts)
            self._wake(order_id, ts)

    def close(self, order_id: str) -> None:
        """An answer has come."""
        if self._open.pop(order_id, None):
            self._outbox.timers.pop(_TIMER + order_id, None)

    def on_timer(self, name: str, ts: int) -> None:
        """Ask again, if the timer is one of ours."""
        order_id = name.removeprefix(_TIMER)
        inquiry = self._open.get(order_id)
        if order_id == name or inquiry is None:
            return
        inquiry.queries += 1
        self._outbox.add(Query(order_id))
        self._wake(order_id, ts)
        waited = ts - inquiry.since
        if waited >= self._patience.alarm * SECOND and not inquiry.alarmed:
            inquiry.alarmed = True
            fact = f"{order_id} ({inquiry.symbol}) has been unresolved for {waited / SECOND:.0f} s"
            self._outbox.notify(Severity.CRITICAL, f"{fact}; the market takes no entries. Look it up at the broker.")

    def is_absent(self, order_id: str, ts: int, *, closes: bool) -> bool:
        """Take one "not found"; whether the broker has by now said it often and long enough to be believed.

        Parameters
        ----------
        closes : whether the order only closes, which no second one could do once more.
        """
        inquiry = self._open.get(order_id)
        if inquiry is None:
            return False
        inquiry.absences += 1
        waited = ts - inquiry.since
        if closes and waited >= self._patience.closing * SECOND:
            return True
        return waited >= self._patience.grace * SECOND and inquiry.absences >= self._patience.queries

    def state(self) -> dict[str, Any]:
        """What is being asked about, as plain data."""
        return {order_id: msgspec.structs.asdict(inquiry) for order_id, inquiry in self._open.items()}

    def restore(self, state: dict[str, Any]) -> None:
        """Take back what :meth:`state` gave."""
        self._open = {order_id: Inquiry(**fields) for order_id, fields in state.items()}

    def _wake(self, order_id: str, ts: int) -> None:
        seconds = self._patience.after(self._open[order_id].queries)
        self._outbox.wake(ts + int(seconds * SECOND), _TIMER + order_id)
