"""The journal of one account in a SQLite file: one writer, hash-chained, on the disk before anything is acted on."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import msgspec

from tradebot.core.crashpoint import crashpoint
from tradebot.core.errors import DataError, JournalError
from tradebot.core.journal import Checkpoint, Entry, Head, Message, RunStarted, SavedState
from tradebot.core.wire import encode
from tradebot.store import locks
from tradebot.store.account_file import FILE
from tradebot.store.database import database_errors, open_writer
from tradebot.store.durable import make_folder
from tradebot.store.journal import head_file, reading
from tradebot.store.journal.chain import EMPTY, Row, linked
from tradebot.store.ledger.projection import project
from tradebot.store.ledger.rebuilding import rebuild
from tradebot.store.migrations import migrate

RESERVE: Final = 64 << 20
"""Bytes that must be free on the disk for new positions to be opened."""
_LINGER_NS: Final = 1_000_000_000
_KEPT_STATES: Final = 2
# Somebody who only looks whether the folder is free holds its lock for a moment.
_PATIENCE_S: Final = 0.1


class _Waiting(msgspec.Struct, frozen=True):
    """An entry on its way to the disk, and the state that is saved with it."""

    row: Row
    message: Message
    state: bytes | None = None


class SqliteJournal:
    """Core's ``Journal`` on a SQLite file; use it as a context manager, or close it.

    Parameters
    ----------
    folder : folder of the account; made where it is missing.
    clock : gives the time an entry is recorded at, int64 ns UTC.
    reserve : bytes that must stay free on the disk.

    Raises
    ------
    JournalError : another process writes this journal; the file is damaged, cut off, or of a newer version; the disk is
        full or may not be written. Nothing was changed.
    """

    def __init__(self, folder: Path, *, clock: Callable[[], int] = time.time_ns, reserve: int = RESERVE) -> None:
        self.path = folder / FILE
        self._clock = clock
        self._reserve = reserve
        self._waiting: list[_Waiting] = []
        self._failure = ""
        with contextlib.ExitStack() as opened:
            with database_errors(self.path):
                make_folder(folder)
                opened.enter_context(_alone(folder))
            if not self.has_headroom:
                fact = f"less than {reserve >> 20} MB are free on its disk"
                raise JournalError(fact, place=str(folder), mend="Free some space, then start again.")
            self._connection = open_writer(self.path)
            opened.callback(self._connection.close)
            with database_errors(self.path), _transaction(self._connection):
                if migrate(self._connection, self.path):
                    rebuild(self._connection, reading.read(self._connection, self.path))
                last = reading.last_row(self._connection)
                head_file.check(self._connection, self.path)
            self._head = EMPTY if last is None else last.head
            self._run_id = "" if last is None else last.run_id
            self._opened = opened.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def head(self) -> Head:
        """The end of the journal, with what still waits in memory."""
        return self._head

    @property
    def run_id(self) -> str:
        """The run that entries belong to; empty before the first."""
        return self._run_id

    @property
    def has_headroom(self) -> bool:
        """Whether the disk has room enough to open new positions."""
        return shutil.disk_usage(self.path.parent).free >= self._reserve

    def append(self, messages: Sequence[Message], *, durable: bool) -> None:
        """Record messages in order; see :meth:`tradebot.core.journal.Journal.append`.

        Raises
        ------
        JournalError : they could not be recorded, and nothing may be sent. Where the disk failed in the act they may
            still be found after a restart; then the broker is asked about their orders, as about any without an answer.
        """
        self._chain([(message, None) for message in messages])
        if durable or self._waiting[0].row.at + _LINGER_NS <= self._clock():
            self.flush()

    def save(self, state: bytes) -> None:
        """Keep a trader's state as it is after everything appended so far.

        Raises
        ------
        JournalError : it could not be recorded.
        """
        self._chain([(Checkpoint(reading.digest_of(state)), state)])
        self.flush()
        self._export_head()

    def flush(self) -> None:
        """Bring to the disk what waits in memory.

        Raises
        ------
        JournalError : it could not be recorded; the journal takes no more.
        """
        self._require_sound()
        if not self._waiting:
            return
        try:
            with database_errors(self.path), _transaction(self._connection):
                self._write()
        except BaseException as error:
            self._failure = str(error) or type(error).__name__
            raise
        self._waiting.clear()

    def read(self, after: int = 0) -> Iterator[Entry]:
        """Entries whose number is above ``after``, in order, each held against the chain.

        Raises
        ------
        JournalError : the chain is broken.
        """
        self.flush()
        return reading.read(self._connection, self.path, after)

    def saved_state(self, run_id: str) -> SavedState | None:
        """Latest state that was kept of a run; ``None`` where there is none.

        Raises
        ------
        JournalError : it is not what was saved.
        """
        return reading.saved_state(self._connection, self.path, run_id)

    def beginning(self, run_id: str) -> RunStarted | None:
        """How a run began; ``None`` where there is none of the name.

        Raises
        ------
        JournalError : it cannot be read.
        """
        return reading.beginning(self._connection, self.path, run_id)

    def known_until(self, run_id: str) -> reading.Known | None:
        """Up to when the record of a run is whole; ``None`` where it was never held against the account."""
        self.flush()
        return reading.known_until(self._connection, self.path, run_id)

    def rebuild_ledger(self) -> int:
        """Make the ledger's tables anew from the journal, in one step; the number of entries it took.

        Raises
        ------
        JournalError : the chain is broken, or the disk is full; the tables are as they were.
        """
        self.flush()
        with database_errors(self.path), _transaction(self._connection):
            return rebuild(self._connection, reading.read(self._connection, self.path))

    def close(self) -> None:
        """Bring everything to the disk, export the head, and let another process write.

        Raises
        ------
        JournalError : what waited in memory could not be recorded.
        """
        with self._opened:
            if not self._failure:
                self.flush()
                self._export_head()

    def _chain(self, messages: Sequence[tuple[Message, bytes | None]]) -> None:
        """Link messages to the head, all or none."""
        self._require_sound()
        at, head, run_id = self._clock(), self._head, self._run_id
        linking: list[_Waiting] = []
        for message, state in messages:
            if isinstance(message, RunStarted):
                run_id = message.run_id
            if not run_id:
                raise JournalError("no run has started", place=str(self.path), mend="Append a RunStarted first.")
            row = linked(head, run_id, at, type(message).__name__, _encoded(message, self.path))
            linking.append(_Waiting(row, message, state))
            head = row.head
        self._waiting += linking
        self._head, self._run_id = head, run_id

    def _write(self) -> None:
        for each in self._waiting:
            row = each.row
            self._connection.execute(
                "INSERT INTO entries (seq, run_id, at, kind, body, hash) VALUES (?, ?, ?, ?, ?, ?)",
                (row.seq, row.run_id, row.at, row.kind, row.body, row.hash),
            )
            if each.state is not None:
                self._keep_state(row, each.state)
            project(self._connection, Entry(seq=row.seq, run_id=row.run_id, at=row.at, message=each.message))
        crashpoint("before-commit")

    def _keep_state(self, row: Row, state: bytes) -> None:
        values = (row.seq, row.run_id, state)
        self._connection.execute("INSERT INTO saved_states (seq, run_id, state) VALUES (?, ?, ?)", values)
        self._connection.execute(
            "DELETE FROM saved_states WHERE run_id = ?1 AND seq NOT IN"
            " (SELECT seq FROM saved_states WHERE run_id = ?1 ORDER BY seq DESC LIMIT ?2)",
            (row.run_id, _KEPT_STATES),
        )

    def _export_head(self) -> None:
        crashpoint("before-head")
        with database_errors(self.path):
            head_file.write(self.path.with_name(head_file.NAME), self._head)
        crashpoint("after-head")

    def _require_sound(self) -> None:
        if self._failure:
            fact = f"takes no more since it failed ({self._failure})"
            raise JournalError(fact, place=str(self.path), mend="Mend that, then start the bot again.")


def _encoded(message: Message, path: Path) -> bytes:
    try:
        return encode(message)
    except DataError as error:
        raise JournalError(f"{error.place} {error.fact}", place=str(path), mend=error.mend) from None


@contextlib.contextmanager
def _alone(folder: Path) -> Generator[None]:
    """Keep every other process from writing in the folder for the block."""
    with contextlib.ExitStack() as held:
        try:
            held.enter_context(locks.writing(folder, patience_s=_PATIENCE_S))
        except DataError:
            fact = f"another process{locks.holder(folder)} is running on this account"
            mend = "Stop that one first, or use another account. Nothing was changed."
            raise JournalError(fact, place=str(folder), mend=mend) from None
        yield


@contextlib.contextmanager
def _transaction(connection: sqlite3.Connection) -> Generator[None]:
    """A transaction that is whole on the disk when the block is left, or undone."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        with contextlib.suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise
    crashpoint("after-commit")
