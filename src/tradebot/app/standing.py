"""How an account's bot does, as any process sees it from outside."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, Final

import msgspec

from tradebot.app.recording import read_status
from tradebot.core.interval import DAY
from tradebot.store import locks
from tradebot.store.accounts import account_folder
from tradebot.store.latch import Halted, HaltLatch
from tradebot.store.ledger.queries import Ledger
from tradebot.store.mailbox import Mailbox, Word

# A bot renews its status every second, whatever the market does.
HANGS_AFTER_S: Final = 10.0


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """An account at the moment it was looked at.

    Parameters
    ----------
    account : its name.
    is_alive : whether a process holds its journal.
    halted : who halted it and why, by the latch; ``None`` where it is not set.
    waiting : operators' words that no bot has heard yet.
    age_s : seconds since the bot published its status; ``None`` where it never has.
    data_age_s : seconds since the newest market data; ``None`` where data is played, which has no age.
    day_pnl : change of equity since the UTC day of the bot's time began; ``None`` before its first point.
    status : what the bot published last; ``None`` where there is nothing.
    """

    account: str
    is_alive: bool
    halted: Halted | None
    waiting: tuple[Word, ...]
    age_s: float | None
    data_age_s: float | None
    day_pnl: float | None
    status: dict[str, Any] | None

    @property
    def health(self) -> str:
        """``alive``, ``hangs`` (alive, and silent for a while), ``stopped`` in good order, or ``dead``."""
        if self.is_alive:
            return "hangs" if self.age_s is not None and self.age_s > HANGS_AFTER_S else "alive"
        return "stopped" if self.status is not None and self.status["phase"] == "stopped" else "dead"


def standing_of(account: str) -> Standing:
    """How the bot of an account does now.

    Raises
    ------
    JournalError : the account's ledger cannot be read.
    """
    folder = account_folder(account)
    status, now = read_status(folder), time.time_ns()
    return Standing(
        account=account,
        is_alive=not locks.is_free(folder),
        halted=HaltLatch(folder).read(),
        waiting=tuple(Mailbox(folder).waiting().values()),
        age_s=None if status is None else max(now - status["written"], 0) / 1e9,
        data_age_s=None if status is None else _data_age(status, now),
        day_pnl=None if status is None else _day_pnl(folder, status),
        status=status,
    )


def _data_age(status: dict[str, Any], now: int) -> float | None:
    newest = max(status["feed"]["last_ts"].values(), default=None)
    if newest is None or not status["clock"]["is_real"]:
        return None
    return max(now + status["clock"]["skew_ns"] - newest, 0) / 1e9


def _day_pnl(folder: Path, status: dict[str, Any]) -> float | None:
    opening = opening_equity(folder, status["run_id"], status["now"])
    return None if opening is None else status["equity"] - opening


def opening_equity(folder: Path, run_id: str, now: int) -> float | None:
    """Equity of a run as the UTC day of ``now`` (the bot's time, int64 ns) began; ``None`` before its first point.

    What the day before ended with, as the limit on a day's loss has it.

    Raises
    ------
    JournalError : the account's ledger cannot be read.
    """
    with Ledger(folder) as ledger:
        opening = ledger.equity_at(now // DAY * DAY, run_id=run_id)
    return None if opening is None else float(opening.equity)
