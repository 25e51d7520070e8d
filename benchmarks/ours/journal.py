"""W8: entries of the journal, each on the disk before the next; ``python -m benchmarks.ours.journal [CALLS]``."""

from __future__ import annotations

import shutil
import sys

import tradebot
from benchmarks import data
from benchmarks.measure import Answer, report
from tradebot.core.event import Submit
from tradebot.core.journal import RunStarted
from tradebot.core.order import OrderIntent
from tradebot.store.journal import SqliteJournal

ENTRIES = 5_000


def appended() -> Answer:
    """Orders on record, one durable append each, with the ledger's row beside it."""
    folder = data.CACHE / "journal"
    shutil.rmtree(folder, ignore_errors=True)
    intent = OrderIntent("BTCUSDT", "buy", 0.25, type="limit", price=67000.0)
    with SqliteJournal(folder) as journal:
        started = RunStarted(
            ts=1, run_id="R1", mode="paper", configuration="{}", configuration_hash="", code_version="0"
        )
        journal.append([started], durable=True)
        for number in range(1, ENTRIES):
            journal.append([Submit(f"R1-{number}", intent)], durable=True)
        return {"trades": journal.head.seq, "equity": 0.0}


def main(calls: int = 5) -> None:
    report(appended, units=ENTRIES, calls=calls, version=tradebot.__version__)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
