"""Accounts: one folder each for journal, ledger and logs; paper has its own, apart from live."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from tradebot.core.errors import ConfigError, did_you_mean
from tradebot.store.account_file import FILE
from tradebot.store.home import home

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}")


def accounts_folder() -> Path:
    """Folder below which every account has its own."""
    return home() / "accounts"


def account_folder(name: str) -> Path:
    """Folder of an account, whether it exists yet or not.

    Raises
    ------
    ConfigError : the name could not be that of a folder.
    """
    if not _NAME.fullmatch(name):
        mend = "Use small letters, digits, dots, dashes and underscores."
        raise ConfigError(f'"{name}" is not a name of an account', place="account", mend=mend)
    return accounts_folder() / name


def accounts() -> list[str]:
    """Accounts that have a ledger, the one written last first."""
    found = accounts_folder().glob(f"*/{FILE}")
    return [file.parent.name for file in sorted(found, key=lambda file: written_at(file.parent), reverse=True)]


def existing_account(name: str | None) -> str:
    """The account of that name, or where none is given the one written last.

    Raises
    ------
    ConfigError : there is no such account, or none at all.
    """
    known = accounts()
    if name is None and known:
        return known[0]
    if name in known:
        return name
    if not known:
        fact = f"no account is kept in {accounts_folder()}"
        raise ConfigError(fact, place="account", mend="`tradebot run CONFIG` makes one.")
    mend = did_you_mean(str(name), known) or f"There are {', '.join(known)}."
    raise ConfigError(f'no account is called "{name}"', place="account", mend=mend)


def written_at(folder: Path) -> int:
    """When an account's record was brought to the disk last, by the machine's clock, int64 ns UTC; 0 for never."""
    files = (folder / FILE, folder / f"{FILE}-wal")
    return max((each.stat().st_mtime_ns for each in files if each.exists()), default=0)
