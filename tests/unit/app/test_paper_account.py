"""A paper account at a glance, and its beginning anew."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tradebot.app.bot import Bot
from tradebot.app.paper import paper_account, set_aside
from tradebot.config import Loaded, load
from tradebot.core.errors import ConfigError
from tradebot.core.journal import RunStarted
from tradebot.store.accounts import account_folder
from tradebot.store.journal import SqliteJournal
from tradebot.store.ledger.queries import Ledger

DOCUMENT: dict[str, Any] = {
    "broker": {"type": "mock", "initial_balance": 5000.0},
    "trading": {"symbol": "MOCKUSDT", "position_size": 0.5},
    "data": {"data_source": "mock", "symbol": "MOCKUSDT", "interval": "1m", "lookback_bars": 50},
    "strategy": {"type": "sma_cross", "params": {"fast": 2, "slow": 5}},
    "engine": {"mode": "paper", "speed": 1_000_000, "account": "drill"},
}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRADEBOT_HOME", str(tmp_path / "home"))


@pytest.fixture
def folder() -> Path:
    return account_folder("drill")


@pytest.fixture
def loaded(tmp_path: Path) -> Loaded:
    file = tmp_path / "drill.json"
    file.write_text(json.dumps(DOCUMENT))
    return load(file, {})


async def trade(loaded: Loaded, bars: int = 60) -> None:
    async with Bot.open(loaded, {}, iterations=bars) as bot:
        await bot.run()


async def test_it_tells_what_became_of_its_first_balance(loaded: Loaded, folder: Path):
    await trade(loaded)
    with Ledger(folder) as ledger:
        last = float(ledger.equity(limit=1)[0].equity)
        assert len(ledger.fills()) > 2
    found = paper_account(folder)
    assert (found.account, found.is_running, found.runs) == ("drill", False, 1)
    assert (found.initial_balance, found.equity) == (5000.0, last)
    assert found.total_return == pytest.approx(last / 5000.0 - 1.0)


async def test_a_bot_that_trades_on_it_keeps_it_from_being_set_aside(loaded: Loaded, folder: Path):
    async with Bot.open(loaded, {}) as bot:
        assert bot.account == "drill"
        assert paper_account(folder).is_running
        with pytest.raises(ConfigError, match=r"drill: a bot \(\d+\) runs on it\. Stop it first"):
            set_aside(folder)
    assert not paper_account(folder).is_running


async def test_the_next_start_begins_with_the_first_balance_and_the_old_record_stays(loaded: Loaded, folder: Path):
    await trade(loaded)
    before = paper_account(folder)
    aside = set_aside(folder)
    assert not folder.exists()
    assert paper_account(aside).equity == before.equity
    await trade(loaded, bars=1)
    after = paper_account(folder)
    assert (after.equity, after.runs) == (5000.0, 1)


def test_an_account_without_a_record_has_nothing_to_show(folder: Path):
    for ask in (paper_account, set_aside):
        with pytest.raises(ConfigError, match=r"account drill: it has no record yet"):
            ask(folder)


async def test_an_account_that_trades_for_real_is_neither_shown_nor_set_aside(loaded: Loaded, folder: Path):
    await trade(loaded, bars=1)
    with SqliteJournal(folder) as journal:
        start = RunStarted(
            ts=1, run_id="R2", mode="live", configuration="{}", configuration_hash="0" * 64, code_version="0"
        )
        journal.append([start], durable=True)
    for ask in (paper_account, set_aside):
        with pytest.raises(ConfigError, match="trades for real"):
            ask(folder)
    assert folder.exists()
