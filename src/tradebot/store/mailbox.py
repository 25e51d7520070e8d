"""Operators' words for an account's bot: left by any process, heard by the bot while it runs or when it starts.

Each is a file of its own, whole or not there. The bot takes it away once it is on record, so that a word is lost with
neither process killed at whatever moment; one that is heard twice does no harm.
"""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Final

import msgspec

from tradebot.core.event import OperatorAction
from tradebot.store.durable import make_folder, storage_errors, write_durably

_NAME: Final = "mailbox"


class Word(msgspec.Struct, frozen=True, kw_only=True):
    """What an operator told a bot.

    Parameters
    ----------
    ts : when, int64 ns UTC.
    action : what it shall do.
    operator : who.
    reason : one sentence; may be empty.
    """

    ts: int
    action: OperatorAction
    operator: str
    reason: str = ""


class Mailbox:
    """The words that wait for the bot of one account.

    Parameters
    ----------
    folder : folder of the account.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder / _NAME

    def leave(self, word: Word) -> None:
        """Leave a word for the bot.

        Raises
        ------
        DataError : it could not be written: the bot will not hear of it.
        """
        with storage_errors(self.folder):
            make_folder(self.folder)
            write_durably(self.folder / f"{word.ts:020}-{secrets.token_hex(2)}.json", msgspec.json.encode(word) + b"\n")

    def waiting(self) -> dict[Path, Word]:
        """What waits, oldest first, by its file. A file that is no word is left alone."""
        found: dict[Path, Word] = {}
        for path in sorted(self.folder.glob("*.json")):
            try:
                found[path] = msgspec.json.decode(path.read_bytes(), type=Word)
            except (OSError, msgspec.MsgspecError):
                continue
        return found

    def take(self, path: Path) -> None:
        """Take a word away that was heard."""
        path.unlink(missing_ok=True)
