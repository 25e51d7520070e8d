"""Ledgers that stay open between questions: to open one costs more than most of its answers."""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Generator
from pathlib import Path
from typing import Final, NamedTuple

from tradebot.store.account_file import FILE
from tradebot.store.ledger.queries import Ledger

_IDLE: Final = 2


class _File(NamedTuple):
    """Which file it is, and whether it is still read as it was opened."""

    path: Path
    device: int
    number: int
    has_log: bool


class KeptOpen:
    """Lends ledgers to any thread, each to one at a time; two at most are kept open while nobody asks."""

    def __init__(self) -> None:
        self._idle: deque[tuple[_File, Ledger]] = deque()

    @contextlib.contextmanager
    def ledger(self, folder: Path) -> Generator[Ledger]:
        """A ledger of an account for the block.

        Raises
        ------
        JournalError : there is none, or it is of another version.
        """
        file = _file(folder / FILE)
        ledger = self._taken(file) or Ledger(folder)
        try:
            yield ledger
        except BaseException:
            ledger.close()
            raise
        if file is None or len(self._idle) >= _IDLE:
            ledger.close()
        else:
            self._idle.append((file, ledger))

    def close(self) -> None:
        """Close those that nobody uses."""
        while self._idle:
            self._idle.popleft()[1].close()

    def _taken(self, file: _File | None) -> Ledger | None:
        """One of this very file; any other, as of an account that was set aside, is closed."""
        with contextlib.suppress(IndexError):
            while True:
                known, ledger = self._idle.popleft()
                if known == file:
                    return ledger
                ledger.close()
        return None


def _file(path: Path) -> _File | None:
    try:
        found = path.stat()
    except OSError:
        return None
    # Where nobody writes and nothing can be written a ledger is read as one that never changes.
    return _File(path, found.st_dev, found.st_ino, path.with_name(f"{path.name}-wal").exists())
