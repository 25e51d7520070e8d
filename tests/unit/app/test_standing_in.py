"""A bot on paper in the place of one that has lost its broker: whatever keeps it from that is told."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Never

import pytest

from tradebot.app import standing_in
from tradebot.config import load
from tradebot.core.errors import ConfigError
from tradebot.core.event import Notify, Severity

DOCUMENT = {
    "broker": {"type": "binance", "market": "usdm", "host": "local", "when_lost": "paper"},
    "trading": {"symbol": "BTCUSDT", "position_size": 0.1},
    "data": {"data_source": "binance", "symbol": "BTCUSDT", "interval": "1m"},
    "strategy": {"type": "sma_cross"},
    "engine": {"mode": "live"},
}


class Lost:
    """A bot whose broker is lost, and which is stopped once something was told."""

    mode, account, stand_in = "live", "bot", ""

    def __init__(self) -> None:
        self.driver = SimpleNamespace(broker_lost=asyncio.Event())
        self.driver.broker_lost.set()
        self.told: list[Notify] = []

    def say(self, notice: Notify) -> None:
        self.told.append(notice)

    async def run(self) -> str:
        async with asyncio.timeout(10):
            while not self.told:
                await asyncio.sleep(0.01)
        return "stopped"


@pytest.mark.parametrize(
    ("failure", "fact"),
    [
        (ConfigError("it holds another record", place="engine.account"), "engine.account: it holds another record"),
        (ValueError("a defect"), "ValueError('a defect')"),
    ],
)
async def test_whatever_keeps_it_from_standing_in_is_told(
    failure: Exception, fact: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def fail(*_: Any) -> Never:
        raise failure

    (tmp_path / "bot.json").write_text(json.dumps(DOCUMENT))
    monkeypatch.setattr(standing_in.Bot, "open", fail)
    bot: Any = Lost()
    assert await standing_in.trade(bot, load(tmp_path / "bot.json", {}), {}, bot) == "stopped"
    assert [notice.severity for notice in bot.told] == [Severity.CRITICAL]
    assert f"no bot on paper takes its place: {fact}" in bot.told[0].text
