"""A live bot that trades through ccxt on the local exchange does what the backtest does, to the cent."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Sequence
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from local_exchange import INSTRUMENT, Running, running
from tradebot.brokers.binance import BinanceBroker, BinanceSettings
from tradebot.core.bar import BarArray
from tradebot.core.event import BarClosed, Halt, MarketEvent
from tradebot.core.instrument import Instrument
from tradebot.core.interval import MINUTE, Interval
from tradebot.core.journal import RunStarted
from tradebot.core.order import OrderIntent
from tradebot.core.portfolio import Portfolio
from tradebot.core.protocols import DecisionContext, FeedAbilities, Policy, Snapshot
from tradebot.engine.backtest import Backtest
from tradebot.engine.live.brokerage import Brokerage, Rhythm
from tradebot.engine.live.clock import DataClock
from tradebot.engine.live.driver import Driver
from tradebot.engine.live.feeding import Feeding, Patience
from tradebot.engine.live.recovery import Recovered
from tradebot.engine.live.settings import DriverSettings
from tradebot.engine.outcome import RunOutcome
from tradebot.engine.plan import Plan
from tradebot.engine.trader import Trader
from tradebot.feeds.mock import mock_bars
from tradebot.risk import Protection
from tradebot.store.files import read_bars
from tradebot.store.journal import SqliteJournal
from tradebot.store.latch import HaltLatch
from tradebot.strategies import Strategy, registry
from tradebot.venues.binance import BinanceHost

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
BITCOIN = DATA / "binance_usdm" / "BTCUSDT-1m.parquet"
MINUTELY = Interval.parse("1m")
CASH = 100_000.0
LONGEST_S = 20.0
# A step costs two requests and more; `make soak` walks further, with every strategy of the library.
SOAKS = "TRADEBOT_SOAK" in os.environ
SIZE = 1_500 if SOAKS else 400


def market() -> BarArray:
    """Minutes of the mock market, of Bitcoin for a soak, moved to now, where an exchange lives."""
    found = read_bars(BITCOIN)[:SIZE] if SOAKS else mock_bars(instrument=INSTRUMENT, interval="1m", count=SIZE, seed=5)
    now = time.time_ns() // MINUTE * MINUTE
    ts = now + np.arange(len(found), dtype=np.int64) * MINUTE
    return BarArray(INSTRUMENT, MINUTELY, ts, found.open, found.high, found.low, found.close, found.volume)


def of(instrument: Instrument, bars: BarArray) -> BarArray:
    """The same bars under the steps and fees that the exchange tells."""
    return BarArray(instrument, MINUTELY, bars.ts, bars.open, bars.high, bars.low, bars.close, bars.volume)


class Released:
    """A feed that gives a bar when it is told to."""

    abilities = FeedAbilities()

    def __init__(self, bars: BarArray) -> None:
        self.bars = bars
        self.queue: asyncio.Queue[int] = asyncio.Queue()

    async def history(self, instrument: Instrument, interval: Interval, start: int, end: int) -> BarArray:
        return self.bars.between(start, end)

    async def stream(self, instruments: Sequence[Instrument], interval: Interval | None) -> AsyncIterator[MarketEvent]:
        while True:
            yield BarClosed("BTCUSDT", MINUTELY, self.bars[await self.queue.get()])


class Marks:
    """Equity after every bar."""

    def __init__(self, trader: Trader) -> None:
        self.trader = trader
        self.equity: list[float] = []

    def seen(self, event: object, outputs: object) -> None:
        if isinstance(event, BarClosed):
            self.equity.append(self.trader.portfolio.equity)


class Lockstep:
    """A driver on the exchange, walked bar by bar: the exchange moves only when the bot has nothing left to do."""

    def __init__(self, exchange: Running, driver: Driver, remote: Brokerage, trader: Trader, feed: Released) -> None:
        self.exchange = exchange
        self.driver = driver
        self.remote = remote
        self.books = trader._books
        self.feed = feed

    async def settled(self) -> None:
        """Every order has its answer, every trade is booked."""
        async with asyncio.timeout(LONGEST_S):
            while True:
                await self.remote.settle()
                true = await asyncio.to_thread(self.exchange.ledger)
                # One that waits here for its parent's fill is not under way.
                still = ("initialized", "accepted", "partially_filled")
                waits = [order for order in self.books.open_orders() if order.state not in still]
                if len(true["trades"]) == self.books.fill_count and not waits and self.driver._inbox.empty():
                    return
                await asyncio.sleep(0.002)

    async def walk(self, count: int) -> None:
        for n in range(count):
            for _ in ("open", "rest"):
                await asyncio.to_thread(self.exchange.step)
                await self.settled()
            self.feed.queue.put_nowait(n)
            async with asyncio.timeout(LONGEST_S):
                while self.driver.bars <= n:
                    await asyncio.sleep(0.001)
            await self.settled()


async def live(
    strategy: Strategy | Policy, form: str, bars: BarArray, folder: Path, protection: Protection | None = None
) -> tuple[Trader, list[float], Instrument]:
    events = [BarClosed("BTCUSDT", MINUTELY, bar) for bar in bars]
    with running(events=events, stepped=True, cash=Decimal(CASH)) as exchange:
        broker = await BinanceBroker.connect(
            BinanceHost.of("local", url=exchange.url),
            exchange.key,
            exchange.secret,
            ["BTCUSDT"],
            settings=BinanceSettings(leverage=1),
        )
        (instrument,) = broker.instruments(["BTCUSDT"])
        plan = Plan(
            run_id="live",
            instruments=[instrument],
            interval=MINUTELY,
            strategy=strategy,
            cash=CASH,
            form=form,
            protection=protection,
            abilities=broker.abilities,
        )
        trader, feed, clock = Trader(plan), Released(of(instrument, bars)), DataClock(int(bars.ts[0]))
        remote, marks = Brokerage(broker, Rhythm(compare_s=3600)), Marks(trader)
        with SqliteJournal(folder) as journal:
            journal.append(
                [
                    RunStarted(
                        ts=0, run_id="live", mode="live", configuration="{}", configuration_hash="", code_version=""
                    )
                ],
                durable=True,
            )
            feeding = Feeding(feed, [instrument], MINUTELY, clock=clock, patience=Patience())
            driver = Driver(
                trader,
                remote,
                feeding,
                journal,
                HaltLatch(folder),
                _never,
                clock,
                DriverSettings(lookback_bars=0, cancel_on_stop=False),
                [marks],
            )
            running_bot = asyncio.create_task(driver.run(Recovered(newest={"BTCUSDT": int(bars.ts[0]) - MINUTE})))
            lockstep = Lockstep(exchange, driver, remote, trader, feed)
            try:
                await lockstep.walk(len(bars))
            finally:
                driver.stop("done")
                await running_bot
                await broker.close()
        return trader, marks.equity, instrument


def _never(halt: Halt) -> None:
    raise AssertionError(halt)


FEW = {
    "market orders": ("sma_cross", "rules", None),
    "brackets": ("sma_cross", "python", Protection(stop_loss_pct=0.004, take_profit_pct=0.008)),
    "trailing stops": ("sma_cross", "rules", Protection(trailing_stop_pct=0.003)),
    "reversion": ("rsi_reversion", "rules", None),
    "units": ("turtle", "python", None),
    "stops": ("supertrend", "rules", Protection(stop_loss_pct=0.003)),
}


def of_the_library() -> dict[str, tuple[str, str, Protection | None]]:
    """Every strategy that trades one market, in every form."""
    kinds = [registry.find(listing.name) for listing in registry.catalog().strategies if listing.origin == "library"]
    return {
        f"{kind.name} {form}": (kind.name, form, None) for kind in kinds for form in kind.forms() if form != "policy"
    }


CASES = of_the_library() if SOAKS else FEW


@pytest.mark.parametrize(("name", "form", "protection"), CASES.values(), ids=CASES)
async def test_orders_fills_and_equity_are_those_of_the_backtest(
    name: str, form: str, protection: Protection | None, tmp_path: Path
):
    bars = market()
    trader, equity, instrument = await live(registry.find(name)(), form, bars, tmp_path, protection)
    past = Backtest(registry.find(name)(), [of(instrument, bars)], cash=CASH, form=form, protection=protection).run()
    assert SOAKS or len(past.fills["ts"]) >= 3
    assert_same(past, trader, equity)


def assert_same(past: RunOutcome, trader: Trader, equity: list[float]) -> None:
    fills = trader._books.fills()
    for column in ("side", "price", "quantity"):
        np.testing.assert_array_equal(fills[column], past.fills[column], err_msg=column)
    np.testing.assert_allclose(fills["fee"], past.fills["fee"], atol=0.005)
    np.testing.assert_allclose(equity, past.equity, atol=0.005)


class Parent:
    """Enters at the market, with a target and a stop that wait for its fill and of which one takes the other back."""

    def __init__(self) -> None:
        self.given = self.steps = 0

    def decide(self, portfolio: Portfolio, snapshot: Snapshot, context: DecisionContext) -> list[OrderIntent]:
        self.steps += 1
        # Not in every bar: a venue takes so many orders in a while.
        if self.steps % 6 or portfolio.open_orders():
            return []
        bar, sign = snapshot.bar("BTCUSDT"), 1 if self.given % 2 else -1
        side, other = ("buy", "sell") if sign > 0 else ("sell", "buy")
        exits = {"parent": self.given, "oco": self.given, "reduce_only": True}
        target = {"type": "limit", "price": bar.close * (1 + 0.001 * sign)}
        stop = {"type": "stop", "trigger": bar.close * (1 - 0.001 * sign)}
        self.given += 3
        return [
            OrderIntent("BTCUSDT", side, 1.0),
            OrderIntent("BTCUSDT", other, 1.0, **target, **exits),
            OrderIntent("BTCUSDT", other, 1.0, **stop, **exits),
        ]


async def test_children_of_a_fill_at_the_open_meet_the_rest_of_its_bar(tmp_path: Path):
    # Few enough that the mark of the first is near: an exchange takes no limit that is far from its mark.
    bars = market()[:240]
    trader, equity, instrument = await live(Parent(), "auto", bars, tmp_path)
    past = Backtest(Parent(), [of(instrument, bars)], cash=CASH).run()
    entered, left = past.trades["entry_ts"], past.trades["exit_ts"]
    assert (entered == left).sum() >= 5
    assert len(left) >= 20
    assert_same(past, trader, equity)
