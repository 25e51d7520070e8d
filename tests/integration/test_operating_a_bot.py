"""A bot that runs, told things and looked at from another terminal."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tradebot.app.recording import read_status
from tradebot.cli.main import root
from tradebot.core.interval import DAY
from tradebot.store.accounts import account_folder
from tradebot.store.latch import Halted, HaltLatch
from tradebot.store.ledger.queries import Ledger

CONFIG: dict[str, Any] = {
    "broker": {"type": "mock", "initial_balance": 10000.0},
    "trading": {"symbol": "MOCKUSDT", "position_size": 0.5},
    "data": {"data_source": "mock", "symbol": "MOCKUSDT", "interval": "1m", "lookback_bars": 50},
    "strategy": {"type": "sma_cross", "params": {"fast": 3, "slow": 6}},
    "engine": {"mode": "paper", "speed": 600},
}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRADEBOT_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


def tradebot(*words: str) -> Result:
    return CliRunner().invoke(root, words, prog_name="tradebot")


def document(*words: str) -> dict[str, Any]:
    result = tradebot(*words, "--json")
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def status() -> dict[str, Any]:
    return document("status")


@contextmanager
def bot(*words: str, **sections: Any) -> Iterator[subprocess.Popen[bytes]]:
    """A bot in a process of its own, once it trades; it is ended in good order."""
    Path("bot.json").write_text(json.dumps(CONFIG | sections))
    begun = time.time_ns()
    process = subprocess.Popen([sys.executable, "-m", "tradebot", "run", "bot.json", *words], stdout=subprocess.DEVNULL)
    try:
        until(lambda: trades_since(begun))
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGCONT)
            process.terminate()
            process.wait(timeout=20)


def trades_since(begun: int) -> bool:
    found = read_status(account_folder("bot"))
    return found is not None and found["written"] > begun and found["phase"] == "trading"


def until(true: Callable[[], Any], patience_s: float = 20.0) -> None:
    end = time.monotonic() + patience_s
    while not true():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.05)


def state_is(word: str) -> Callable[[], bool]:
    return lambda: status()["status"]["state"] == word


def test_a_pause_and_its_end_are_heard_by_a_bot_that_runs():
    with bot():
        assert document("pause", "--reason", "news") == {"account": "bot", "action": "pause", "bot": "heard"}
        until(state_is("paused"))
        assert "paused: `tradebot resume` ends it" in tradebot("status").stdout
        assert document("resume")["bot"] == "heard"
        until(state_is("trading"))


def test_a_word_for_a_bot_that_does_not_run_is_heard_when_it_starts():
    with bot():
        pass
    assert document("pause")["bot"] == "waits"
    assert [word["action"] for word in status()["waiting"]] == ["pause"]
    with bot():
        until(state_is("paused"))
        assert status()["waiting"] == []


def test_a_release_ends_a_reached_drawdown_though_no_halt_is_set():
    with bot(trading=CONFIG["trading"] | {"max_drawdown_pct": 0.05}):
        until(lambda: status()["status"]["halted"])
        assert "no entries: max_drawdown is reached. `tradebot release` ends it" in tradebot("status").stdout
        found = document("release")
        assert (found["was_halted"], found["bot"]) == (False, "heard")
        until(lambda: not status()["status"]["halted"])


def test_a_halt_that_comes_after_a_release_stands():
    with bot():
        pass
    assert document("release")["bot"] == "waits"
    HaltLatch(account_folder("bot")).set(Halted(ts=1, operator="me", reason="later"))
    with bot():
        until(state_is("halted"))
        time.sleep(0.5)
        assert status()["status"]["state"] == "halted"


def test_a_release_of_a_dead_bot_is_told_as_one_that_waits():
    with bot() as process:
        assert tradebot("halt").exit_code == 0
        until(state_is("halted"))
        process.kill()
        process.wait()
    assert tradebot("release").exit_code == 0
    told = tradebot("status").stdout.splitlines()
    assert told[0] == "released: it opens positions again when its bot is started again."
    assert told[1].startswith("bot  dead")
    assert tradebot("halt").exit_code == 0
    told = tradebot("status").stdout.splitlines()
    assert told[0].endswith(": halted by a person. `tradebot release` ends it.")
    assert told[1].startswith("bot  dead")


def test_status_tells_a_bot_that_lives_from_one_that_hangs_or_was_killed(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("tradebot.app.standing.HANGS_AFTER_S", 1.5)
    with bot() as process:
        process.send_signal(signal.SIGSTOP)
        until(lambda: status()["health"] == "hangs")
        process.send_signal(signal.SIGCONT)
        until(lambda: status()["health"] == "alive")
        process.kill()
        process.wait()
        assert status()["health"] == "dead"
        assert "start it again, and it goes on where it was" in tradebot("status").stdout
    with bot():
        pass
    assert status()["health"] == "stopped"


def test_a_quiet_market_makes_no_status_old():
    # A bar a minute, in real time: the first comes long after the test.
    with bot(engine={"mode": "paper", "speed": 0.5}):
        before = status()["status"]["written"]
        until(lambda: status()["status"]["written"] > before)
        assert status()["age_s"] < 3


def test_todays_profit_is_told_of_the_bots_own_day():
    # A day and a half of minutes, played as fast as they can.
    Path("bot.json").write_text(json.dumps(CONFIG | {"engine": {"mode": "paper"}}))
    assert tradebot("run", "bot.json", "--iterations", "2000").exit_code == 0
    found = status()
    day = found["status"]["now"] // DAY * DAY
    with Ledger(account_folder("bot")) as ledger:
        begun = next(point.equity for point in ledger.equity(limit=100_000) if point.ts <= day)
    assert begun != CONFIG["broker"]["initial_balance"]
    assert found["day_pnl"] == pytest.approx(found["status"]["equity"] - float(begun))
    assert f"today {found['day_pnl']:+,.2f}" in tradebot("status").stdout
