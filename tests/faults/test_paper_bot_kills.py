"""A paper bot that is killed again and again ends where one that was not killed ends."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import paper_bot_life
import pytest
from fork_server import Life

from tradebot.app.replaying import replay_run
from tradebot.core import crashpoint as points
from tradebot.store.journal import JournalReader
from tradebot.store.ledger.queries import Ledger

BARS = 600
# `make soak` asks for many more.
KILLS = int(os.environ.get("TRADEBOT_SOAK_KILLS", "25"))
CONFIG = {
    "broker": {"type": "mock", "initial_balance": 10000.0},
    "trading": {"symbol": "MOCKUSDT", "position_size": 0.5},
    "data": {"data_source": "mock", "symbol": "MOCKUSDT", "interval": "1m", "lookback_bars": 50},
    "strategy": {"type": "sma_cross", "params": {"fast": 5, "slow": 20}},
    "risk_management": {"stop_loss_pct": 0.5, "take_profit_pct": 1.0},
    "engine": {"mode": "paper"},
}


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "bot.json"
    file.write_text(json.dumps(CONFIG))
    return file


def start(config: Path, home: Path, bars: int, *, crash: str = "") -> Life:
    return Life(paper_bot_life.run, config, home, bars, crash, log=config.with_suffix(".log"))


def count(home: Path, kind: str = "%") -> int:
    """Entries of a kind that are on the disk, whatever state the bot is in."""
    file = home / "accounts" / "bot" / "ledger.db"
    try:
        with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
            return connection.execute("SELECT count(*) FROM entries WHERE kind LIKE ?", (kind,)).fetchone()[0]
    except sqlite3.OperationalError:
        # Not made yet, or being made.
        return 0


def bars_done(home: Path) -> int:
    return count(home, "BarClosed")


def run_to_end(config: Path, home: Path) -> None:
    while (left := BARS - bars_done(home)) > 0:
        bot = start(config, home, left)
        assert bot.ended(120.0)
        assert bot.code == 0, bot.said


def die(config: Path, home: Path, crash: str) -> None:
    """A life that ends at a crash point."""
    bot = start(config, home, BARS - bars_done(home), crash=crash)
    assert bot.ended(120.0)
    assert bot.code == -signal.SIGKILL, bot.said


def story(home: Path) -> Iterator[tuple[object, ...]]:
    """Every fill, without the name of the run."""
    with Ledger(home / "accounts" / "bot") as ledger:
        for fill in reversed(ledger.fills(limit=100_000)):
            order = fill.order_id.split("-", 1)[1]
            yield fill.ts, order, fill.trade_id, fill.side, fill.price, fill.quantity, fill.fee


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[object, ...]]:
    """The story of a bot that nobody killed."""
    folder = tmp_path_factory.mktemp("whole")
    (folder / "bot.json").write_text(json.dumps(CONFIG))
    run_to_end(folder / "bot.json", folder / "home")
    found = list(story(folder / "home"))
    assert len(found) > 20
    return found


def assert_whole(home: Path, whole: list[tuple[object, ...]]) -> None:
    """The same story, an unbroken chain, and a fresh trader that decides every command as it was recorded."""
    assert list(story(home)) == whole
    with JournalReader(home / "accounts" / "bot") as journal:
        journal.verify()
        run_id = next(iter(journal.read())).run_id
        assert replay_run(journal, run_id).difference is None


def kill_at_random(config: Path, home: Path, draw: random.Random, most: int) -> int:
    """Kill a bot until it is done, at most so many times; returns how often it was."""
    kills = 0
    while bars_done(home) < BARS and kills < most:
        before = count(home)
        bot = start(config, home, BARS - bars_done(home))
        goal = before + draw.randrange(1, 120)
        deadline = time.monotonic() + 60
        while not bot.ended(0.001) and count(home) < goal and time.monotonic() < deadline:
            pass
        bot.kill()
        assert bot.code in (0, -signal.SIGKILL), bot.said
        kills += bot.code == -signal.SIGKILL
    return kills


def test_random_kills_lose_nothing_and_double_nothing(config: Path, tmp_path: Path, whole: list[tuple[object, ...]]):
    draw = random.Random(7)
    kills = 0
    for turn in range(1_000):
        torn = tmp_path / f"torn{turn}"
        done = kill_at_random(config, torn, draw, KILLS - kills)
        assert done > 0
        kills += done
        run_to_end(config, torn)
        assert_whole(torn, whole)
        print(f"{kills} kills of a paper bot", flush=True)
        if kills >= min(KILLS, 10) and (kills >= KILLS or "TRADEBOT_SOAK_KILLS" not in os.environ):
            break
    assert kills >= 10


@pytest.mark.parametrize("point", [*points.DRIVER, "before-send:5", "after-send:5"])
def test_a_kill_beside_an_order_or_a_restart_loses_and_doubles_nothing(
    config: Path, tmp_path: Path, whole: list[tuple[object, ...]], point: str
):
    torn = tmp_path / "torn"
    die(config, torn, point)
    run_to_end(config, torn)
    assert_whole(torn, whole)


@pytest.mark.parametrize("second", ["before-commit", "after-commit", "recovered"])
def test_a_second_kill_during_recovery_loses_and_doubles_nothing(
    config: Path, tmp_path: Path, whole: list[tuple[object, ...]], second: str
):
    torn = tmp_path / "torn"
    for point in ("after-send:3", second):
        die(config, torn, point)
    run_to_end(config, torn)
    assert_whole(torn, whole)


@pytest.mark.parametrize(
    "point", ["before-commit:40", "after-commit:40", "before-head", "after-head", "before-commit", "after-commit:2"]
)
def test_a_crash_at_every_named_point_is_come_back_from(
    config: Path, tmp_path: Path, whole: list[tuple[object, ...]], point: str
):
    torn = tmp_path / "torn"
    die(config, torn, point)
    run_to_end(config, torn)
    assert list(story(torn)) == whole
