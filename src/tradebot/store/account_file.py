"""The database file of an account, open for reading beside the bot that writes it."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Final, Self

from tradebot.store.database import database_errors, open_reader
from tradebot.store.migrations import check_version

FILE: Final = "ledger.db"


class AccountFile:
    """Holds a connection that reads; use it as a context manager, or close it.

    Parameters
    ----------
    folder : folder of the account.

    Raises
    ------
    JournalError : there is no such file, or it is of another version.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE
        self._connection = open_reader(self.path)
        try:
            with database_errors(self.path):
                check_version(self._connection, self.path)
        except BaseException:
            self._connection.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._connection.close()
