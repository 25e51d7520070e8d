"""What the driver does when feed, broker or strategy fail, and what it leaves as it was."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from tradebot.app.bot import Bot
from tradebot.brokers.paper import PaperBroker
from tradebot.config import load
from tradebot.core.account import AccountSnapshot
from tradebot.core.bar import BarArray
from tradebot.core.errors import TradebotError
from tradebot.core.event import AccountEvent, BarClosed, FeedHealth, Halt, MarketEvent, Notify, OperatorCommand, Submit
from tradebot.core.instrument import Instrument, instrument_for
from tradebot.core.interval import MINUTE, Interval
from tradebot.core.journal import Message, RunStarted
from tradebot.engine.account import Simulation
from tradebot.engine.live.brokerage import Brokerage, Rhythm
from tradebot.engine.live.clock import DataClock
from tradebot.engine.live.driver import Driver
from tradebot.engine.live.feeding import Feeding, Patience
from tradebot.engine.live.recovery import Recovered
from tradebot.engine.live.settings import DriverSettings
from tradebot.engine.plan import Plan
from tradebot.engine.trader import Trader
from tradebot.feeds.mock import MockFeed
from tradebot.store.accounts import account_folder
from tradebot.store.journal import JournalReader, SqliteJournal
from tradebot.store.latch import Halted, HaltLatch
from tradebot.strategies.library.sma_cross import SmaCross

M1 = Interval(1, "m")
MARKET = instrument_for("MOCKUSDT", "mock")
BEGIN = 1_704_067_200_000_000_000
LOOKBACK = 30
STARTED = RunStarted(ts=1, run_id="R1", mode="live", configuration="{}", configuration_hash="", code_version="0")


class FailingFeed:
    """The mock market, whose stream breaks after some bars."""

    def __init__(self, *breaks: int, speed: int = 6_000) -> None:
        self._market = MockFeed(start=BEGIN, live_from=BEGIN + LOOKBACK * MINUTE, speed=speed)
        self._breaks = list(breaks)
        self.abilities = self._market.abilities

    async def history(self, instrument: Instrument, interval: Interval, start: int, end: int) -> BarArray:
        return await self._market.history(instrument, interval, start, end)

    async def stream(
        self, instruments: Sequence[Instrument], interval: Interval | None = None
    ) -> AsyncIterator[MarketEvent]:
        left = self._breaks.pop(0) if self._breaks else None
        async for event in self._market.stream(instruments, interval):
            if left == 0:
                raise OSError("the line is cut")
            left = None if left is None else left - 1
            yield event


class FailingBroker(PaperBroker):
    """The paper broker as one that is far away, and does not answer while it is down."""

    def __init__(self) -> None:
        exchange = Simulation(leverage=1.0).exchange([MARKET.native()], 10_000.0, "R1")
        super().__init__([MARKET], exchange)
        self.is_down = False

    async def snapshot(self) -> AccountSnapshot:
        if self.is_down:
            raise TradebotError("no answer", place="broker")
        return await super().snapshot()

    async def stream_events(self) -> AsyncIterator[AccountEvent]:
        if self.is_down:
            raise OSError("no way there")
        async for event in super().stream_events():
            while self.is_down:
                await asyncio.sleep(0.01)
            yield event


class Run:
    """A driver over a feed and a broker that fail."""

    def __init__(
        self, folder: Path, *, feed: FailingFeed | None = None, lost_after_s: float | None = None, **settings: Any
    ) -> None:
        self.broker = FailingBroker()
        self.latch = HaltLatch(folder)
        self.journal = SqliteJournal(folder)
        self.journal.append([STARTED], durable=True)
        clock = DataClock(BEGIN + LOOKBACK * MINUTE)
        plan = Plan(
            run_id="R1",
            instruments=[MARKET],
            interval="1m",
            strategy=SmaCross(fast=3, slow=6),
            cash=10_000.0,
            abilities=PaperBroker.abilities,
        )
        self.driver = Driver(
            Trader(plan),
            Brokerage(self.broker, Rhythm(compare_s=0.02, first_s=0.01, longest_s=0.05, lost_after_s=lost_after_s)),
            Feeding(feed or FailingFeed(), [MARKET], M1, clock=clock, patience=Patience(first_s=0.01, longest_s=0.01)),
            self.journal,
            self.latch,
            self._halt,
            clock,
            DriverSettings(lookback_bars=LOOKBACK, **settings),
        )

    def _halt(self, halt: Halt) -> None:
        self.latch.set(Halted(ts=time.time_ns(), operator=halt.operator or "bot", reason=halt.reason))

    async def go(self, act: Callable[[], Any]) -> None:
        """Run while something is done with it."""
        running = asyncio.create_task(self.driver.run(Recovered()))
        try:
            await self.until(lambda: self.state == "trading")
            await act()
        finally:
            self.driver.stop("the test ends")
            await asyncio.wait_for(running, 10)

    async def until(self, holds: Callable[[], object]) -> None:
        async with asyncio.timeout(10):
            while not holds():
                await asyncio.sleep(0.01)

    @property
    def state(self) -> str:
        return self.driver.status()["state"]

    def recorded(self) -> list[Message]:
        return [entry.message for entry in self.journal.read()]


async def test_a_feed_that_is_lost_and_found_misses_no_bar_doubles_none_and_opens_nothing_meanwhile(tmp_path: Path):
    run = Run(tmp_path, feed=FailingFeed(20, 35), iterations=80)
    assert await run.driver.run(Recovered()) == "80 bars are done"
    recorded = run.recorded()
    opened = [each.bar.ts for each in recorded if isinstance(each, BarClosed)]
    assert opened == list(range(opened[0], opened[0] + 80 * MINUTE, MINUTE))
    health = [each.is_fresh for each in recorded if isinstance(each, FeedHealth)]
    assert health == [False, True, False, True]
    fresh = True
    for each in recorded:
        fresh = each.is_fresh if isinstance(each, FeedHealth) else fresh
        assert fresh or not isinstance(each, Submit) or each.intent.reduce_only


async def test_a_broker_that_fails_is_asked_again_and_trading_goes_on(tmp_path: Path):
    run = Run(tmp_path)

    async def lose_and_find() -> None:
        run.broker.is_down = True
        await run.until(lambda: run.driver.status()["broker"]["fault"])
        await asyncio.sleep(0.2)
        run.broker.is_down = False
        await run.until(lambda: not run.driver.status()["broker"]["fault"])
        assert run.state == "trading"

    await run.go(lose_and_find)
    assert not run.latch.is_set
    assert not run.driver.broker_lost.is_set()


async def test_a_start_asks_evenly_for_the_account_at_first_and_says_what_it_waits_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    run, waits, sleep = Run(tmp_path), list[float](), asyncio.sleep
    run.broker.is_down = True

    async def slept(seconds: float) -> None:
        waits.append(seconds)
        run.broker.is_down = len(waits) < 15
        await sleep(0)

    with monkeypatch.context() as patched:
        patched.setattr("tradebot.engine.live.driver.asyncio.sleep", slept)
        await run.driver._begin(Recovered())
    assert waits == [0.005] * 12 + [0.01, 0.02, 0.04]
    told = [each.text for each in run.recorded() if isinstance(each, Notify)]
    assert told == ["the start waits for the account: broker: no answer"]


async def test_a_start_that_is_shown_no_account_says_so_aloud_and_halts_as_a_running_bot_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("tradebot.engine.live.brokerage._BLIND_S", 0.1)
    run = Run(tmp_path, lost_after_s=0.2)
    run.broker.is_down = True
    running = asyncio.create_task(run.driver.run(Recovered()))
    await asyncio.wait_for(run.driver.broker_lost.wait(), 10)
    assert (run.driver.phase, run.latch.is_set) == ("starting", True)
    critical = [each.text for each in run.recorded() if isinstance(each, Notify) and each.severity == "critical"]
    assert critical == ["the books have not been held against the broker's for 0.1 s (broker: no answer)"]
    run.broker.is_down = False
    await run.until(lambda: run.driver.phase == "trading")
    assert run.state == "halted"
    run.driver.stop("the test ends")
    await asyncio.wait_for(running, 10)
    assert sum(isinstance(each, Halt) for each in run.recorded()) == 1


async def test_a_broker_that_is_silent_for_too_long_halts_the_bot_which_stays_so_once_it_is_back(tmp_path: Path):
    run = Run(tmp_path, lost_after_s=0.2)

    async def lose_and_find() -> None:
        run.broker.is_down = True
        await asyncio.wait_for(run.driver.broker_lost.wait(), 10)
        run.broker.is_down = False
        await run.until(lambda: not run.driver.status()["broker"]["fault"])
        assert run.state == "halted"

    await run.go(lose_and_find)
    halted = run.latch.read()
    assert halted is not None
    assert "the broker has not answered for 0.2 s" in halted.reason
    assert sum(isinstance(each, Halt) for each in run.recorded()) == 1


async def test_a_broker_that_is_lost_again_after_a_release_halts_the_bot_again(tmp_path: Path):
    run = Run(tmp_path, feed=FailingFeed(speed=60), lost_after_s=0.2)

    async def lose_and_find_twice() -> None:
        for _ in range(2):
            run.broker.is_down = True
            await run.until(lambda: run.state == "halted")
            run.broker.is_down = False
            await run.until(lambda: not run.driver.broker_lost.is_set())
            run.latch.release()
            await run.until(lambda: run.state == "trading")

    await run.go(lose_and_find_twice)
    assert sum(isinstance(each, Halt) for each in run.recorded()) == 2


async def test_a_broker_that_is_lost_again_and_again_halts_the_bot_once_and_is_counted(tmp_path: Path):
    run = Run(tmp_path, feed=FailingFeed(speed=60), lost_after_s=0.1)

    async def flap() -> None:
        for _ in range(4):
            run.broker.is_down = True
            await run.until(run.driver.broker_lost.is_set)
            run.broker.is_down = False
            await run.until(lambda: not run.driver.broker_lost.is_set())

    await run.go(flap)
    halts = [each for each in run.recorded() if isinstance(each, Halt | OperatorCommand)]
    assert [type(each) for each in halts if getattr(each, "action", "halt") == "halt"] == [OperatorCommand, Halt]
    assert run.driver.status()["broker"]["losses"] == 4


STRATEGY = """\
from tradebot import Strategy


