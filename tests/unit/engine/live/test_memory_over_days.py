"""A bot that trades for days: what it holds in memory is as much after twice as many of them."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from paper_run import ABILITIES, NoLatch, paper_broker
from tradebot.app.watching import Watch
from tradebot.brokers.paper import broker as paper
from tradebot.core.bar import BarArray
from tradebot.core.event import BarClosed, Event, Halt, Output
from tradebot.core.instrument import Instrument
from tradebot.core.journal import Message, RunStarted
from tradebot.engine import decider, trader
from tradebot.engine.live.clock import DataClock
from tradebot.engine.live.driver import Driver
from tradebot.engine.live.feeding import Feeding, Patience
from tradebot.engine.live.recovery import Recovered
from tradebot.engine.live.settings import DriverSettings
from tradebot.engine.plan import Plan
from tradebot.engine.trader import Trader
from tradebot.feeds.mock import mock_bars
from tradebot.feeds.replay import ReplayFeed
from tradebot.sizing import FixedQuantity
from tradebot.store.journal import SqliteJournal
from tradebot.strategies import Strategy

AN_HOUR = 4
A_DAY = 24 * AN_HOUR
DAYS = 6
KEPT = 50
MARKET = Instrument.binance_perpetual("BTCUSDT")
STARTED = RunStarted(ts=1, run_id="run", mode="paper", configuration="{}", configuration_hash="", code_version="0")


class Churning(Strategy):
    """In and out, long and short, at the market and by limits, with exits that are hit and exits that are not."""

    def setup(self, bars):
        self.row = 0

    def on_bar(self, bar):
        self.row += 1
        if self.row % 3 == 2:
            return self.exit()
        enter, away = (self.long, -1) if self.row % 2 else (self.short, 1)
        terms = {"type": "limit", "limit": bar.close * 0.999} if self.row % 4 == 1 else {}
        return enter(stop_loss=bar.close * (1 + 0.003 * away), take_profit=bar.close * (1 - 0.003 * away), **terms)


class Held(NamedTuple):
    """What the process has in memory: objects that the collector watches, and bytes of Python's own."""

    objects: int
    size: int


class HastyJournal(SqliteJournal):
    """A journal that waits for no disk."""

    def append(self, messages: Sequence[Message], *, durable: bool) -> None:
        super().append(messages, durable=False)


class Days:
    """A paper bot on bars that are played, weighed at the end of some days."""

    def __init__(self, folder: Path, bars: BarArray, *days: int) -> None:
        self._folder = folder
        self._bars = bars
        self._days = days
        self._watch = Watch({MARKET.symbol: MARKET}, bars.interval)
        self._seen = 0
        self.held: list[Held] = []
        self.fills: list[int] = []

    def seen(self, event: Event, outputs: Sequence[Output]) -> None:
        self._watch.seen(event, self._trader.status)
        if not isinstance(event, BarClosed):
            return
        self._seen += 1
        if self._seen % AN_HOUR == 0:
            self._driver.compare()
        if self._seen in [day * A_DAY for day in self._days]:
            self._journal.flush()
            gc.collect()
            self.fills.append(self._trader.status()["performance"]["fills"])
            self.held.append(Held(len(gc.get_objects()), tracemalloc.get_traced_memory()[0]))

    async def live(self) -> None:
        """Trade through all the bars."""
        plan = Plan(
            run_id="run",
            instruments=[MARKET],
            interval="15m",
            strategy=Churning(),
            cash=1e6,
            sizer=FixedQuantity(10.0),
            abilities=ABILITIES,
        )
        begin = int(self._bars.ts[0])
        clock = DataClock(begin)
        feeding = Feeding(
            ReplayFeed([self._bars], live_from=begin), plan.instruments, plan.bars, clock=clock, patience=Patience()
        )
        self._trader = Trader(plan)
        with HastyJournal(self._folder) as journal:
            self._journal = journal
            journal.append([STARTED], durable=True)
            self._driver = Driver(
                self._trader,
                paper_broker(plan),
                feeding,
                journal,
                NoLatch(),
                _never,
                clock,
                DriverSettings(cancel_on_stop=False, iterations=len(self._bars)),
                observers=[self],
            )
            await self._driver.run(Recovered(newest={MARKET.symbol: begin - plan.bars.ns}))


def _never(halt: Halt) -> None:
    raise AssertionError(halt)


@pytest.fixture
def traced(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every memory filled within days that takes months otherwise, and Python's own counted."""
    monkeypatch.setattr(trader, "KEPT", KEPT)
    monkeypatch.setattr(paper, "KEPT", KEPT)
    monkeypatch.setattr(decider, "KEPT", 2 * KEPT)
    tracemalloc.start()
    yield
    tracemalloc.stop()


@pytest.mark.usefixtures("traced")
async def test_a_bot_needs_no_more_memory_after_twice_as_many_days_of_trading(tmp_path: Path):
    bars = mock_bars(instrument=MARKET, interval="15m", count=2 * DAYS * A_DAY, seed=4)
    bot = Days(tmp_path, bars, DAYS - 1, DAYS, 2 * DAYS - 1, 2 * DAYS)
    await bot.live()
    early, late = bot.held[:2], bot.held[2:]
    assert bot.fills[3] > 1.8 * bot.fills[1] > 500
    # Each is weighed twice, for what is forgotten goes in portions.
    assert max(each.objects for each in late) < max(each.objects for each in early) + 200, bot.held
    assert max(each.size for each in late) < max(each.size for each in early) + 60_000, bot.held
