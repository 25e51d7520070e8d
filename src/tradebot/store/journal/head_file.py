"""The journal's head in a file beside it, so that a database that was cut off, or an older copy, is noticed."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Final

import msgspec

from tradebot.core.errors import JournalError
from tradebot.core.journal import Head
from tradebot.store.durable import write_durably
from tradebot.store.journal.reading import check_head

NAME: Final = "head.json"


def write(file: Path, head: Head) -> None:
    """Export a head to a file.

    Raises
    ------
    OSError : the disk is full, or may not be written.
    """
    write_durably(file, msgspec.json.encode(head) + b"\n")


def read(file: Path) -> Head:
    """The head in a file.

    Raises
    ------
    JournalError : the file is missing or holds no head.
    """
    try:
        return msgspec.json.decode(file.read_bytes(), type=Head)
    except (OSError, msgspec.MsgspecError) as error:
        raise JournalError(f"holds no head of a journal: {error}", place=str(file)) from None


def check(connection: sqlite3.Connection, path: Path) -> None:
    """Refuse a database that lacks the head exported last.

    Raises
    ------
    JournalError : entries were cut off its end, or replaced; or the exported head cannot be read.
    """
    file = path.parent / NAME
    if file.exists():
        check_head(connection, path, read(file))
