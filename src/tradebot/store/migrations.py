"""The database's tables, version by version: numbered steps that only lead forward."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from functools import cache
from importlib import resources
from pathlib import Path

from tradebot.core.errors import JournalError


@cache
def steps() -> tuple[str, ...]:
    """The SQL of every step; the version of a database is the number of those it has had."""
    folder = resources.files("tradebot.store") / "schema"
    names = sorted(file.name for file in folder.iterdir() if file.name.endswith(".sql"))
    return tuple((folder / name).read_text(encoding="utf-8") for name in names)


def version_of(connection: sqlite3.Connection) -> int:
    """Version of a database's tables; 0 for an empty one."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return version


def check_version(connection: sqlite3.Connection, path: Path) -> None:
    """Refuse a database that this program does not know how to read.

    Raises
    ------
    JournalError : its tables are of a newer version, or of an older one that was not brought up to date.
    """
    version, known = version_of(connection), len(steps())
    if version > known:
        fact = f"is of version {version}, and this tradebot knows versions up to {known}"
        raise JournalError(fact, place=str(path), mend="Run the tradebot that wrote it, or a newer one.")
    if version < known:
        fact = f"is of version {version}, and this tradebot reads version {known}"
        raise JournalError(fact, place=str(path), mend="`tradebot ledger rebuild` brings it up to date.")


def migrate(connection: sqlite3.Connection, path: Path) -> bool:
    """Bring the tables to the newest version inside the caller's transaction.

    Returns
    -------
    Whether anything was changed.

    Raises
    ------
    JournalError : they are of a version this program does not know yet.
    """
    version = version_of(connection)
    if version > len(steps()):
        check_version(connection, path)
    for step in steps()[version:]:
        for statement in _statements(step):
            connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {len(steps())}")
    return version < len(steps())


def _statements(script: str) -> Iterator[str]:
    # sqlite3's own executescript would end the transaction.
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
