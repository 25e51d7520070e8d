"""What a bot says when it cannot run: the place, the fact and the mend, exit code 2, and nothing is lost."""

from __future__ import annotations

import json
import resource
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from click.testing import CliRunner, Result

from local_exchange import Running, running
from tradebot.app.approval import configuration_hash
from tradebot.cli.main import root
from tradebot.config import load
from tradebot.store.account_file import FILE
from tradebot.store.accounts import account_folder
from tradebot.store.approvals import Approvals

LIVE: dict[str, Any] = {
    "broker": {"type": "binance", "market": "usdm", "host": "local"},
    "trading": {"symbol": "BTCUSDT", "position_size": 0.1},
    "data": {"data_source": "binance", "interval": "1m", "lookback_bars": 1},
    "strategy": {"type": "sma_cross"},
    "engine": {"mode": "live"},
}
PAPER: dict[str, Any] = {
    "broker": {"type": "mock"},
    "trading": {"symbol": "MOCKUSDT", "position_size": 0.5},
    "data": {"data_source": "mock", "interval": "1m", "lookback_bars": 30},
    "strategy": {"type": "sma_cross", "params": {"fast": 3, "slow": 6}},
    "engine": {"mode": "paper"},
}


class Usage(NamedTuple):
    total: int
    used: int
    free: int


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRADEBOT_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def venue() -> Iterator[Running]:
    with running() as exchange:
        yield exchange


@pytest.fixture
def exchange(venue: Running, monkeypatch: pytest.MonkeyPatch) -> Running:
    """A local exchange, and the environment of a person who has its keys."""
    monkeypatch.setenv("TRADEBOT_BINANCE_URL", venue.url)
    monkeypatch.setenv("BINANCE_LOCAL_API_KEY", venue.key)
    monkeypatch.setenv("BINANCE_LOCAL_API_SECRET", venue.secret)
    return venue


def tradebot(*words: str) -> Result:
    return CliRunner().invoke(root, words, prog_name="tradebot")


def live(*, valid_s: float = 60.0, approved: bool = True, **sections: Any) -> Result:
    """Run the live configuration, approved or not."""
    Path("bot.json").write_text(json.dumps({key: value | sections.get(key, {}) for key, value in LIVE.items()}))
    if approved:
        now = time.time_ns()
        digest = configuration_hash(load(Path("bot.json"), {}))
        Approvals().approve(digest, operator="me", now=now, expires=now + int(valid_s * 1e9))
        time.sleep(valid_s if valid_s < 1 else 0)
    return tradebot("run", "bot.json", "--iterations", "1")


def paper(bars: int = 50) -> Result:
    Path("bot.json").write_text(json.dumps(PAPER))
    return tradebot("run", "bot.json", "--iterations", str(bars))


def refused(found: Result, *facts: str) -> None:
    """One clear sentence on standard error and nothing else, and the exit code of a misuse."""
    assert found.exit_code == 2, found.output
    assert found.stderr.startswith("Error: ")
    assert "Traceback" not in found.output
    for fact in facts:
        assert fact in found.stderr


def test_no_keys(exchange: Running, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("BINANCE_LOCAL_API_KEY")
    refused(live(), "BINANCE_LOCAL_API_KEY is not set")


def test_wrong_keys(exchange: Running, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("BINANCE_LOCAL_API_SECRET", "canary-of-a-secret")
    found = live()
    refused(found, "BINANCE_LOCAL_API_SECRET")
    assert "canary" not in found.output


def test_an_exchange_that_cannot_be_reached(exchange: Running, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TRADEBOT_BINANCE_URL", "http://127.0.0.1:9")
    refused(live(), "127.0.0.1:9")


def test_a_symbol_that_is_not_listed(exchange: Running):
    refused(live(trading={"symbol": "NOSUCHUSDT"}), "NOSUCHUSDT")


def test_live_without_an_approval(exchange: Running):
    refused(live(approved=False), "engine.mode live: this configuration was never approved", "`tradebot live approve")
    assert exchange.ledger()["orders"] == []


def test_an_approval_that_has_expired(exchange: Running):
    refused(live(valid_s=0.05), "expired at", "`tradebot live approve")


def test_a_ledger_of_a_newer_version():
    assert paper().exit_code == 0
    file = account_folder("bot") / FILE
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA user_version = 999")
        connection.commit()
    before = file.read_bytes()
    for found in (paper(), tradebot("orders"), tradebot("status"), tradebot("paper", "status")):
        refused(found, "999", str(file))
    assert file.read_bytes() == before


def test_a_journal_whose_chain_is_broken():
    assert paper().exit_code == 0
    file = account_folder("bot") / FILE
    last = rows(file)
    # The last one is read by a start, which begins at the last saved state; replay and verify read them all.
    for seq in (20, last):
        with closing(sqlite3.connect(file)) as connection:
            unlocked(connection).execute("UPDATE entries SET body = zeroblob(length(body)) WHERE seq = ?", (seq,))
            connection.commit()
    refused(tradebot("replay"), "the chain is broken: entry 20 is not what was recorded")
    verified = tradebot("ledger", "verify")
    assert verified.exit_code == 1
    assert "entry 20 is not what was recorded" in verified.output
    refused(paper(), f"the chain is broken: entry {last} is not what was recorded. Nothing is traded on it")
    assert rows(file) == last


def test_an_entry_that_was_changed_before_the_last_saved_state_halts_the_bot_right_after_its_start():
    assert paper().exit_code == 0
    file = account_folder("bot") / FILE
    with closing(sqlite3.connect(file)) as connection:
        unlocked(connection).execute("UPDATE entries SET body = zeroblob(length(body)) WHERE seq = 20")
        connection.commit()
    found = paper(3_000)
    assert found.exit_code == 0
    assert "halt: " in found.stderr
    assert "the chain is broken: entry 20 is not what was recorded" in found.stderr
    told = tradebot("status").stdout
    assert "halted by tradebot: " in told
    assert "entry 20 is not what was recorded" in told


def test_a_journal_that_was_cut_off():
    assert paper().exit_code == 0
    file = account_folder("bot") / FILE
    with closing(sqlite3.connect(file)) as connection:
        unlocked(connection).execute("DELETE FROM entries WHERE seq > 20")
        connection.commit()
    refused(paper(), str(file))
    assert rows(file) == 20


def unlocked(connection: sqlite3.Connection) -> sqlite3.Connection:
    """A journal that takes changes, as nobody but a forger makes one."""
    for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        connection.execute(f"DROP TRIGGER {name}")
    return connection


def rows(file: Path) -> int:
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute("SELECT count(*) FROM entries").fetchone()[0]


def test_a_disk_that_is_nearly_full_lets_no_bot_start(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10**9, 10**9 - 1, 1))
    refused(paper(), "less than 64 MB are free on its disk. Free some space, then start again.")


def test_a_disk_that_fills_up_stops_the_bot_and_it_goes_on_where_it_was_once_there_is_room():
    assert paper(20).exit_code == 0
    most = (account_folder("bot") / FILE).stat().st_size + 150_000

    def fill_up() -> None:
        # Files that may not grow any more: to SQLite the same as a disk that takes no more.
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))

    command = [sys.executable, "-m", "tradebot", "run", "bot.json", "--iterations", "20000"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, preexec_fn=fill_up)
    assert done.returncode == 2, done.stderr
    assert "What was recorded before is untouched" in done.stderr
    assert "Traceback" not in done.stderr
    assert paper(20).exit_code == 0
    assert tradebot("replay").exit_code == 0
    assert tradebot("ledger", "verify").exit_code == 0
