"""What is on record survives whatever ends the process, and nothing is half on record."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tradebot.core import crashpoint
from tradebot.core.errors import JournalError
from tradebot.core.event import EquityMarked, History, Reviewed, Submit, Timer
from tradebot.core.interval import Interval
from tradebot.core.journal import Checkpoint, Head, RunStarted
from tradebot.feeds.mock import mock_bars
from tradebot.store.account_file import FILE
from tradebot.store.journal import JournalReader, SqliteJournal
from tradebot.store.ledger.queries import Ledger

KILLER = Path(__file__).with_name("killed_journal.py")
START = RunStarted(ts=1, run_id="R1", mode="paper", configuration="{}", configuration_hash="", code_version="0")
CYCLES = int(os.environ.get("TRADEBOT_KILLS", "300"))


def python(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
        env=os.environ | environment,
    )


def test_after_kills_at_random_moments_every_acknowledged_entry_is_there_and_none_is_half(tmp_path: Path):
    done = python(str(KILLER), str(tmp_path / "paper"), str(CYCLES), "7")
    assert done.returncode == 0, done.stderr
    acknowledged = json.loads(done.stdout)
    with JournalReader(tmp_path / "paper") as reader:
        assert reader.verify().seq >= max(acknowledged)
        messages = [entry.message for entry in reader.read()]
    assert sum(map(bool, acknowledged)) > CYCLES / 2, "most writers were killed before they wrote"
    kinds = [type(message) for message in messages if not isinstance(message, EquityMarked | Checkpoint | RunStarted)]
    assert kinds == [Timer, Reviewed, Submit] * (len(kinds) // 3)
    orders = [message.order_id for message in messages if isinstance(message, Submit)]
    assert len(set(orders)) == len(orders)
    with Ledger(tmp_path / "paper") as ledger:
        assert len(ledger.orders(limit=10**9)) == len(orders)


@pytest.mark.parametrize("point", crashpoint.JOURNAL)
@pytest.mark.parametrize("hit", [1, 3])
def test_a_crash_at_a_named_point_leaves_a_sound_journal(tmp_path: Path, point: str, hit: int):
    code = (
        "import sys; from pathlib import Path; from killed_journal import *\n"
        "with SqliteJournal(Path(sys.argv[1])) as journal:\n"
        "    journal.append([RunStarted(ts=0, run_id='R1', mode='paper', configuration='{}', configuration_hash='', "
        "code_version='0')], durable=True)\n"
        "    for number in range(9): journal.append(group(number), durable=True); journal.save(b'state')\n"
    )
    armed = {crashpoint.VARIABLE: f"{point}:{hit}", "PYTHONPATH": str(KILLER.parent)}
    done = python("-c", code, str(tmp_path), **armed)
    assert done.returncode == -signal.SIGKILL, done.stderr
    with SqliteJournal(tmp_path) as journal:
        journal.append([START, Timer(1, "on we go")], durable=True)
    with JournalReader(tmp_path) as reader:
        assert reader.verify().seq >= 2


def test_a_misspelled_crash_point_is_refused(tmp_path: Path):
    done = python("-c", "import tradebot.core.crashpoint", **{crashpoint.VARIABLE: "before-comit"})
    assert 'there is no crash point "before-comit". Did you mean "before-commit"' in done.stderr


@contextlib.contextmanager
def small_disk(folder: Path, kilobytes: int) -> Iterator[None]:
    """A disk that is soon full: a file system of its own where that may be made, else a limit on the size of files."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(folder)]
    mounted = os.geteuid() == 0 and not subprocess.run(command, capture_output=True, timeout=30, check=False).returncode
    if mounted:
        try:
            yield
        finally:
            subprocess.run(["umount", "-l", folder], timeout=30, check=True)
        return
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (kilobytes << 10, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def test_on_a_full_disk_the_caller_is_told_and_what_was_acknowledged_stays(tmp_path: Path):
    disk = tmp_path / "disk"
    bars = History("BTCUSDT", Interval.parse("1m"), mock_bars("BTCUSDT", "1m", 200))
    with small_disk(disk, 1500):
        journal = SqliteJournal(disk / "paper", reserve=0)
        journal.append([START], durable=True)
        acknowledged = 1
        with pytest.raises(JournalError, match=r"disk is full|disk I/O error") as full:
            for _ in range(1000):
                journal.append([bars], durable=True)
                acknowledged += 1
        assert "What was recorded before is untouched" in str(full.value)
        with pytest.raises(JournalError, match="takes no more since it failed"):
            journal.append([Timer(1, "x")], durable=True)
        journal.close()
        with JournalReader(disk / "paper") as reader:
            assert reader.verify().seq == acknowledged > 3


def test_in_a_folder_that_may_not_be_written_nothing_starts_and_everything_can_be_read():
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        with SqliteJournal(folder) as journal:
            journal.append([START], durable=True)
        with read_only(folder):
            with pytest.raises(JournalError, match="cannot be written|may not be written"):
                SqliteJournal(folder)
            with JournalReader(folder) as reader:
                assert reader.verify().seq == 1


@contextlib.contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """A folder that may be read and not written; root, whom rights do not bind, becomes nobody for the while."""
    user = os.geteuid()
    for file in folder.iterdir():
        file.chmod(0o444)
    folder.chmod(0o555)
    try:
        if user == 0:
            os.seteuid(65_534)
        yield
    finally:
        os.seteuid(user)
        folder.chmod(0o700)


def test_a_database_that_another_program_holds_stops_the_journal_and_loses_nothing(tmp_path: Path):
    with SqliteJournal(tmp_path) as journal:
        journal.append([START], durable=True)
        foreign = sqlite3.connect(tmp_path / FILE, isolation_level=None)
        foreign.execute("BEGIN IMMEDIATE")
        with pytest.raises(JournalError, match="another program holds the database. Close it"):
            journal.append([Timer(1, "x")], durable=True)
        foreign.execute("ROLLBACK")
        foreign.close()
    with JournalReader(tmp_path) as reader:
        assert reader.verify().seq == 1


def test_an_older_copy_of_the_database_is_refused(tmp_path: Path):
    with SqliteJournal(tmp_path) as journal:
        journal.append([START], durable=True)
    copy = (tmp_path / FILE).read_bytes()
    with SqliteJournal(tmp_path) as journal:
        journal.append([Timer(1, "after the copy")], durable=True)
        head: Head = journal.head
    (tmp_path / FILE).write_bytes(copy)
    with pytest.raises(JournalError, match=f"it ends with entry 1, and had {head.seq} before"):
        SqliteJournal(tmp_path)
