"""What the account was worth when a day began, found once a day."""

from __future__ import annotations

from pathlib import Path

from tradebot.store.journal import FILE
from tradebot.store.ledger.queries import Ledger

_POINTS = 5_000


class Days:
    """Remembers the equity at the beginning of the day at hand."""

    def __init__(self) -> None:
        self._known: tuple[Path | None, int, float] | None = None

    def opening(self, folder: Path | None, day: int) -> float | None:
        """Equity at the first point of the day (its midnight in int64 ns UTC); ``None`` where there is none yet."""
        known = self._known
        if known is not None and known[:2] == (folder, day):
            return known[2]
        if folder is None or not (folder / FILE).exists():
            return None
        with Ledger(folder) as ledger:
            points = [point for point in ledger.equity(limit=_POINTS) if point.ts >= day]
        if not points:
            return None
        found = float(points[-1].equity)
        self._known = (folder, day, found)
        return found
