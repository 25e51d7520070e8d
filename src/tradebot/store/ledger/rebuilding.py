"""The ledger's tables made anew from the journal, and held against it."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterable
from pathlib import Path

from tradebot.core.errors import JournalError
from tradebot.core.journal import Entry
from tradebot.store.database import database_errors
from tradebot.store.ledger.projection import TABLES, project
from tradebot.store.migrations import migrate


def rebuild(connection: sqlite3.Connection, entries: Iterable[Entry]) -> int:
    """Empty the tables and project a whole journal into them, inside the caller's transaction.

    Returns
    -------
    Number of entries that were projected.
    """
    for table in TABLES:
        connection.execute(f"DELETE FROM {table}")  # noqa: S608 - a name of ours
    return _project_all(connection, entries)


def check_tables(connection: sqlite3.Connection, entries: Iterable[Entry], path: Path) -> None:
    """Refuse tables that are not what the journal makes of them.

    Raises
    ------
    JournalError : the first table and row that differ.
    """
    with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as fresh, database_errors(path):
        migrate(fresh, path)
        _project_all(fresh, entries)
        for table in TABLES:
            kept, made = (_rows(each, table) for each in (connection, fresh))
            if different := sorted(kept ^ made, key=repr):
                fact = f"the table {table} is not what the journal says, first in {different[0]}"
                raise JournalError(fact, place=str(path), mend="`tradebot ledger rebuild` makes it anew.")


def _project_all(connection: sqlite3.Connection, entries: Iterable[Entry]) -> int:
    count = 0
    for entry in entries:
        project(connection, entry)
        count += 1
    return count


def _rows(connection: sqlite3.Connection, table: str) -> set[tuple[object, ...]]:
    return set(connection.execute(f"SELECT * FROM {table}"))  # noqa: S608 - a name of ours
