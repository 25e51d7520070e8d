"""A bot on paper as a person meets it: run, looked at, replayed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner, Result

from tradebot.app.replaying import replay_run
from tradebot.cli.main import root
from tradebot.core.event import Submit
from tradebot.core.journal import Entry
from tradebot.store.accounts import account_folder
from tradebot.store.journal import JournalReader, SqliteJournal

CONFIG = {
    "broker": {"type": "mock", "initial_balance": 10000.0},
    "trading": {"symbol": "MOCKUSDT", "position_size": 0.5},
    "data": {"data_source": "mock", "symbol": "MOCKUSDT", "interval": "1m", "lookback_bars": 50},
    "strategy": {"type": "sma_cross", "params": {"fast": 5, "slow": 20}},
    "risk_management": {"stop_loss_pct": 0.5, "take_profit_pct": 1.0},
    "engine": {"mode": "paper"},
}
SECRET = "hunter2-hunter2-hunter2"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TRADEBOT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("BINANCE_API_SECRET", SECRET)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(bars: int, **sections: object) -> Result:
    Path("bot.json").write_text(json.dumps(CONFIG | sections))
    return tradebot("run", "bot.json", "--iterations", str(bars))


def tradebot(*words: str) -> Result:
    return CliRunner().invoke(root, words, prog_name="tradebot")


def test_status_of_a_bot_that_has_ended_is_what_it_published_last():
    assert run(300).exit_code == 0
    document = json.loads(tradebot("status", "--json").stdout)
    status = document["status"]
    assert (document["account"], document["halted"], status["phase"]) == ("bot", None, "stopped")
    assert status["feed"]["data_points"] >= 300
    assert status["performance"]["fills"] == len(json.loads(tradebot("fills", "--json").stdout)["fills"])
    assert "return" in tradebot("status").stdout


def test_a_run_that_was_stopped_and_went_on_replays_identically():
    assert run(150).exit_code == 0
    assert run(150).exit_code == 0
    found = json.loads(tradebot("replay", "--json").stdout)
    assert found["identical"]
    assert found["entries"] > 300


def test_replay_shows_the_first_command_that_would_be_another():
    assert run(300).exit_code == 0
    folder = account_folder("bot")
    with JournalReader(folder) as journal:
        run_id = next(iter(journal.read())).run_id

    class Changed(JournalReader):
        """The journal, but for the name of its first order."""

        def read(self, after: int = 0) -> Iterator[Entry]:
            entries = list(super().read(after))
            first = next(n for n, entry in enumerate(entries) if isinstance(entry.message, Submit))
            other = Submit("other-1", entries[first].message.intent)
            entries[first] = msgspec.structs.replace(entries[first], message=other)
            return iter(entries)

    with Changed(folder) as journal:
        found = replay_run(journal, run_id)
    assert found.difference is not None
    assert found.difference.recorded.order_id == "other-1"


def up() -> Result:
    Path("bot.json").write_text(json.dumps(CONFIG | {"logging": {"log_file": "logs/bot.log"}}))
    return tradebot("up", "bot.json", "--port", "0", "--for", "2s")


def test_a_bot_that_is_served_writes_each_trade_once():
    assert up().exit_code == 0
    trades = Path("logs/bot.trades.jsonl").read_text().splitlines()
    assert len(trades) == len(json.loads(tradebot("fills", "--limit", "100000", "--json").stdout)["fills"]) > 0


def test_a_served_bot_that_cannot_start_says_so_in_the_terminal():
    with SqliteJournal(account_folder("bot")):
        found = up()
    assert found.exit_code == 0
    assert "critical: the bot has failed: " in found.stderr
    assert "is running on this account" in found.stderr


def test_an_unknown_run_is_named(home: Path):
    assert run(5).exit_code == 0
    found = tradebot("replay", "nobody")
    assert found.exit_code == 2
    assert "run nobody: it is not on record" in found.stderr


def test_the_section_logging_writes_its_files_without_secrets(home: Path):
    assert run(300, logging={"log_file": "logs/bot.log"}).exit_code == 0
    names = {file.name for file in Path("logs").iterdir()}
    assert {"bot.orders.jsonl", "bot.trades.jsonl", "bot.equity.csv"} <= names
    trades = Path("logs/bot.trades.jsonl").read_text().splitlines()
    assert len(trades) == len(json.loads(tradebot("fills", "--limit", "1000", "--json").stdout)["fills"])
    assert not any(SECRET in file.read_text(errors="replace") for file in home.rglob("*") if file.is_file())


def test_a_journal_that_is_held_by_another_process_lets_no_bot_start(home: Path):
    assert run(5).exit_code == 0
    with SqliteJournal(account_folder("bot")):
        found = run(5)
    assert found.exit_code == 2
    assert "is running on this account" in found.stderr


def test_a_paper_account_is_looked_at_and_begins_anew_with_nothing_lost(home: Path):
    assert run(300).exit_code == 0
    before = json.loads(tradebot("fills", "--json").stdout)["fills"]
    found = json.loads(tradebot("paper", "status", "--json").stdout)
    assert (found["account"], found["initial_balance"], found["is_running"]) == ("bot", 10_000.0, False)
    changed = run(5, trading={"symbol": "MOCKUSDT", "position_size": 0.4})
    assert changed.exit_code == 2
    assert "`tradebot paper reset --account bot` sets that record aside" in changed.stderr
    kept = json.loads(tradebot("paper", "reset", "--account", "bot", "--json").stdout)["kept_as"]
    assert run(5, trading={"symbol": "MOCKUSDT", "position_size": 0.4}).exit_code == 0
    assert json.loads(tradebot("fills", "--account", kept, "--json").stdout)["fills"] == before


def test_no_account_is_reset_under_a_bot(home: Path):
    assert run(5).exit_code == 0
    with SqliteJournal(account_folder("bot")):
        found = tradebot("paper", "reset", "--account", "bot")
    assert found.exit_code == 2
    assert "runs on it. Stop it first. Nothing was changed." in found.stderr
    assert account_folder("bot").exists()


def test_what_is_not_built_yet_is_said_and_the_bot_runs_without_it(home: Path):
    found = run(5, notifications={"enabled": True}, api={"enabled": True})
    assert found.exit_code == 0
    assert "notifications.enabled: true is not built yet. The bot runs without it." in found.stderr
    assert "`tradebot up CONFIG` serves it" in found.stderr


def test_the_mode_on_the_command_line_goes_before_the_documents(home: Path):
    assert "was never approved" in run_live(home).stderr
    simulated = tradebot("run", "bot.json", "--mode", "live")
    assert simulated.exit_code == 2
    assert "--mode (engine.mode): live contradicts the simulated broker mock" in simulated.stderr


def run_live(home: Path) -> Result:
    Path("real.json").write_text(
        json.dumps(
            CONFIG
            | {"broker": {"type": "binance", "market": "usdm"}, "data": {"data_source": "binance", "interval": "1m"}}
        )
    )
    Path("bot.json").write_text(json.dumps(CONFIG))
    return tradebot("run", "real.json", "--mode", "live")
