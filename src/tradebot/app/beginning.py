"""How a run begins, or goes on where its record ends."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final, Literal

from tradebot import __version__
from tradebot.app.approval import recorded
from tradebot.core.errors import ConfigError
from tradebot.core.interval import SECOND
from tradebot.core.journal import RunStarted
from tradebot.store.ledger.queries import Ledger

if TYPE_CHECKING:
    from pathlib import Path

    from tradebot.app.broking import Broker
    from tradebot.config import Configuration
    from tradebot.store.journal import SqliteJournal
    from tradebot.store.ledger.rows import RunRow

# A venue may show a trade only a while after it was made.
_LAG_NS: Final = 60 * SECOND
# Venues tell the time in milliseconds.
_NEXT_NS: Final = 1_000_000


def begun_on(configuration: Configuration, digest: str, journal: SqliteJournal, account: str) -> RunStarted | None:
    """How the run began that the configuration goes on with; ``None`` where it begins a new one.

    Raises
    ------
    ConfigError : the account holds a record that it cannot go on with.
    """
    with Ledger(journal.path.parent) as ledger:
        last = next(iter(ledger.runs(limit=1)), None)
    if last is None:
        return None
    resumes = last.configuration_hash == digest
    _check_same_account(account, last, _mode(configuration), resumes=resumes)
    return journal.beginning(last.run_id) if resumes else None


def left_behind(configuration: Configuration, begun: RunStarted | None, folder: Path) -> str:
    """The coins that the account's ledger has and a new run would not look after, in one sentence; empty for none.

    Coins tell no owner: the books of a run on spot, which begin empty, take those of an earlier run for another hand's.
    """
    if begun is not None or configuration.engine.mode != "live" or configuration.broker.market != "spot":
        return ""
    with Ledger(folder) as ledger:
        left = ", ".join(f"{row.quantity.normalize():f} of {row.symbol}" for row in ledger.positions())
    if not left:
        return ""
    return (
        f"an earlier run has left {left} open by the ledger, which this one neither closes nor protects:"
        " `tradebot halt --flatten` does, or the configuration before its change"
    )


def _mode(configuration: Configuration) -> Literal["paper", "live"]:
    return "live" if configuration.engine.mode == "live" else "paper"


def started_on(
    configuration: Configuration, digest: str, run_id: str, broker: Broker, begun: RunStarted | None
) -> RunStarted:
    """The start that goes on record: a run decides by the markets' rules as they were when it began."""
    instruments, abilities = broker.instruments, broker.engine.abilities
    if begun is not None and begun.instruments:
        instruments, abilities = begun.instruments, begun.abilities
    return RunStarted(
        ts=time.time_ns() + broker.skew,
        run_id=run_id,
        mode=_mode(configuration),
        configuration=recorded(configuration),
        configuration_hash=digest,
        code_version=__version__,
        instruments=instruments,
        abilities=abilities,
    )


def told_until(journal: SqliteJournal, begun: RunStarted | None) -> int | None:
    """Time from which a broker tells what the record of a run may lack, int64 ns UTC; ``None`` for a new run.

    Up to the run's latest snapshot everything was asked for; what is on record after it proves nothing of those before.
    The times are the exchange's: those of its trades, and its clock where none is on record. What the account has on
    record of earlier runs, or what happened before this one, is none of it.
    """
    known = None if begun is None else journal.known_until(begun.run_id)
    if known is None or begun is None:
        return None
    newest = known.compared if known.newest is None else known.newest
    since = max(newest - _LAG_NS, 0 if known.earlier is None else known.earlier + _NEXT_NS)
    # A market that is played faster or later than it was has trades that know nothing of the exchange's clock.
    return since if newest < begun.ts else max(since, begun.ts)


def _check_same_account(account: str, last: RunRow, mode: str, *, resumes: bool) -> None:
    """Paper and live share no record, and a paper account's money belongs to the configuration that earned it."""
    own = 'give this one an account of its own: "engine": {"account": "NAME"}'
    aside = f"`tradebot paper reset --account {account}` sets that record aside and begins anew"
    if last.mode != mode:
        fact = f"the account {account} holds a record of {last.mode} trading, and this would trade {mode}"
        mend = f"{aside}; or {own}." if last.mode == "paper" else f"{own[0].upper()}{own[1:]}."
        raise ConfigError(fact, place="engine.account", mend=mend)
    if mode == "paper" and not resumes:
        fact = f"the paper account {account} holds the record of another configuration, or of this one or its"
        raise ConfigError(f"{fact} strategy's file before a change", place="engine.account", mend=f"{aside}; or {own}.")
