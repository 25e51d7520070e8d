"""From when on a broker is asked for what a record may lack."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final, Protocol

from tradebot.core.interval import SECOND

if TYPE_CHECKING:
    from tradebot.core.journal import RunStarted
    from tradebot.store.journal.reading import Known

# A venue may show a trade only a while after it was made.
_LAG_NS: Final = 60 * SECOND
# Venues tell the time in milliseconds.
_NEXT_NS: Final = 1_000_000


class Record(Protocol):
    """A journal, as far as it is asked here."""

    def beginning(self, run_id: str) -> RunStarted | None:
        """How a run began."""
        ...

    def known_until(self, run_id: str) -> Known | None:
        """Up to when the record of a run is whole."""
        ...


def told_until(journal: Record, begun: RunStarted | None) -> int | None:
    """Time from which a broker tells what the record of a run may lack, int64 ns UTC; ``None`` for a new run.

    Up to the run's latest snapshot everything was asked for; what is on record after it proves nothing of those before.
    The times are the exchange's: those of its trades, and its clock where none is on record. What the account has on
    record of earlier runs, or what happened before this one, is none of it.
    """
    known = None if begun is None else journal.known_until(begun.run_id)
    if known is None or begun is None:
        return None
    newest = known.compared if known.newest is None else known.newest
    since = max(newest - _LAG_NS, 0 if known.earlier is None else known.earlier + _NEXT_NS)
    # A market that is played faster or later than it was has trades that know nothing of the exchange's clock.
    return since if newest < begun.ts else max(since, begun.ts)


def account_told_until(journal: Record, runs: Iterable[str]) -> int | None:
    """Like :func:`told_until`, for all runs of an account on spot, the newest first.

    Each of them hears of its forerunners' orders too, so that the record is whole up to the newest that was held
    against the account.
    """
    found = (told_until(journal, journal.beginning(run_id)) for run_id in runs)
    return next((since for since in found if since is not None), None)
