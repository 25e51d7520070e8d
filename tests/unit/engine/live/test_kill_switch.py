"""What driver and brokerage do about the kill switch, also across restarts."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from tradebot_native import OrderIntent

from tradebot.app.bot import Bot
from tradebot.config import load
from tradebot.core.event import Cancel, OperatorCommand, Submit
from tradebot.engine.live.brokerage import Brokerage, Rhythm
from tradebot.store.accounts import account_folder
from tradebot.store.journal import JournalReader
from tradebot.store.latch import Halted, HaltLatch

DOCUMENT = {
    "broker": {"type": "mock"},
    "trading": {"symbol": "MOCKUSDT", "position_size": 0.5},
    "data": {"data_source": "mock", "symbol": "MOCKUSDT", "interval": "1m", "lookback_bars": 30},
    "strategy": {"type": "sma_cross", "params": {"fast": 3, "slow": 6}},
    "engine": {"mode": "paper", "account": "switched"},
}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRADEBOT_HOME", str(tmp_path / "home"))


async def trade(folder: Path, bars: int) -> str:
    """Run the bot for some bars; the state it ends in."""
    file = folder / "bot.json"
    file.write_text(json.dumps(DOCUMENT))
    async with Bot.open(load(file, {}), {}, iterations=bars) as bot:
        await bot.run()
        return bot.trader.status()["state"]


def commands() -> list[tuple[str, str]]:
    """What the trader was told of the switch, and in whose name, by the record."""
    with JournalReader(account_folder("switched")) as journal:
        told = [entry.message for entry in journal.read()]
    commands = [each for each in told if isinstance(each, OperatorCommand) and each.operator != "tradebot"]
    return [(str(each.action), each.operator) for each in commands]


def halted(*, flatten: bool = False) -> Halted:
    return Halted(ts=1, operator="somebody", reason="a test", flatten=flatten)


async def test_a_halt_outlives_a_restart_and_a_release_while_the_bot_is_down_is_heard(tmp_path: Path):
    assert await trade(tmp_path, 40) == "trading"
    latch = HaltLatch(account_folder("switched"))
    latch.set(halted())
    assert await trade(tmp_path, 5) == "halted"
    assert await trade(tmp_path, 5) == "halted"
    assert commands() == [("halt", "somebody")]
    latch.release()
    assert await trade(tmp_path, 5) == "trading"
    assert commands() == [("halt", "somebody"), ("release", "latch")]


async def test_a_halt_that_is_widened_to_flatten_is_told_again(tmp_path: Path):
    assert await trade(tmp_path, 40) == "trading"
    latch = HaltLatch(account_folder("switched"))
    latch.set(halted())
    await trade(tmp_path, 5)
    latch.set(halted(flatten=True))
    await trade(tmp_path, 5)
    assert commands() == [("halt", "somebody"), ("flatten", "somebody")]


class Recorder:
    """A broker that notes what reaches it."""

    def __init__(self) -> None:
        self.reached: list[str] = []

    async def submit(self, order_id: str, intent: OrderIntent) -> None:
        self.reached.append(order_id)
        await asyncio.sleep(0.01)

    async def cancel(self, order_id: str) -> None:
        self.reached.append(f"cancel {order_id}")


async def test_an_order_that_waits_in_its_line_is_looked_at_when_it_would_leave():
    broker, is_set = Recorder(), False

    async def may_leave(submit: Submit) -> bool:
        return not is_set

    brokerage = Brokerage(broker, Rhythm())  # type: ignore[arg-type]
    brokerage.may_leave = may_leave
    for number in range(3):
        brokerage.send(Submit(f"r-{number}", OrderIntent("BTCUSDT", "buy", 1.0)))
    brokerage.send(Cancel("r-0"))
    while not broker.reached:
        await asyncio.sleep(0)
    is_set = True
    await brokerage.settle()
    await brokerage.close()
    assert broker.reached == ["r-0", "cancel r-0"]
