"""An account that stands still: what its broker says again and again need not be said twice to the trader."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from tradebot.core.account import AccountSnapshot
from tradebot.core.event import (
    BarClosed,
    EquityMarked,
    Event,
    FeedHealth,
    History,
    Output,
    QuoteSeen,
    SetTimer,
    TickSeen,
    Timer,
)
from tradebot.core.interval import SECOND
from tradebot.engine.trader import Trader

_LONGEST_NS: Final = 3_600 * SECOND
# What happens all the time, and moves neither orders nor positions unless the trader answers it.
_PASSING: Final = BarClosed | TickSeen | QuoteSeen | History | FeedHealth | Timer
_IDLE: Final = EquityMarked | SetTimer


class Standstill:
    """Knows the snapshot with which the books agree, as long as nothing has happened since.

    A broker is asked every few seconds. Where its snapshot agreed with the books to the full and the trader has neither
    done nor heard anything since, one that says the same would change nothing: it is held against the earlier one, and
    neither the trader takes it nor the record. So a record grows by what happens, and not with the time.

    An hour after one that was taken the next is taken in any case. The record is known to be whole up to there.

    Parameters
    ----------
    trader : says whether the snapshot it took last agreed with its books.
    """

    def __init__(self, trader: Trader) -> None:
        self._trader = trader
        self._agreed: AccountSnapshot | None = None

    def is_known(self, event: Event) -> bool:
        """Whether an event is a snapshot that says what is known already."""
        known = self._agreed
        if known is None or not isinstance(event, AccountSnapshot) or event.ts >= known.ts + _LONGEST_NS:
            return False
        return _held(event) == _held(known) and all(fill in known.fills for fill in event.fills)

    def seen(self, event: Event, outputs: Sequence[Output]) -> None:
        """The trader has taken an event."""
        has_acted = any(not isinstance(output, _IDLE) for output in outputs)
        if isinstance(event, AccountSnapshot):
            self._agreed = event if self._trader.agrees and not has_acted else None
        elif has_acted or not isinstance(event, _PASSING):
            self._agreed = None


def _held(snapshot: AccountSnapshot) -> tuple[Any, ...]:
    return snapshot.orders, snapshot.positions, snapshot.balances