class Clumsy(Strategy):
    def on_bar(self, bar):
        minute = bar.ts // 60_000_000_000 % 60
        if {fails}:
            raise ValueError("clumsy")
        return None if self.position else self.long(stop_loss_pct=0.2)
"""


async def clumsy(folder: Path, fails: str, monkeypatch: pytest.MonkeyPatch) -> tuple[dict[str, Any], list[str]]:
    """Run a strategy that fails on some minutes of the hour; the bot's last status and its notices."""
    monkeypatch.setenv("TRADEBOT_HOME", str(folder / "home"))
    (folder / "clumsy.py").write_text(STRATEGY.format(fails=fails))
    document = {
        "broker": {"type": "mock"},
        "trading": {"symbol": "MOCKUSDT", "position_size": 0.5},
        "data": {"data_source": "mock", "interval": "1m", "lookback_bars": LOOKBACK},
        "strategy": {"type": str(folder / "clumsy.py")},
        "engine": {"mode": "paper", "account": "clumsy"},
    }
    (folder / "bot.json").write_text(json.dumps(document))
    async with Bot.open(load(folder / "bot.json", {}), {}, iterations=20) as bot:
        await bot.run()
        status = bot.status()
    with JournalReader(account_folder("clumsy")) as journal:
        notices = [entry.message.text for entry in journal.read() if isinstance(entry.message, Notify)]
    return status, notices


async def test_a_strategy_that_fails_starts_again_and_its_position_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    status, notices = await clumsy(tmp_path, "minute in (35, 40)", monkeypatch)
    told = [text for text in notices if "ValueError: clumsy" in text]
    assert len(told) == 2
    assert all("starts again from its bars" in text for text in told)
    assert (status["state"], status["markets"][0]["failures"]) == ("trading", 0)
    # Bought on the first bar, held ever since, its stop in place.
    assert status["performance"]["fills"] == 1
    assert [order["tag"] for order in status["orders"]] == ["stop_loss"]


async def test_a_strategy_that_goes_on_failing_is_left_alone_and_its_exits_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    status, notices = await clumsy(tmp_path, "minute >= 35", monkeypatch)
    told = [text for text in notices if "ValueError: clumsy" in text]
    assert len(told) == 4
    assert "MOCKUSDT is left alone; its exits go on" in told[-1]
    assert status["performance"]["fills"] == 1
    assert [order["tag"] for order in status["orders"]] == ["stop_loss"]
