"""What gains and losses are measured from: the day's opening, the highest equity, the last release."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple, TypeGuard

from tradebot.app.standing import opening_equity
from tradebot.core.interval import DAY
from tradebot.store.account_file import FILE
from tradebot.store.ledger.queries import Ledger


class Peak(NamedTuple):
    """Highest equity of a run since it was released last, as far as its curve was read."""

    run_id: str
    release: int
    highest: float
    newest: int


class Days:
    """Remembers what was found of the run at hand; a run that is begun anew has another name."""

    def __init__(self) -> None:
        self._opening: tuple[str, int, float] | None = None
        self._peak = Peak("", 0, 0.0, 0)

    def knows(self, run_id: str, now: int) -> bool:
        """Whether the opening of a run's day is at hand, without a look into the ledger."""
        return self._opening is not None and self._opening[:2] == (run_id, now // DAY)

    def opening(self, folder: Path | None, run_id: str, now: int) -> float | None:
        """Equity of a run as the UTC day of ``now`` (the bot's time, int64 ns) began; ``None`` before its first point.

        Raises
        ------
        JournalError : the ledger cannot be read.
        """
        opening = self._opening
        if opening is not None and opening[:2] == (run_id, now // DAY):
            return opening[2]
        if not _is_kept(folder):
            return None
        found = opening_equity(folder, run_id, now)
        if found is not None:
            self._opening = run_id, now // DAY, found
        return found

    def loss_base(self, folder: Path | None, run_id: str, now: int) -> float | None:
        """The same, or the equity at a release on that day: a released bot counts its losses anew.

        Raises
        ------
        JournalError : the ledger cannot be read.
        """
        if not _is_kept(folder):
            return None
        with Ledger(folder) as ledger:
            released = ledger.released(run_id)
        if released is not None and released.ts // DAY == now // DAY:
            return float(released.equity)
        return self.opening(folder, run_id, now)

    def peak(self, folder: Path | None, run_id: str) -> float | None:
        """Highest equity of a run since it was released last; only what is new of its curve is read.

        Raises
        ------
        JournalError : the ledger cannot be read.
        """
        if not _is_kept(folder):
            return None
        with Ledger(folder) as ledger:
            released = ledger.released(run_id)
            release = 0 if released is None else released.seq
            known = self._peak
            if known[:2] != (run_id, release):
                known = Peak(run_id, release, 0.0, max(release - 1, 0))
            found = ledger.peak(run_id, after=known.newest)
        if found is not None:
            self._peak = known = Peak(run_id, release, max(known.highest, found[0]), found[1])
        return known.highest or None


def _is_kept(folder: Path | None) -> TypeGuard[Path]:
    return folder is not None and (folder / FILE).exists()
