"""A live bot that is walked bar by bar through ccxt and the local exchange: the exchange waits until it is done."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from local_exchange import Running, running
from tradebot.brokers.binance import BinanceBroker, BinanceSettings, BinanceSpotBroker
from tradebot.core.asset_class import AssetClass
from tradebot.core.bar import BarArray
from tradebot.core.event import BarClosed, Halt, MarketEvent
from tradebot.core.instrument import Instrument
from tradebot.core.interval import MINUTE, Interval
from tradebot.core.journal import RunStarted
from tradebot.core.protocols import FeedAbilities, Policy
from tradebot.engine.live.brokerage import Brokerage, Rhythm
from tradebot.engine.live.clock import DataClock
from tradebot.engine.live.driver import Driver
from tradebot.engine.live.feeding import Feeding, Patience
from tradebot.engine.live.recovery import Recovered
from tradebot.engine.live.settings import DriverSettings
from tradebot.engine.plan import Plan
from tradebot.engine.trader import Trader
from tradebot.exchange.settings import SPOT_LIMITS, RateLimits
from tradebot.risk import Protection
from tradebot.store.journal import SqliteJournal
from tradebot.store.latch import HaltLatch
from tradebot.strategies import Strategy
from tradebot.venues.binance import BinanceHost

MINUTELY = Interval.parse("1m")
CASH = 100_000.0
LONGEST_S = 20.0
SYMBOLS = ("BTCUSDT",)

Connect = Callable[[Running], Awaitable[Any]]


async def to_futures(exchange: Running) -> BinanceBroker:
    """A broker of the futures."""
    host = BinanceHost.of("local", url=exchange.url)
    return await BinanceBroker.connect(
        host, exchange.key, exchange.secret, SYMBOLS, settings=BinanceSettings(leverage=1)
    )


async def to_spot(exchange: Running) -> BinanceSpotBroker:
    """A broker of spot."""
    host = BinanceHost.of("local", url=exchange.url, market="spot")
    return await BinanceSpotBroker.connect(
        host, exchange.key, exchange.secret, SYMBOLS, prefixes=("live-",), settings=BinanceSettings()
    )


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

    def booked(self) -> int:
        """Trades that are booked; coins that fees took are none."""
        fills = self.books.fills()
        return sum(self.books.order(int(number)).tag != "commission" for number in fills["order"])

    async def settled(self) -> None:
        """Every order has its answer, every trade is booked."""
        async with asyncio.timeout(LONGEST_S):
            while True:
                await self.remote.settle()
                true = await asyncio.to_thread(self.exchange.ledger)
                # One that waits here for its parent's fill is not under way.
                still = ("initialized", "accepted", "partially_filled")
                waits = [order for order in self.books.open_orders() if order.state not in still]
                if len(true["trades"]) == self.booked() and not waits and self.driver._inbox.empty():
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


class Walked:
    """What came of a walk.

    Attributes
    ----------
    trader : as it stands at the end.
    equity : after every bar.
    instrument : under the steps and fees that the exchange told.
    true : what the exchange says happened.
    """

    def __init__(self, trader: Trader, equity: list[float], instrument: Instrument, true: dict[str, Any]) -> None:
        self.trader = trader
        self.equity = equity
        self.instrument = instrument
        self.true = true


# A minute of the market passes in a hundredth of a second here.
UNLIMITED = {
    AssetClass.PERPETUAL: RateLimits(weight_per_minute=10**7, orders_per_10s=10**6, orders_per_minute=10**6),
    AssetClass.SPOT: replace(SPOT_LIMITS, weight_per_minute=10**7, orders_per_10s=10**6, orders_per_day=10**7),
}


async def live(
    strategy: Strategy | Policy,
    form: str,
    bars: BarArray,
    folder: Path,
    protection: Protection | None = None,
    *,
    connect: Connect = to_futures,
    **settings: Any,
) -> Walked:
    """Walk a strategy over bars; ``settings`` are the exchange's."""
    events = [BarClosed("BTCUSDT", MINUTELY, bar) for bar in bars]
    instruments = (bars.instrument,)
    limits = UNLIMITED[bars.instrument.asset_class]
    market = {"events": events, "instruments": instruments, "stepped": True, "limits": limits}
    with running(**market, cash=Decimal(CASH), **settings) as exchange:
        broker = await connect(exchange)
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
                true = exchange.ledger()
            finally:
                driver.stop("done")
                await running_bot
                await broker.close()
        return Walked(trader, marks.equity, instrument, true)


def _never(halt: Halt) -> None:
    raise AssertionError(halt)
