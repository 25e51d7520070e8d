"""How a run begins, or goes on where its record ends."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Literal

from tradebot import __version__
from tradebot.app.approval import recorded
from tradebot.app.coins import coins_of, record_of
from tradebot.app.markets import binance_host
from tradebot.core.errors import ConfigError
from tradebot.core.journal import RunStarted
from tradebot.store.ledger.queries import Ledger

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tradebot.app.broking import Broker
    from tradebot.config import Configuration
    from tradebot.store.journal import SqliteJournal
    from tradebot.store.ledger.rows import RunRow


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


async def left_behind(
    configuration: Configuration, begun: RunStarted | None, folder: Path, environment: Mapping[str, str]
) -> str:
    """What earlier runs have left on spot and a new one would not look after, in one sentence; empty for nothing.

    Coins tell no owner: the books of a run on spot, which begin empty, have no part in those of an earlier one, nor in
    its orders, which may bring it more of them.

    Raises
    ------
    TradebotError : the broker cannot be reached, or refuses the key.
    """
    spot = configuration.engine.mode == "live" and configuration.broker.market == "spot"
    if begun is not None or not spot:
        return ""
    recorded = record_of(folder, configuration.traded)
    if not recorded.runs:
        return ""
    async with coins_of(folder, recorded, binance_host(configuration, environment), environment) as coins:
        account = await coins.look()
    left = [f"{held.quantity.normalize():f} of {held.symbol} open" for held in account.positions]
    left += [f"{order.order_id} ({order.symbol}) working" for order in account.orders if not order.reduce_only]
    if not left:
        return ""
    return (
        f"an earlier run has left {', '.join(left)}, which this one neither closes nor protects: `tradebot halt"
        " --flatten` does, or the configuration before its change"
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
