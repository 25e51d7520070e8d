"""A paper run in tests: the real driver, paper broker and feed on bars that are played, recorded in memory."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from copy import deepcopy

import numpy as np
from tradebot_native import ORDER_STATES, ORDER_TYPES

from tradebot.brokers.paper import PaperBroker
from tradebot.core.bar import BarArray
from tradebot.core.event import BarClosed, Halt
from tradebot.core.journal import Checkpoint, Entry, Message, SavedState
from tradebot.core.protocols import Policy
from tradebot.engine.account import Simulation
from tradebot.engine.live.clock import DataClock
from tradebot.engine.live.driver import Driver
from tradebot.engine.live.feeding import Feeding, Patience
from tradebot.engine.live.recovery import Recovered
from tradebot.engine.live.settings import DriverSettings
from tradebot.engine.outcome import RunOutcome
from tradebot.engine.plan import Plan
from tradebot.engine.replay import replay
from tradebot.engine.trader import Trader
from tradebot.feeds.replay import ReplayFeed
from tradebot.strategies import Strategy

ABILITIES = PaperBroker.abilities
_REJECTED, _DENIED = (ORDER_STATES.index(word) for word in ("rejected", "denied"))


class MemoryJournal:
    """Core's ``Journal`` without a disk.

    Attributes
    ----------
    batches : what was appended together, in order.
    """

    has_headroom = True

    def __init__(self, run_id: str = "run") -> None:
        self.run_id = run_id
        self.batches: list[tuple[Message, ...]] = []
        self.saved: SavedState | None = None

    @property
    def messages(self) -> list[Message]:
        return [message for batch in self.batches for message in batch]

    def append(self, messages: Sequence[Message], *, durable: bool) -> None:
        self.batches.append(tuple(messages))

    def flush(self) -> None:
        pass

    def save(self, state: bytes) -> None:
        self.append([Checkpoint("")], durable=True)
        self.saved = SavedState(len(self.messages), state)

    def saved_state(self, run_id: str) -> SavedState | None:
        return self.saved

    def read(self, after: int = 0) -> Iterator[Entry]:
        for seq, message in enumerate(self.messages, 1):
            if seq > after:
                yield Entry(seq=seq, run_id=self.run_id, at=0, message=message)


class NoLatch:
    """A kill switch that nobody sets."""

    is_set = False

    def read(self) -> None:
        return None


class PaperRun:
    """What a paper run was and left; a fresh trader must decide it again from its record.

    Attributes
    ----------
    trader, broker, journal : as they are at the end.
    equity : after every bar of every market.
    """

    def __init__(self, plan: Plan, *bars: BarArray, lookback: int = 0, participation: float | None = None) -> None:
        # What a trader is made from may remember: the replay gets its own.
        fresh = deepcopy(plan)
        self.trader = Trader(plan)
        self.broker = paper_broker(plan, participation)
        self.journal = MemoryJournal(plan.run_id)
        self.equity: list[float] = []
        asyncio.run(self._drive(plan, bars, lookback))
        assert replay(lambda: Trader(fresh), self.journal.messages) is None

    async def _drive(self, plan: Plan, bars: Sequence[BarArray], lookback: int) -> None:
        begin = int(bars[0].close_ts[lookback - 1]) if lookback else int(bars[0].ts[0])
        clock = DataClock(begin)
        feeding = Feeding(
            ReplayFeed(bars, live_from=begin), plan.instruments, plan.bars, clock=clock, patience=Patience()
        )
        settings = DriverSettings(
            lookback_bars=lookback, cancel_on_stop=False, iterations=sum(len(array) - lookback for array in bars)
        )
        driver = Driver(
            self.trader, self.broker, feeding, self.journal, NoLatch(), _never, clock, settings, observers=[self]
        )
        # A record that has bars asks for no history.
        known = {array.symbol: int(array.ts[0]) - plan.bars.ns for array in bars}
        await driver.run(Recovered() if lookback else Recovered(newest=known))

    def seen(self, event: object, outputs: object) -> None:
        if isinstance(event, BarClosed):
            self.equity.append(self.trader.portfolio.equity)


def paper_broker(plan: Plan, participation: float | None = None) -> PaperBroker:
    """A paper broker for the markets of a plan; ``participation`` caps what fills take of a bar's volume."""
    specs = [instrument.native() for instrument in plan.instruments]
    exchange = Simulation(participation=participation, leverage=plan.leverage).exchange(specs, plan.cash, plan.run_id)
    return PaperBroker(plan.instruments, exchange)


def plan_of(strategy: Strategy | Policy, *bars: BarArray, **options) -> Plan:
    """A run of a strategy on a paper broker, over the markets of some bars."""
    return Plan(
        run_id="run",
        instruments=[array.instrument for array in bars],
        interval=bars[0].interval,
        strategy=strategy,
        abilities=ABILITIES,
        **{"cash": 100_000, **options},
    )


def assert_same(past: RunOutcome, paper: PaperRun) -> None:
    """Orders, fills, trades and equity are those of the backtest, to the bit."""
    books = paper.trader._books
    for table in ("orders", "fills", "trades"):
        expected, found = getattr(past, table), getattr(books, table)()
        if table == "orders":
            # What the exchange would refuse never goes there.
            refused = expected["state"] == _REJECTED
            expected = {**expected, "state": np.where(refused, _DENIED, expected["state"])}
        for name in expected.keys() - {"slippage"}:
            rows = slice(None)
            if name in ("price", "trigger") and table == "orders":
                # Where a trailing stop stands is the broker's to know.
                rows = expected["type"] != ORDER_TYPES.index("trailing_stop")
            np.testing.assert_array_equal(found[name][rows], expected[name][rows], err_msg=f"{table}.{name}")
    np.testing.assert_array_equal(paper.equity[len(past.bars) - 1 :: len(past.bars)], past.equity)


def _never(halt: Halt) -> None:
    raise AssertionError(halt)
