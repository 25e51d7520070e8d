"""From a time to the place in the record where it stood."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from tradebot.api.record import read
from tradebot.api.services import Services
from tradebot.core.instant import to_ns

if TYPE_CHECKING:
    from tradebot.store.ledger.queries import Ledger

Newest = Callable[[int | None], tuple[int, int] | None]
"""Number and time (int64 ns UTC) of the newest row whose number lies below one; ``None`` where there is none."""

_BEGINNING: Final = 0


def place_after(newest: Newest, ts: int) -> int | None:
    """The number below which the rows lie that are no younger than a time; ``None`` where all of them are.

    The record is halved again and again, so that a long one costs few questions. Its times grow with its numbers, as
    those of one market's clock do; where they do not, the place is one of those at which they pass the time.

    Parameters
    ----------
    newest : asks the record.
    ts : int64 ns UTC.
    """
    last = newest(None)
    if last is None or last[1] <= ts:
        return None
    known, above = _BEGINNING, last[0]
    while above - known > 1:
        middle = (known + above) // 2
        found = newest(middle + 1)
        if found is None or found[1] <= ts:
            known = middle
        else:
            above = found[0]
    return above


def place_of_signals(services: Services, until: str) -> str | None:
    """The cursor of a page of signals that begins with the last one given up to a time; ``None`` for the newest page.

    Raises
    ------
    JournalError : the record cannot be read.
    """
    ts = to_ns(until)

    def place(ledger: Ledger) -> list[int | None]:
        def newest(before: int | None) -> tuple[int, int] | None:
            return next(((row.seq, row.ts) for row in ledger.signals(before=before, limit=1)), None)

        return [place_after(newest, ts)]

    return next((str(found) for found in read(services, place) if found is not None), None)
