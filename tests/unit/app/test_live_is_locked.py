"""Live trading starts only where a person has approved exactly that, with keys of the right place."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from tradebot.app.account import account_of
from tradebot.app.approval import configuration_hash
from tradebot.app.bot import Bot
from tradebot.config import Loaded, load
from tradebot.core.errors import ConfigError, TradebotError
from tradebot.store.approvals import Approvals

DOCUMENT = {
    "broker": {"type": "binance", "market": "usdm", "host": "local"},
    "trading": {"symbol": "BTCUSDT", "position_size": 0.1},
    "data": {"data_source": "binance", "symbol": "BTCUSDT", "interval": "1m"},
    "strategy": {"type": "sma_cross"},
    "engine": {"mode": "live"},
}
NOWHERE = {"TRADEBOT_BINANCE_URL": "http://127.0.0.1:9"}
KEYS = {"BINANCE_LOCAL_API_KEY": "canary-key", "BINANCE_LOCAL_API_SECRET": "canary-secret"}


def loaded(folder: Path, **changes: dict[str, object]) -> Loaded:
    file = folder / "bot.json"
    file.write_text(json.dumps({key: value | changes.get(key, {}) for key, value in DOCUMENT.items()}))
    return load(file, {})


def approve(document: Loaded, *, valid_s: float = 60.0) -> None:
    now = time.time_ns()
    digest = configuration_hash(document)
    Approvals().approve(digest, operator="me", now=now, expires=now + int(valid_s * 1e9))


async def refusal(document: Loaded, environment: Mapping[str, str]) -> str:
    with pytest.raises(TradebotError) as error:
        async with Bot.open(document, environment):
            pass
    return str(error.value)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRADEBOT_HOME", str(tmp_path / "home"))


async def test_a_configuration_that_nobody_approved_does_not_trade(tmp_path: Path):
    assert "was never approved" in await refusal(loaded(tmp_path), NOWHERE | KEYS)


async def test_a_changed_configuration_needs_an_approval_of_its_own(tmp_path: Path):
    approve(loaded(tmp_path))
    changed = loaded(tmp_path, trading={"position_size": 0.2})
    assert "was never approved" in await refusal(changed, NOWHERE | KEYS)


async def test_a_changed_strategy_file_needs_an_approval_of_its_own(tmp_path: Path):
    source = (
        "from tradebot import Strategy\n"
        "from levels import LEVEL\n"
        "class Mine(Strategy):\n"
        "    def on_bar(self, bar):\n"
        "        return self.long() if bar.close > LEVEL else None\n"
    )
    (tmp_path / "mine.py").write_text(source)
    (tmp_path / "levels.py").write_text("LEVEL = 1.0\n")
    mine = {"strategy": {"type": str(tmp_path / "mine.py")}}
    approve(loaded(tmp_path, **mine))
    assert "127.0.0.1:9" in await refusal(loaded(tmp_path, **mine), NOWHERE | KEYS)
    for file, changed in (("levels.py", "LEVEL = 2.0\n"), ("mine.py", source.replace(">", "<"))):
        before = (tmp_path / file).read_text()
        (tmp_path / file).write_text(changed)
        sys.modules.pop("levels", None)
        assert "was never approved" in await refusal(loaded(tmp_path, **mine), NOWHERE | KEYS)
        (tmp_path / file).write_text(before)
        sys.modules.pop("levels", None)


async def test_a_copy_under_another_name_needs_an_approval_of_its_own(tmp_path: Path):
    document = loaded(tmp_path)
    approve(document)
    copy = tmp_path / "copy.json"
    copy.write_text((tmp_path / "bot.json").read_text())
    assert "was never approved" in await refusal(load(copy, {}), NOWHERE | KEYS)


async def test_an_approval_ends(tmp_path: Path):
    document = loaded(tmp_path)
    approve(document, valid_s=0.05)
    time.sleep(0.06)
    assert "expired" in await refusal(document, NOWHERE | KEYS)


async def test_a_missing_key_is_named_and_no_key_is_told(tmp_path: Path):
    document = loaded(tmp_path)
    approve(document)
    said = await refusal(document, NOWHERE | {"BINANCE_LOCAL_API_KEY": "canary-key"})
    assert "BINANCE_LOCAL_API_SECRET is not set" in said
    assert "canary" not in said


async def test_an_exchange_that_does_not_answer_is_told(tmp_path: Path):
    document = loaded(tmp_path)
    approve(document)
    said = await refusal(document, NOWHERE | KEYS)
    assert "canary" not in said
    assert "binance" in said.lower()


async def test_what_is_not_traded_for_real_is_told_by_its_key(tmp_path: Path):
    document = loaded(tmp_path, broker={"type": "alpaca"})
    approve(document)
    assert "broker.type" in await refusal(document, NOWHERE | KEYS)
    with pytest.raises(ConfigError, match=r"broker\.dead_man_seconds: Binance has none for spot"):
        loaded(tmp_path, broker={"market": "spot", "dead_man_seconds": 60})


async def test_paper_asks_for_no_approval_and_no_key(tmp_path: Path):
    document = loaded(tmp_path, engine={"mode": "paper"}, data={"data_source": "mock"}, broker={"type": "mock"})
    async with Bot.open(document, {}, iterations=3) as bot:
        assert await bot.run() == "3 bars are done"


async def test_a_paper_account_is_not_taken_over_by_a_changed_configuration(tmp_path: Path):
    paper = {"engine": {"mode": "paper"}, "data": {"data_source": "mock"}, "broker": {"type": "mock"}}
    async with Bot.open(loaded(tmp_path, **paper), {}, iterations=3) as bot:
        await bot.run()
    said = await refusal(loaded(tmp_path, **paper, trading={"position_size": 0.3}), {})
    assert "engine.account: the paper account bot holds the record of another configuration" in said


async def test_paper_and_live_share_no_record(tmp_path: Path):
    paper = {"engine": {"mode": "paper"}, "data": {"data_source": "mock"}, "broker": {"type": "binance_paper"}}
    async with Bot.open(loaded(tmp_path, **paper), {}, iterations=3) as bot:
        await bot.run()
    document = loaded(tmp_path)
    approve(document)
    said = await refusal(document, NOWHERE | KEYS)
    assert "the account bot holds a record of paper trading, and this would trade live" in said
    assert "`tradebot paper reset --account bot`" in said


def test_a_rehearsal_on_paper_has_an_account_of_its_own(tmp_path: Path):
    assert account_of(loaded(tmp_path)) == "bot"
    assert account_of(loaded(tmp_path, engine={"mode": "paper"})) == "bot-paper"
    assert account_of(loaded(tmp_path, engine={"mode": "paper"}, broker={"type": "binance_paper"})) == "bot"


def test_the_hash_is_of_the_whole_checked_document(tmp_path: Path):
    one = configuration_hash(loaded(tmp_path))
    assert one == configuration_hash(loaded(tmp_path))
    assert one != configuration_hash(loaded(tmp_path, broker={"leverage": 2}))
    with pytest.raises(ConfigError):
        loaded(tmp_path, broker={"leverage": 0})


def test_a_leverage_that_binance_does_not_have_is_refused(tmp_path: Path):
    with pytest.raises(ConfigError, match=r"broker\.leverage: Binance has whole ones, not 2\.5"):
        loaded(tmp_path, broker={"leverage": 2.5})
