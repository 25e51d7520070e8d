"""A journal whose writers are killed: ``python killed_journal.py FOLDER CYCLES SEED`` prints what each was told.

Each cycle forks a writer that appends groups of three entries as fast as it can and acknowledges each group once the
journal has returned from it; a random moment after a random number of groups it is killed. What it had acknowledged is
printed as JSON.
"""

from __future__ import annotations

import json
import os
import random
import signal
import struct
import sys
import time
from pathlib import Path

from tradebot.core.event import EquityMarked, Reviewed, Submit, Timer
from tradebot.core.journal import RunStarted
from tradebot.core.order import OrderIntent
from tradebot.store.journal import SqliteJournal

MOST_GROUPS = 8
LONGEST_S = 0.01
_ACKNOWLEDGED = struct.Struct("<q")


def group(number: int) -> list[Timer | Reviewed | Submit]:
    """One event and what came of it."""
    order_id = f"R1-{number}"
    return [
        Timer(number, "next"),
        Reviewed(ts=number, order_id=order_id, symbol="BTCUSDT", allowed=True),
        Submit(order_id, OrderIntent("BTCUSDT", "buy", 1.0 + number)),
    ]


def write(folder: Path, acknowledge: int) -> None:
    """Append for ever; tell the number of the last entry of each group that is on the disk."""
    journal = SqliteJournal(folder)
    number = journal.head.seq + 1
    if not journal.run_id:
        started = RunStarted(
            ts=0, run_id="R1", mode="paper", configuration="{}", configuration_hash="", code_version="0"
        )
        journal.append([started], durable=True)
    while True:
        journal.append([EquityMarked(ts=number, cash=1.0, equity=1.0)], durable=False)
        journal.append(group(number), durable=True)
        os.write(acknowledge, _ACKNOWLEDGED.pack(journal.head.seq))
        if number % 7 == 0:
            journal.save(b"state %d" % number)
        number += 1


def cycle(folder: Path, chance: random.Random) -> int:
    """One writer, killed; the number of the last entry it acknowledged, or 0."""
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read_end)
        try:
            write(folder, write_end)
        finally:
            os._exit(1)
    os.close(write_end)
    told = b""
    for _ in range(chance.randint(0, MOST_GROUPS)):
        told += os.read(read_end, _ACKNOWLEDGED.size)
    time.sleep(chance.uniform(0.0, LONGEST_S))
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if not os.WIFSIGNALED(status):
        raise SystemExit("a writer ended by itself")
    while chunk := os.read(read_end, 1 << 16):
        told += chunk
    os.close(read_end)
    return _ACKNOWLEDGED.unpack(told[-_ACKNOWLEDGED.size :])[0] if told else 0


def main() -> None:
    """Run the cycles, one after the other on one journal."""
    folder, cycles, seed = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    chance = random.Random(seed)
    json.dump([cycle(folder, chance) for _ in range(cycles)], sys.stdout)


if __name__ == "__main__":
    main()
