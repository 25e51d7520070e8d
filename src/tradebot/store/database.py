"""SQLite files: one connection that writes, any number that only read, and errors that say what to do.

In write-ahead mode SQLite 3.7.0 to 3.51.2 can damage a file when two connections write or checkpoint it at once (the
WAL-reset bug, https://sqlite.org/wal.html). Here that cannot happen whatever the version: a lock on the folder leaves
one process, which has one writing connection, and readers can neither write nor checkpoint.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Generator
from pathlib import Path
from typing import Final
from urllib.parse import quote

from tradebot.core.errors import JournalError
from tradebot.store.durable import settle_folder

LEAST_VERSION: Final = (3, 37, 0)  # the first with STRICT tables
_PATIENCE_MS: Final = 2_000
_CACHE_KB: Final = 512  # a commit touches the ends of some tables and a few rows; what more is kept only fills memory
_LOG_PAGES: Final = 4_000  # 16 MB of log between two checkpoints, each of which makes one commit wait
# https://sqlite.org/rescode.html, by the primary code: the low byte.
_FULL, _READONLY, _CANTOPEN, _BUSY, _LOCKED, _FAILED, _CORRUPT, _NOTADB = 13, 8, 14, 5, 6, 10, 11, 26


def check_library(version: tuple[int, int, int] = sqlite3.sqlite_version_info) -> None:
    """Refuse a SQLite library that is too old for the ledger.

    Raises
    ------
    JournalError : the library lacks what the tables need.
    """
    if version < LEAST_VERSION:
        found, least = (".".join(map(str, each)) for each in (version, LEAST_VERSION))
        mend = f"Use a Python whose SQLite is {least} or newer."
        raise JournalError(f"version {found} is too old", place="SQLite", mend=mend)


def open_writer(path: Path) -> sqlite3.Connection:
    """The one connection that writes a file, which is made where it is missing; the caller holds the folder's lock.

    What is committed is on the disk before the commit returns.

    Raises
    ------
    JournalError : the file cannot be opened for writing, or is no database.
    """
    check_library()
    with database_errors(path):
        if not path.exists():
            # Readable by its owner alone; the files SQLite puts beside it take the same rights.
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
            settle_folder(path.parent)
        connection = sqlite3.connect(path, isolation_level=None, timeout=_PATIENCE_MS / 1000)
        try:
            _prepare(connection, path)
        except BaseException:
            connection.close()
            raise
    return connection


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
    if mode != "wal":
        mend = "Keep it on a local disk: TRADEBOT_HOME says where."
        raise JournalError("this disk cannot keep a write-ahead log", place=str(path), mend=mend)
    # On macOS a plain fsync leaves the data in the drive's cache.
    sizes = (f"wal_autocheckpoint = {_LOG_PAGES}", f"cache_size = -{_CACHE_KB}")
    for setting in ("synchronous = FULL", "fullfsync = ON", "checkpoint_fullfsync = ON", *sizes):
        connection.execute(f"PRAGMA {setting}")


def open_reader(path: Path) -> sqlite3.Connection:
    """A connection that reads beside the writer, and can neither change nor checkpoint the file.

    Raises
    ------
    JournalError : there is no such file, or it cannot be read.
    """
    check_library()
    if not path.exists():
        raise JournalError("there is no such ledger", place=str(path), mend="A paper or live run makes it.")
    with database_errors(path):
        connection = _read_only(path, "mode=ro")
        try:
            connection.execute("SELECT 1 FROM sqlite_master").fetchone()
        except sqlite3.OperationalError:
            connection.close()
            # In a folder that may not be written no index of the log can be made; without a log none is needed.
            log = path.with_name(f"{path.name}-wal")
            if log.exists() and log.stat().st_size:
                raise
            connection = _read_only(path, "immutable=1")
        connection.execute("PRAGMA query_only = ON")
        connection.execute("PRAGMA wal_autocheckpoint = 0")
    return connection


def _read_only(path: Path, mode: str) -> sqlite3.Connection:
    uri = f"file:{quote(str(path.absolute()))}?{mode}"
    # The API reads in the threads of its pool, one at a time.
    return sqlite3.connect(uri, uri=True, isolation_level=None, timeout=_PATIENCE_MS / 1000, check_same_thread=False)


@contextlib.contextmanager
def database_errors(path: Path) -> Generator[None]:
    """Turn what SQLite and the system say of a file into a :class:`JournalError` that says what to do."""
    try:
        yield
    except sqlite3.Error as error:
        fact, mend = _explained(getattr(error, "sqlite_errorcode", 0) & 0xFF, error)
        raise JournalError(fact, place=str(path), mend=mend) from error
    except OSError as error:
        mend = "Look at the disk and your rights on it. What was recorded before is untouched."
        raise JournalError(f"cannot be written: {error.strerror or error}", place=str(path), mend=mend) from error


def _explained(code: int, error: sqlite3.Error) -> tuple[str, str]:
    kept = "What was recorded before is untouched."
    if code == _FULL:
        return "the disk is full", f"Free some space, then start again. {kept}"
    if code in (_READONLY, _CANTOPEN):
        return "may not be written", f"Give yourself the right to write there. {kept}"
    if code in (_BUSY, _LOCKED):
        return "another program holds the database", f"Close it (a database browser?), then start again. {kept}"
    if code == _FAILED:
        return f"the disk fails: {error}", f"Look at the disk and the room that is left on it, then start again. {kept}"
    if code in (_CORRUPT, _NOTADB):
        return f"is damaged: {error}", "Restore a copy, then check it with `tradebot ledger verify`."
    return f"cannot be used: {error}", kept
