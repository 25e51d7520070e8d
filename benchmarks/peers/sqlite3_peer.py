"""SQLite alone: rows of the journal's size, one synchronous commit each."""

from __future__ import annotations

import sqlite3
import sys

from benchmarks import data
from benchmarks.measure import report

ROWS = 5_000
# What an order takes in the journal: a message of about 150 bytes, and a hash.
ROW = bytes(150), bytes(32)


def committed() -> dict[str, float]:
    file = data.CACHE / "raw.db"
    for name in (file, file.with_name("raw.db-wal"), file.with_name("raw.db-shm")):
        name.unlink(missing_ok=True)
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE entries (seq INTEGER PRIMARY KEY, body BLOB, hash BLOB)")
    for _ in range(ROWS):
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO entries (body, hash) VALUES (?, ?)", ROW)
        connection.execute("COMMIT")
    (rows,) = connection.execute("SELECT count(*) FROM entries").fetchone()
    connection.close()
    return {"trades": rows, "equity": 0.0}


def main(what: str, calls: int = 5) -> None:
    report({"commit": committed}[what], units=ROWS, calls=calls, version=sqlite3.sqlite_version)


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
