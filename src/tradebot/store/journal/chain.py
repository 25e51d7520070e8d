"""The chain of hashes that holds a journal together: no entry can change, leave or come between unseen."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import msgspec

from tradebot.core.errors import JournalError
from tradebot.core.journal import Head

EMPTY: Final = Head(0, bytes(32).hex())
"""Head of a journal without entries."""


class Row(msgspec.Struct, frozen=True, array_like=True):
    """An entry as it is stored: ``body`` holds the message, ``hash`` is that of its place in the chain."""

    seq: int
    run_id: str
    at: int
    kind: str
    body: bytes
    hash: bytes

    @property
    def head(self) -> Head:
        """The head of a journal that ends here."""
        return Head(self.seq, self.hash.hex())


def linked(head: Head, run_id: str, at: int, kind: str, body: bytes) -> Row:
    """The row that follows a head."""
    seq = head.seq + 1
    return Row(seq, run_id, at, kind, body, _hash(head, seq, run_id, at, kind, body))


def _hash(head: Head, seq: int, run_id: str, at: int, kind: str, body: bytes) -> bytes:
    canonical = msgspec.msgpack.encode((seq, run_id, at, kind, body))
    return hashlib.sha256(bytes.fromhex(head.hash) + canonical).digest()


def checked(rows: Iterable[Row], head: Head, path: Path) -> Iterator[Row]:
    """The rows that follow a head, each held against the chain before it is given.

    Raises
    ------
    JournalError : an entry is missing, or is not what was recorded; the message names the first.
    """
    for row in rows:
        if row.seq != head.seq + 1:
            raise broken(f"entry {head.seq + 1} is missing", path)
        if row.hash != _hash(head, row.seq, row.run_id, row.at, row.kind, row.body):
            raise broken(f"entry {row.seq} is not what was recorded", path)
        yield row
        head = row.head


def broken(fact: str, path: Path) -> JournalError:
    """Error of a journal that cannot be believed."""
    mend = "Nothing is traded on it: restore a copy, or move it away and start a new one after a look at the broker."
    return JournalError(f"the chain is broken: {fact}", place=str(path), mend=mend)
