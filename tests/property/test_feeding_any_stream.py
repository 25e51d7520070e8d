"""Whatever a stream and a history do, the trader gets every bar of the market once and in order, and hears of gaps."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from tradebot.core.bar import Bar, BarArray
from tradebot.core.errors import DataError, NoBarsError
from tradebot.core.event import BarClosed, FeedHealth, MarketEvent, Notify
from tradebot.core.instant import iso
from tradebot.core.instrument import Instrument
from tradebot.core.interval import MINUTE, Interval
from tradebot.core.protocols import FeedAbilities
from tradebot.engine.live.feeding import Feeding, Patience
from tradebot.engine.plan import Plan
from tradebot.engine.trader import Trader
from tradebot.strategies import Strategy
from virtual_time import VirtualLoop

MINUTELY = Interval.parse("1m")
MARKETS = (Instrument.mock("AUSDT"), Instrument.mock("BUSDT"))
SYMBOLS = tuple(market.symbol for market in MARKETS)
BEGIN = 1_700_000_040_000_000_000 // MINUTE * MINUTE

# `make soak` asks for many more, in turns: what hypothesis remembers of one fills memory until its end.
TURNS, CASES = (20, 1_000) if "TRADEBOT_SOAK" in os.environ else (1, 60)
# What becomes of a bar.
FATES = st.sampled_from(["comes", "comes", "lost", "twice", "late", "never was"])
# How a stream breaks: each time by a new exception, for one that is raised keeps the frames it went through.
BREAKS = st.sampled_from([lambda: ConnectionResetError("reset"), lambda: DataError("cut"), lambda: None])


class Quiet(Strategy):
    """Decides nothing."""

    def setup(self, bars: Any) -> None: ...

    def on_bar(self, bar: Bar) -> None: ...


class Venue:
    """A feed whose markets, streams and answers are what a test makes of them; also the clock of the loop."""

    is_real = True
    abilities = FeedAbilities()

    def __init__(self, loop: VirtualLoop) -> None:
        self.loop = loop
        self.bars: dict[str, dict[int, Bar]] = {symbol: {} for symbol in SYMBOLS}
        self.streams: list[asyncio.Queue[MarketEvent | Exception | None]] = []
        self.failing = 0

    def now(self) -> int:
        return BEGIN + round(self.loop.time() * 1e9)

    async def history(self, instrument: Instrument, interval: Interval, start: int, end: int) -> BarArray:
        await asyncio.sleep(0.2)
        if self.failing:
            self.failing -= 1
            raise (DataError("refused"), ConnectionResetError("reset"), TimeoutError())[self.failing % 3]
        found = [bar for ts, bar in sorted(self.bars[instrument.symbol].items()) if start <= ts < end]
        if not found:
            raise NoBarsError("there are none")
        columns = {name: np.array([getattr(bar, name) for bar in found]) for name in ("ts", "open", "high", "low")}
        return BarArray(
            instrument,
            interval,
            **columns,
            close=np.array([bar.close for bar in found]),
            volume=np.array([bar.volume for bar in found]),
        )

    async def stream(self, instruments: Sequence[Instrument], interval: Interval | None) -> AsyncIterator[MarketEvent]:
        events: asyncio.Queue[MarketEvent | Exception | None] = asyncio.Queue()
        self.streams.append(events)
        try:
            while (event := await events.get()) is not None:
                if isinstance(event, Exception):
                    raise event
                yield event
        finally:
            self.streams.remove(events)

    def say(self, event: MarketEvent | Exception | None) -> None:
        for stream in self.streams:
            stream.put_nowait(event)


class AnyStream(RuleBasedStateMachine):
    """Minutes pass; each bar comes, or is lost, doubled, late, corrected, or never was."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = VirtualLoop()
        self.venue = Venue(self.loop)
        self.trader = Trader(Plan(run_id="run", instruments=MARKETS, interval=MINUTELY, strategy=Quiet(), cash=1.0))
        self.given: dict[str, list[Bar]] = {symbol: [] for symbol in SYMBOLS}
        self.health: list[FeedHealth] = []
        self.notices: list[str] = []
        self.complaints: list[Any] = []
        self.loop.set_exception_handler(lambda _, context: self.complaints.append(context))
        self.late: list[BarClosed] = []
        self.minute = 0

    @initialize(silence_s=st.sampled_from([10.0, 200.0]))
    def begin(self, silence_s: float) -> None:
        patience = Patience(silence_s=silence_s)
        self.feeding = Feeding(self.venue, MARKETS, MINUTELY, clock=self.venue, patience=patience)
        for market in MARKETS:
            self.close(market.symbol)
        self.run(60)
        for symbol in SYMBOLS:
            (first,) = self.venue.bars[symbol].values()
            self.feeding.resume(symbol, first.ts)
            self.hear(BarClosed(symbol, MINUTELY, first))
        self.task = self.loop.create_task(self.listen())
        self.run(1)

    async def listen(self) -> None:
        async for event in self.feeding.events():
            self.hear(event)

    def hear(self, event: Any) -> None:
        if isinstance(event, FeedHealth):
            self.health.append(event)
        else:
            self.given[event.symbol] += [event.bar] if isinstance(event, BarClosed) else list(event.bars)
        self.notices += [output.text for output in self.trader.handle(event) if isinstance(output, Notify)]

    def run(self, seconds: float) -> None:
        self.loop.run_until_complete(asyncio.sleep(seconds))

    def close(self, symbol: str) -> BarClosed:
        """The bar of this minute, which closes at its end."""
        price = 100.0 + self.minute + len(symbol)
        bar = Bar(BEGIN + self.minute * MINUTE, price, price + 1, price - 1, price, 1.0)
        self.venue.bars[symbol][bar.ts] = bar
        return BarClosed(symbol, MINUTELY, bar)

    @rule(fates=st.tuples(*[FATES] * len(SYMBOLS)))
    def minute_passes(self, fates: tuple[str, ...]) -> None:
        self.minute += 1
        for symbol, fate in zip(SYMBOLS, fates, strict=True):
            self.loop.call_at(60.0 * (self.minute + 1), self.closes, symbol, self.minute, fate)
        self.run(60.0 * (self.minute + 1) + 1 - self.loop.time())

    def closes(self, symbol: str, minute: int, fate: str) -> None:
        if fate == "never was":
            return
        event = self.close(symbol)
        if fate == "late":
            self.late.append(event)
        for _ in range({"comes": 1, "twice": 2}.get(fate, 0)):
            self.venue.say(event)

    @rule(count=st.integers(1, 3))
    def late_bars_come(self, count: int) -> None:
        for _ in range(min(count, len(self.late))):
            self.venue.say(self.late.pop())
        self.run(0.1)

    @rule(symbol=st.sampled_from(SYMBOLS), back=st.integers(1, 9), price=st.sampled_from([1.0, 1e6]))
    def an_old_bar_is_corrected(self, symbol: str, back: int, price: float) -> None:
        known = self.given[symbol]
        ts = known[-min(back, len(known))].ts
        self.venue.say(BarClosed(symbol, MINUTELY, Bar(ts, price, price, price, price, 1.0)))
        self.run(0.1)

    @rule(broken=BREAKS, wait=st.sampled_from([0.1, 5, 90]))
    def the_stream_breaks(self, broken: Callable[[], Exception | None], wait: float) -> None:
        self.venue.say(broken())
        self.run(min(wait, 60.0 * (self.minute + 2) - self.loop.time() - 1))

    @rule(count=st.integers(1, 4))
    def history_fails(self, count: int) -> None:
        self.venue.failing = count

    @invariant()
    def every_bar_given_is_the_markets_and_comes_once_and_in_order(self) -> None:
        for symbol in SYMBOLS:
            opened = [bar.ts for bar in self.given[symbol]]
            assert opened == sorted(set(opened))
            there = [ts for ts in sorted(self.venue.bars[symbol]) if not opened or ts <= opened[-1]]
            assert opened == there or not opened
            assert all(repr(bar) == repr(self.venue.bars[symbol][bar.ts]) for bar in self.given[symbol])

    def teardown(self) -> None:
        if not hasattr(self, "task"):
            return
        self.venue.failing = 0
        # Long enough for the longest wait before a stream is opened again.
        for _ in range(4):
            self.minute_passes(("comes",) * len(SYMBOLS))
        for symbol in SYMBOLS:
            assert [bar.ts for bar in self.given[symbol]] == sorted(self.venue.bars[symbol])
        self.every_bar_given_is_the_markets_and_comes_once_and_in_order()
        self.gaps_were_named()
        fresh = {event.symbol: event.is_fresh for event in self.health}
        assert all(fresh.values())
        self.task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            self.loop.run_until_complete(self.task)
        self.loop.run_until_complete(self.loop.shutdown_asyncgens())
        self.loop.close()
        assert not self.complaints

    def gaps_were_named(self) -> None:
        for symbol in SYMBOLS:
            opened = sorted(self.venue.bars[symbol])
            gaps = [(one + MINUTE, other) for one, other in pairwise(opened) if other > one + MINUTE]
            named = [text for text in self.notices if text.startswith(f"{symbol}: bars from")]
            assert named == [f"{symbol}: bars from {iso(one)} to {iso(other)} are missing" for one, other in gaps]


@pytest.mark.parametrize("turn", range(TURNS))
def test_whatever_a_stream_does_the_trader_gets_every_bar_once_and_in_order(turn: int):
    run_state_machine_as_test(AnyStream, settings=settings(max_examples=CASES, stateful_step_count=30))
