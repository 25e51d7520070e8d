"""A bot that is stopped and started again, flat or with a position, finds its account as it left it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tradebot.app.bot import Bot
from tradebot.config import load
from tradebot.core.event import Notify
from tradebot.store.accounts import account_folder
from tradebot.store.journal import JournalReader

DOCUMENT = {
    "broker": {"type": "mock"},
    "trading": {"symbol": "MOCKUSDT", "position_size": 0.5},
    "data": {"data_source": "mock", "symbol": "MOCKUSDT", "interval": "1m", "lookback_bars": 30},
    "strategy": {"type": "sma_cross", "params": {"fast": 3, "slow": 6}},
    "engine": {"mode": "paper", "account": "restarted"},
}


async def test_no_money_seems_to_move_between_two_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TRADEBOT_HOME", str(tmp_path / "home"))
    file = tmp_path / "bot.json"
    file.write_text(json.dumps(DOCUMENT))
    held: set[bool] = set()
    for _ in range(12):
        async with Bot.open(load(file, {}), {}, iterations=7) as bot:
            await bot.run()
            held.add(bool(bot.trader.portfolio.positions()))
    assert held == {True, False}
    with JournalReader(account_folder("restarted")) as journal:
        notices = [entry.message.text for entry in journal.read() if isinstance(entry.message, Notify)]
    assert not [text for text in notices if "has moved by" in text]
