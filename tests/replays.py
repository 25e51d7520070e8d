"""Replays of what bots have left in a folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tradebot.app.replaying import replay_run
from tradebot.core.errors import JournalError
from tradebot.core.journal import RunStarted
from tradebot.store.journal import JournalReader

IMPATIENT: Final = "impatient"
"""Name of a file above the books of a bot that waits less long than in earnest: no fresh trader asks when it did."""


def runs_in(folder: Path) -> Iterator[tuple[Path, str]]:
    """Every run of a bot on record below a folder, by the account's folder and its name."""
    for file in sorted(folder.rglob("ledger.db")):
        if any((parent / IMPATIENT).exists() for parent in file.parents):
            continue
        try:
            with JournalReader(file.parent) as journal:
                starts = [entry.message for entry in journal.read() if isinstance(entry.message, RunStarted)]
        except JournalError:
            # Damaged, or made old, by a test that wants it so.
            continue
        # What a test has written by hand tells of no markets.
        yield from (
            (file.parent, name) for name in dict.fromkeys(start.run_id for start in starts if start.instruments)
        )


def differences_in(folder: Path) -> list[str]:
    """What a replay of each of them finds, in words."""
    found: list[str] = []
    for account, run_id in runs_in(folder):
        with JournalReader(account) as journal:
            difference = replay_run(journal, run_id).difference
        if difference is not None:
            found.append(f"{account.relative_to(folder)}, run {run_id}: {difference}")
    return found
