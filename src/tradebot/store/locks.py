"""One writer of a folder at a time, over processes and threads."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Generator
from pathlib import Path
from typing import Final

from tradebot.core.errors import DataError

LOCK_NAME: Final = ".lock"
PATIENCE_S: Final = 30.0
_PAUSE_S: Final = 0.02


@contextlib.contextmanager
def writing(folder: Path, *, patience_s: float = PATIENCE_S) -> Generator[None]:
    """Hold the folder's lock for the block; the system takes it back when the process ends, however it ends.

    Raises
    ------
    DataError : another writer held it for ``patience_s`` seconds.
    OSError : the lock file cannot be made.
    """
    # Opened without emptying it: it may hold the name of the process that has the lock.
    descriptor = os.open(folder / LOCK_NAME, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        deadline = time.monotonic() + patience_s
        while not _taken(descriptor):
            if time.monotonic() >= deadline:
                raise DataError(
                    f"another process{holder(folder)} has been writing for {patience_s:g} s",
                    place=str(folder),
                    mend="Wait until it is done, or end it, and try again. Nothing was changed.",
                )
            time.sleep(_PAUSE_S)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0) if hasattr(os, "pwrite") else None
        yield
    finally:
        # Closing gives the lock back.
        os.close(descriptor)


def is_free(folder: Path) -> bool:
    """Whether no process writes in the folder just now."""
    try:
        descriptor = os.open(folder / LOCK_NAME, os.O_RDWR)
    except FileNotFoundError:
        return True
    try:
        return _taken(descriptor)
    finally:
        os.close(descriptor)


if sys.platform == "win32":
    import msvcrt

    # A byte far behind the text, so that the holder's number stays readable.
    _LOCKED_BYTE: Final = 1 << 20

    def _taken(descriptor: int) -> bool:
        os.lseek(descriptor, _LOCKED_BYTE, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _taken(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def holder(folder: Path) -> str:
    """Number of the process that has the folder's lock, in parentheses after a space; empty where it is not known."""
    try:
        number = (folder / LOCK_NAME).read_text().strip()
    except OSError:
        return ""
    return f" ({number})" if number.isdigit() else ""
