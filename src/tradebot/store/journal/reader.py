"""A journal as others see it: read, checked and exported while its bot goes on writing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tradebot.core.journal import Entry, Head, RunStarted, SavedState
from tradebot.store.account_file import AccountFile
from tradebot.store.database import database_errors
from tradebot.store.journal import reading
from tradebot.store.journal.chain import EMPTY
from tradebot.store.ledger.rebuilding import check_tables


class JournalReader(AccountFile):
    """Reads the journal of an account; use it as a context manager, or close it.

    Parameters
    ----------
    folder : folder of the account.

    Raises
    ------
    JournalError : there is no journal, or it is of another version.
    """

    @property
    def head(self) -> Head:
        """The end of what is on the disk."""
        with database_errors(self.path):
            last = reading.last_row(self._connection)
        return EMPTY if last is None else last.head

    def read(self, after: int = 0) -> Iterator[Entry]:
        """Entries whose number is above ``after``, in order, each held against the chain.

        Raises
        ------
        JournalError : the chain is broken.
        """
        return reading.read(self._connection, self.path, after)

    def about(self, text: str, kinds: Sequence[str], span: range, *, newest_first: bool = False) -> Iterator[Entry]:
        """Entries of some kinds that hold a text (an order's id, a market), among those numbered in ``span``.

        They are not held against the chain: it is for looking, and nothing may be decided on it.

        Raises
        ------
        JournalError : one cannot be read.
        """
        return reading.about(self._connection, self.path, text, kinds, span, newest_first=newest_first)

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
        return reading.known_until(self._connection, self.path, run_id)

    def verify(self, expected: Head | None = None) -> Head:
        """Hold journal and tables against what was recorded, and the journal against a head that was exported earlier.

        Raises
        ------
        JournalError : it is not whole.
        """
        with database_errors(self.path):
            # All of it as it is at one moment: the bot goes on writing.
            self._connection.execute("BEGIN")
        try:
            head = reading.verify(self._connection, self.path, expected)
            check_tables(self._connection, self.read(), self.path)
        finally:
            self._connection.rollback()
        return head
