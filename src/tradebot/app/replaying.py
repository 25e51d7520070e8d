"""A run on record, decided once more by a fresh trader."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import msgspec

from tradebot.app.approval import from_record
from tradebot.app.decision import plan_of
from tradebot.app.markets import markets_of
from tradebot.brokers.paper import PaperBroker
from tradebot.config import Loaded
from tradebot.core.errors import ConfigError
from tradebot.core.journal import Message, RunStarted
from tradebot.engine.replay import Difference, replay
from tradebot.engine.trader import Trader

if TYPE_CHECKING:
    from tradebot.store.journal import JournalReader


class Replayed(msgspec.Struct, frozen=True, kw_only=True):
    """What a replay found.

    Parameters
    ----------
    run_id : the run.
    entries : entries of it that were read, up to the difference where there is one.
    difference : the first one; ``None`` where every command and record is what was recorded.
    """

    run_id: str
    entries: int
    difference: Difference | None


def replay_run(journal: JournalReader, run_id: str, environment: Mapping[str, str]) -> Replayed:
    """Give the events of a run to a fresh trader made from the configuration on record.

    Raises
    ------
    ConfigError : there is no such run, or it traded for real: the rules of its markets are not on record.
    JournalError : the record is damaged.
    """
    started = _start_of(journal, run_id)
    configuration = from_record(started.configuration)
    loaded = Loaded(configuration, "the journal", {})
    instruments = markets_of(configuration, environment).instruments
    entries = 0

    def messages() -> Iterator[Message]:
        nonlocal entries
        for entry in journal.read():
            if entry.run_id == run_id:
                entries += 1
                yield entry.message

    difference = replay(Trader(plan_of(loaded, run_id, instruments, PaperBroker.abilities)), messages())
    return Replayed(run_id=run_id, entries=entries, difference=difference)


def _start_of(journal: JournalReader, run_id: str) -> RunStarted:
    for entry in journal.read():
        if entry.run_id == run_id and isinstance(entry.message, RunStarted):
            if entry.message.mode == "live":
                fact = "it traded for real, and the rules of its markets are not on record"
                raise ConfigError(fact, place=f"run {run_id}", mend="Runs on paper can be replayed.")
            return entry.message
    mend = "`tradebot orders --json` tells the runs of an account; --account chooses another."
    raise ConfigError("it is not on record", place=f"run {run_id}", mend=mend)
