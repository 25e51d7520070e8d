"""Reading a journal: entries in order, saved states, the check of the whole."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import cast

import msgspec

from tradebot.core.account import AccountSnapshot
from tradebot.core.errors import DataError, JournalError
from tradebot.core.journal import Checkpoint, Entry, Head, Message, RunStarted, SavedState
from tradebot.core.wire import decode
from tradebot.store.database import database_errors
from tradebot.store.journal.chain import EMPTY, Row, broken, checked

_ROWS = "SELECT seq, run_id, at, kind, body, hash FROM entries"
_NEWEST = (
    "SELECT max(ts) FROM (SELECT run_id, seq, ts FROM fills UNION ALL SELECT run_id, seq, ts FROM cash_flows)"
    " WHERE run_id = ? AND seq <= ?"
)
_EARLIER = "SELECT max(ts) FROM fills WHERE run_id <> ? AND seq <= ?"


def last_row(connection: sqlite3.Connection) -> Row | None:
    """The last entry; ``None`` in an empty journal."""
    found = connection.execute(f"{_ROWS} ORDER BY seq DESC LIMIT 1").fetchone()
    return None if found is None else Row(*found)


def read(connection: sqlite3.Connection, path: Path, after: int = 0) -> Iterator[Entry]:
    """Entries whose number is above ``after``, in order.

    Raises
    ------
    JournalError : the chain is broken, or a message cannot be read.
    """
    with database_errors(path):
        for row in checked(_rows(connection, after), head_at(connection, path, after), path):
            yield _entry(row, path)


def about(
    connection: sqlite3.Connection,
    path: Path,
    text: str,
    kinds: Sequence[str],
    span: range,
    *,
    newest_first: bool = False,
) -> Iterator[Entry]:
    """Entries of some kinds that hold a text, among those of some numbers; SQLite finds them, the chain is not held.

    Raises
    ------
    JournalError : a message cannot be read.
    """
    order = "DESC" if newest_first else "ASC"
    marks = ", ".join("?" * len(kinds))
    with database_errors(path):
        found = connection.execute(
            f"{_ROWS} WHERE seq >= ? AND seq < ? AND kind IN ({marks}) AND instr(body, ?) ORDER BY seq {order}",
            (span.start, span.stop, *kinds, text.encode()),
        )
        for row in found:
            yield _entry(Row(*row), path)


def head_at(connection: sqlite3.Connection, path: Path, seq: int) -> Head:
    """Head of the journal as it was when ``seq`` was its last entry.

    Raises
    ------
    JournalError : it never had so many entries.
    """
    if not seq:
        return EMPTY
    found = connection.execute("SELECT hash FROM entries WHERE seq = ?", (seq,)).fetchone()
    if found is None:
        raise broken(f"entry {seq} is missing", path)
    return Head(seq, found[0].hex())


def verify(connection: sqlite3.Connection, path: Path, expected: Head | None = None) -> Head:
    """Hold every entry, and the file itself, against what was recorded.

    Parameters
    ----------
    expected : a head that was exported earlier: the journal must still have it.

    Returns
    -------
    The head, to be kept elsewhere: whoever has it can tell later whether anything before it was changed or cut off.

    Raises
    ------
    JournalError : the chain or the file is broken, or does not contain the expected head.
    """
    with database_errors(path):
        (fault,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        if fault != "ok":
            raise broken(fault, path)
        head = EMPTY
        for row in checked(_rows(connection, 0), EMPTY, path):
            _entry(row, path)
            head = row.head
        if expected is not None:
            check_head(connection, path, expected)
    return head


def check_head(connection: sqlite3.Connection, path: Path, expected: Head) -> None:
    """Refuse a journal that lacks a head it once had.

    Raises
    ------
    JournalError : entries were cut off its end, or replaced.
    """
    last = last_row(connection)
    seq = 0 if last is None else last.seq
    if seq < expected.seq:
        raise broken(f"it ends with entry {seq}, and had {expected.seq} before", path)
    if head_at(connection, path, expected.seq) != expected:
        raise broken(f"entry {expected.seq} is not the one that was exported", path)


def saved_state(connection: sqlite3.Connection, path: Path, run_id: str) -> SavedState | None:
    """Latest saved state of a run.

    Raises
    ------
    JournalError : it is not what was saved.
    """
    with database_errors(path):
        found = connection.execute(
            "SELECT seq, state, body FROM saved_states JOIN entries USING (seq)"
            " WHERE saved_states.run_id = ? ORDER BY seq DESC LIMIT 1",
            (run_id,),
        ).fetchone()
    if found is None:
        return None
    seq, state, body = found
    if decode(body) != Checkpoint(digest_of(state)):
        raise broken(f"the state saved with entry {seq} is not what was saved", path)
    return SavedState(seq, state)


def beginning(connection: sqlite3.Connection, path: Path, run_id: str) -> RunStarted | None:
    """How a run began; ``None`` where there is none of the name.

    Raises
    ------
    JournalError : it cannot be read.
    """
    with database_errors(path):
        found = connection.execute(
            "SELECT entries.seq, entries.run_id, at, kind, body, hash FROM entries JOIN runs USING (seq)"
            " WHERE runs.run_id = ?",
            (run_id,),
        ).fetchone()
    return None if found is None else cast("RunStarted", _entry(Row(*found), path).message)


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """Up to when a run's record is whole; the times are the broker's, int64 ns UTC.

    Parameters
    ----------
    compared : of the run's latest account snapshot.
    newest : of the latest trade or cash flow of the run that the snapshot covers; ``None`` where it covers none.
    earlier : of the latest trade of the account's earlier runs; ``None`` where there is none.
    """

    compared: int
    newest: int | None
    earlier: int | None


def known_until(connection: sqlite3.Connection, path: Path, run_id: str) -> Known | None:
    """Up to when the record of a run is whole; ``None`` where it was never held against the account."""
    with database_errors(path):
        found = connection.execute(
            "SELECT seq, body FROM entries WHERE run_id = ? AND kind = ? ORDER BY seq DESC LIMIT 1",
            (run_id, AccountSnapshot.__name__),
        ).fetchone()
        if found is None:
            return None
        seq, body = found
        newest, earlier = (
            connection.execute(question, (run_id, seq)).fetchone()[0] for question in (_NEWEST, _EARLIER)
        )
    return Known(compared=cast("AccountSnapshot", decode(body)).ts, newest=newest, earlier=earlier)


def digest_of(state: bytes) -> str:
    """What a checkpoint says of the state that was saved with it."""
    return hashlib.sha256(state).hexdigest()


def _rows(connection: sqlite3.Connection, after: int) -> Iterator[Row]:
    for found in connection.execute(f"{_ROWS} WHERE seq > ? ORDER BY seq", (after,)):
        yield Row(*found)


def _entry(row: Row, path: Path) -> Entry:
    try:
        message = decode(row.body)
    except DataError as error:
        raise JournalError(f"entry {row.seq} {error.fact}", place=str(path), mend=error.mend) from None
    return Entry(seq=row.seq, run_id=row.run_id, at=row.at, message=cast("Message", message))
