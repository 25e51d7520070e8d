"""A run on record, decided once more by a fresh trader."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from tradebot.app.approval import from_record
from tradebot.app.decision import plan_of
from tradebot.config import Loaded
from tradebot.core.errors import ConfigError
from tradebot.core.journal import Message
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


def replay_run(journal: JournalReader, run_id: str) -> Replayed:
    """Give the events of a run to fresh traders made from what is on record of its start.

    Raises
    ------
    ConfigError : there is no such run, or no bot wrote it.
    JournalError : the record is damaged.
    """
    begun = journal.beginning(run_id)
    if begun is None:
        mend = "`tradebot orders --json` tells the runs of an account; --account chooses another."
        raise ConfigError("it is not on record", place=f"run {run_id}", mend=mend)
    if not begun.instruments:
        raise ConfigError("the rules of its markets are not on record", place=f"run {run_id}")
    loaded = Loaded(from_record(begun.configuration), "the journal", {})
    entries = 0

    def messages() -> Iterator[Message]:
        nonlocal entries
        for entry in journal.read():
            if entry.run_id == run_id:
                entries += 1
                yield entry.message

    def fresh() -> Trader:
        return Trader(plan_of(loaded, run_id, begun.instruments, begun.abilities))

    difference = replay(fresh, messages())
    return Replayed(run_id=run_id, entries=entries, difference=difference)
