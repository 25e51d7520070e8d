"""What operators did beside an account's bot: their acts, for the audit, their notes on trades, and what was answered.

The bot's own record belongs to the one process that trades. This file lies beside it, takes the words of whichever
process serves the account, and goes with the account's folder when its record is set aside.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from collections.abc import Callable, Generator, Iterable
from pathlib import Path
from typing import Any, Final

import msgspec

from tradebot.core.errors import JournalError, TradebotError
from tradebot.core.interval import DAY
from tradebot.store.database import check_library, database_errors
from tradebot.store.durable import make_folder, settle_folder
from tradebot.store.migrations import version_of

FILE: Final = "operators.db"
_VERSION: Final = 1
_PATIENCE_S: Final = 2.0
_ENDLESS: Final = 2**63 - 1
_TABLES: Final = """
CREATE TABLE IF NOT EXISTS acts (
    seq INTEGER PRIMARY KEY,
    ts INTEGER NOT NULL,
    kind TEXT NOT NULL,
    operator TEXT NOT NULL,
    text TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS notes (
    symbol TEXT NOT NULL,
    trade_id TEXT NOT NULL,
    ts INTEGER NOT NULL,
    operator TEXT NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (symbol, trade_id)
) STRICT;
CREATE TABLE IF NOT EXISTS requests (
    operator TEXT NOT NULL,
    key TEXT NOT NULL,
    ts INTEGER NOT NULL,
    digest TEXT NOT NULL,
    answer TEXT,
    PRIMARY KEY (operator, key)
) STRICT;
"""


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """Something an operator did that the bot took no part in.

    Parameters
    ----------
    seq : its number, from 1.
    ts : when, by the machine's clock, int64 ns UTC.
    kind : what it was, as ``ConfigurationWritten``.
    operator : who did it.
    text : one sentence.
    """

    seq: int
    ts: int
    kind: str
    operator: str
    text: str


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """What an operator wrote about a trade, and when (int64 ns UTC); there is one note a trade."""

    symbol: str
    trade_id: str
    ts: int
    operator: str
    text: str


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """A request that must be done once.

    Parameters
    ----------
    digest : of what was asked for.
    answer : what was answered; ``None`` as long as it is not, or where the process ended before.
    """

    digest: str
    answer: str | None


class OperatorsBook:
    """Keeps what operators did beside the bot of one account.

    Any number of processes may write: SQLite's rollback journal keeps them apart.

    Parameters
    ----------
    folder : folder of the account; made by the first act.
    clock : gives the time, int64 ns UTC.
    """

    def __init__(self, folder: Path, *, clock: Callable[[], int] = time.time_ns) -> None:
        self.path = folder / FILE
        self._clock = clock

    @contextlib.contextmanager
    def act(self, kind: str, operator: str, text: str) -> Generator[None]:
        """Keep an act before it is done; where it is not done after all, ``…Failed`` with the reason follows it.

        Raises
        ------
        JournalError : it could not be kept, and nothing was done.
        """
        self.add(kind, operator, text)
        try:
            yield
        except TradebotError as error:
            self.add(f"{kind}Failed", operator, f"{text}: {error.fact}")
            raise

    def add(self, kind: str, operator: str, text: str) -> None:
        """Keep an act; it is on the disk when this returns.

        Raises
        ------
        JournalError : it could not be kept.
        """
        with self._writing() as connection:
            self._add(connection, kind, operator, text)

    def note(self, symbol: str, trade_id: str, text: str, operator: str) -> Note:
        """Write the note of a trade, in place of an earlier one; an empty text takes it away. Either is an act.

        Raises
        ------
        JournalError : it could not be kept.
        """
        with self._writing() as connection:
            made = Note(symbol=symbol, trade_id=trade_id, ts=self._clock(), operator=operator, text=text)
            if text:
                connection.execute("INSERT OR REPLACE INTO notes VALUES (?, ?, ?, ?, ?)", msgspec.structs.astuple(made))
            else:
                connection.execute("DELETE FROM notes WHERE symbol = ? AND trade_id = ?", (symbol, trade_id))
            what = f"trade {trade_id} of {symbol}"
            self._add(connection, "TradeNoted", operator, f"note on {what}: {text}" if text else f"no note on {what}")
        return made

    def begin(self, operator: str, key: str, digest: str) -> Request | None:
        """Keep that a request is about to be done; it is on the disk when this returns.

        Returns
        -------
        The one of that operator that came before under the same key, within a day; ``None`` where this is the first.

        Raises
        ------
        JournalError : it could not be kept: it must not be done.
        """
        now = self._clock()
        with self._writing() as connection:
            connection.execute("DELETE FROM requests WHERE ts < ?", (now - DAY,))
            found = connection.execute(
                "SELECT digest, answer FROM requests WHERE operator = ? AND key = ?", (operator, key)
            ).fetchone()
            if found is not None:
                return Request(digest=found[0], answer=found[1])
            values = (operator, key, now, digest)
            connection.execute("INSERT INTO requests (operator, key, ts, digest) VALUES (?, ?, ?, ?)", values)
        return None

    def end(self, operator: str, key: str, answer: str | None) -> None:
        """Keep what was answered; ``None`` takes the request away, as nothing was done.

        Raises
        ------
        JournalError : it could not be kept.
        """
        with self._writing() as connection:
            if answer is None:
                connection.execute("DELETE FROM requests WHERE operator = ? AND key = ?", (operator, key))
            else:
                values = (answer, operator, key)
                connection.execute("UPDATE requests SET answer = ? WHERE operator = ? AND key = ?", values)

    def acts(self, *, before: int = _ENDLESS, limit: int) -> list[Act]:
        """Acts, the newest first, of those with a number below ``before``.

        Raises
        ------
        JournalError : they cannot be read.
        """
        found = self._read("SELECT * FROM acts WHERE seq < ? ORDER BY seq DESC LIMIT ?", (before, limit))
        return [Act(**row) for row in found]

    def notes(self, trades: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Note]:
        """The notes there are on some trades, by symbol and trade id.

        Raises
        ------
        JournalError : they cannot be read.
        """
        wanted = list(trades)
        if not wanted:
            return {}
        places = ", ".join("(?, ?)" for _ in wanted)
        found = self._read(
            f"SELECT * FROM notes WHERE (symbol, trade_id) IN (VALUES {places})",  # noqa: S608 - marks alone
            tuple(name for each in wanted for name in each),
        )
        return {(row["symbol"], row["trade_id"]): Note(**row) for row in found}

    def _add(self, connection: sqlite3.Connection, kind: str, operator: str, text: str) -> None:
        values = (self._clock(), kind, operator, text)
        connection.execute("INSERT INTO acts (ts, kind, operator, text) VALUES (?, ?, ?, ?)", values)

    def _read(self, question: str, values: tuple[Any, ...]) -> list[dict[str, Any]]:
        # Whoever only looks makes no file.
        if not self.path.exists():
            return []
        with self._opened() as connection:
            if not version_of(connection):
                return []
            found = connection.execute(question, values)
            names = [column[0] for column in found.description]
            return [dict(zip(names, row, strict=True)) for row in found]

    @contextlib.contextmanager
    def _writing(self) -> Generator[sqlite3.Connection]:
        """A connection inside a transaction, whole on the disk when the block is left, or undone."""
        with database_errors(self.path):
            make_folder(self.path.parent)
            if not self.path.exists():
                os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))
                settle_folder(self.path.parent)
        with self._opened() as connection, connection:
            connection.execute("BEGIN IMMEDIATE")
            for table in _TABLES.split(";"):
                connection.execute(table)
            connection.execute(f"PRAGMA user_version = {_VERSION}")
            yield connection

    @contextlib.contextmanager
    def _opened(self) -> Generator[sqlite3.Connection]:
        check_library()
        with (
            database_errors(self.path),
            contextlib.closing(sqlite3.connect(self.path, isolation_level=None, timeout=_PATIENCE_S)) as connection,
        ):
            if (version := version_of(connection)) > _VERSION:
                fact = f"is of version {version}, and this tradebot knows versions up to {_VERSION}"
                raise JournalError(fact, place=str(self.path), mend="Run the tradebot that wrote it, or a newer one.")
            # The default of SQLite's own build; not of every distribution's.
            connection.execute("PRAGMA synchronous = FULL")
            yield connection
