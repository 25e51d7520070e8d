"""A paper bot that is killed again and again ends where one that was not killed ends."""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import signal
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import paper_bot_life
import pytest
from fork_server import Life, warm_up
from landings import Landings

from tradebot.app.replaying import replay_run
from tradebot.core import crashpoint as points
from tradebot.store.journal import JournalReader
from tradebot.store.ledger.queries import Ledger

BARS = 600
# `make soak` asks for many more.
KILLS = int(os.environ.get("TRADEBOT_SOAK_KILLS", "700"))
LIVES = 25
"""Of each seed."""
SEED = int(os.environ.get("TRADEBOT_SOAK_SEED", "1"))
SEEDS = range(SEED, SEED + KILLS // LIVES)
CONFIG = {
    "broker": {"type": "mock", "initial_balance": 10000.0},
    "trading": {"symbol": "MOCKUSDT", "position_size": 0.5},
    "data": {"data_source": "mock", "symbol": "MOCKUSDT", "interval": "1m", "lookback_bars": 50},
    "strategy": {"type": "sma_cross", "params": {"fast": 5, "slow": 20}},
    "risk_management": {"stop_loss_pct": 0.5, "take_profit_pct": 1.0},
    "engine": {"mode": "paper"},
}


@pytest.fixture(scope="module")
def landings() -> Iterator[Landings]:
    """Of all random kills of this process, which must have hit every moment."""
    found = Landings("a bot on paper", ("before its start was on record", "coming back", "trading"))
    yield found
    assert not found.missed


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "bot.json"
    file.write_text(json.dumps(CONFIG))
    return file


def start(config: Path, home: Path, bars: int, *, crash: str = "") -> Life:
    return Life(paper_bot_life.run, config, home, bars, crash, log=config.with_suffix(".log"))


def asked(home: Path, query: str) -> int:
    """A number out of what is on the disk, whatever state the bot is in; 0 where there is none."""
    file = home / "accounts" / "bot" / "ledger.db"
    try:
        with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
            return connection.execute(query).fetchone()[0] or 0
    except sqlite3.OperationalError:
        # Not made yet, or being made.
        return 0


def entries(home: Path) -> int:
    return asked(home, "SELECT max(seq) FROM entries")


def bars_done(home: Path) -> int:
    return asked(home, "SELECT count(*) FROM entries WHERE kind = 'BarClosed'")


def last_start(home: Path) -> int:
    return asked(home, "SELECT max(seq) FROM entries WHERE kind = 'RunStarted'")


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


def kill_at_random(config: Path, home: Path, draw: random.Random, landings: Landings, most: int) -> int:
    """Kill a bot until it is done, at most so many times; returns how often it was."""
    kills = 0
    while kills < most and (done := bars_done(home)) < BARS:
        before = entries(home)
        bot = start(config, home, BARS - done)
        if draw.random() < 0.3:
            bot.ended(draw.uniform(0.0, 0.05))
        else:
            goal = before + draw.choice([1, 2, *[draw.randrange(3, 120)] * 4])
            deadline = time.monotonic() + 60
            while not bot.ended(0.002) and entries(home) < goal and time.monotonic() < deadline:
                pass
        bot.kill()
        assert bot.code in (0, -signal.SIGKILL), bot.said
        if bot.code:
            kills += 1
            landings.killed([moment(home, before, done)])
    return kills


def moment(home: Path, before: int, done: int) -> str:
    """What a bot was at when it was killed that began with so many entries and bars on record."""
    if last_start(home) <= before:
        return "before its start was on record"
    return "coming back" if bars_done(home) == done else "trading"


@pytest.mark.parametrize("seed", SEEDS, ids=[f"seed-{seed}" for seed in SEEDS])
def test_random_kills_lose_nothing_and_double_nothing(
    config: Path, tmp_path: Path, whole: list[tuple[object, ...]], landings: Landings, seed: int
):
    warm_up()
    draw = random.Random(seed)
    kills = 0
    while kills < LIVES:
        torn = tmp_path / "torn"
        kills += kill_at_random(config, torn, draw, landings, LIVES - kills)
        run_to_end(config, torn)
        assert_whole(torn, whole)
        # It has been replayed here.
        shutil.rmtree(torn)
    print(f"{landings}; seed {seed}", flush=True)


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
