"""Files that are whole or not there: written beside their place, forced to the disk, then renamed into it."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Generator
from pathlib import Path
from typing import Final

from tradebot.core.errors import DataError

_FULL: Final = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_FORBIDDEN: Final = {errno.EACCES, errno.EPERM, errno.EROFS}
_UNFINISHED: Final = ".unfinished"


def write_durably(path: Path, content: bytes, *, private: bool = False) -> None:
    """Put a file in place in one step; after a crash it is the old one or the new one, never a part.

    A private one is readable by its owner alone, from before there is anything in it.

    Raises
    ------
    OSError : the disk is full, or the folder cannot be written; nothing is left behind.
    """
    unfinished = path.with_name(f".{path.name}{_UNFINISHED}")
    try:
        if private:
            # Its rights are those it is made with.
            unfinished.unlink(missing_ok=True)
        with open(unfinished, "wb", opener=_open_private if private else None) as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            unfinished.unlink(missing_ok=True)
        raise
    settle_folder(path.parent)


def _open_private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def make_folder(folder: Path) -> None:
    """Make a folder and those above it, each of which is on the disk before anything is put into it."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    settle_folder(folder.parent)


def settle_folder(folder: Path) -> None:
    """Force a folder's names to the disk, where the system can; a rename is not safe before."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def storage_errors(folder: Path) -> Generator[None]:
    """Turn what the system says of a disk into a :class:`DataError` that says what to do."""
    try:
        yield
    except OSError as error:
        place = str(error.filename or folder)
        kept = "What was stored before is untouched."
        if error.errno in _FULL:
            mend = f"Free some space, or keep the data elsewhere by TRADEBOT_HOME. {kept}"
            raise DataError("the disk is full", place=place, mend=mend) from None
        if error.errno in _FORBIDDEN:
            mend = f"Give yourself the right to write there, or keep the data elsewhere by TRADEBOT_HOME. {kept}"
            raise DataError("may not be written", place=place, mend=mend) from None
        raise DataError(f"cannot be written: {error.strerror or error}", place=place, mend=kept) from None
