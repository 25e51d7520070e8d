"""The paper account: how it stands by its record, and how it begins anew. The command line and the API share it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from tradebot.app.approval import from_record
from tradebot.core.errors import ConfigError, DataError
from tradebot.core.journal import RunStarted
from tradebot.store.account_file import FILE
from tradebot.store.durable import settle_folder, storage_errors
from tradebot.store.journal import JournalReader
from tradebot.store.ledger.queries import Ledger
from tradebot.store.locks import holder, is_free, writing

if TYPE_CHECKING:
    from tradebot.store.ledger.rows import RunRow

# No bot takes longer to say that it has ended.
_PATIENCE_S: Final = 1.0


class PaperAccount(msgspec.Struct, frozen=True, kw_only=True):
    """A paper account at a glance.

    Parameters
    ----------
    account : its name.
    is_running : whether a bot trades on it now, in whatever process.
    initial_balance : money it began with, in the quote currency.
    equity : what it was worth at the last step on record; what it began with where there is none yet.
    total_return : equity over what it began with, less one.
    realized : profit of what was closed, before fees.
    runs : runs on record.
    positions, open_orders : what it holds, and what still works for it.
    """

    account: str
    is_running: bool
    initial_balance: float
    equity: float
    total_return: float
    realized: float
    runs: int
    positions: int
    open_orders: int


def paper_account(folder: Path) -> PaperAccount:
    """How a paper account stands by its record; the bot that trades on it is not asked.

    Raises
    ------
    ConfigError : there is no record, or the account trades for real.
    JournalError : the record cannot be read.
    """
    begun = _initial_balance(folder)
    with Ledger(folder) as ledger:
        runs = ledger.runs()
        _check_paper(folder, runs)
        points = ledger.equity(limit=1)
        positions = ledger.positions(is_open=False)
        orders = ledger.orders(is_open=True)
    equity = float(points[0].equity) if points else begun
    return PaperAccount(
        account=folder.name,
        is_running=not is_free(folder),
        initial_balance=begun,
        equity=equity,
        total_return=equity / begun - 1.0,
        realized=float(sum(row.realized for row in positions)),
        runs=len(runs),
        positions=sum(1 for row in positions if row.quantity),
        open_orders=len(orders),
    )


def set_aside(folder: Path) -> Path:
    """Give the record of a paper account another name, so that the next start begins with its first balance.

    Returns
    -------
    Where the record is now: ``NAME.until-TIME`` beside it, an account of its own that can be looked at.

    Raises
    ------
    ConfigError : there is no record, the account trades for real, or a bot runs on it.
    DataError : the folder cannot be renamed.
    """
    _check_kept(folder)
    with Ledger(folder) as ledger:
        _check_paper(folder, ledger.runs(limit=1))
    aside = folder.with_name(f"{folder.name}.until-{time.time_ns()}")
    with storage_errors(folder):
        try:
            with writing(folder, patience_s=_PATIENCE_S):
                folder.rename(aside)
        except DataError:
            fact = f"a bot{holder(folder)} runs on it"
            raise ConfigError(
                fact, place=f"account {folder.name}", mend="Stop it first. Nothing was changed."
            ) from None
        settle_folder(folder.parent)
    return aside


def _check_kept(folder: Path) -> None:
    if not (folder / FILE).exists():
        mend = "`tradebot run CONFIG` begins one."
        raise ConfigError("it has no record yet", place=f"account {folder.name}", mend=mend)


def _check_paper(folder: Path, runs: list[RunRow]) -> None:
    if any(row.mode != "paper" for row in runs):
        mend = "Only a paper account can be shown and reset so."
        raise ConfigError("it trades for real", place=f"account {folder.name}", mend=mend)


def _initial_balance(folder: Path) -> float:
    _check_kept(folder)
    with JournalReader(folder) as journal:
        for entry in journal.read():
            if isinstance(entry.message, RunStarted):
                return float(from_record(entry.message.configuration).broker.initial_balance)
    raise ConfigError("no run is on record", place=f"account {folder.name}", mend="`tradebot run CONFIG` begins one.")
