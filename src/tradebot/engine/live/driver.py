"""The loop of a running bot: one event at a time, on record before anything is done about it."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from enum import IntEnum
from typing import Any, Final, Protocol

import msgspec

from tradebot.core.account import AccountSnapshot
from tradebot.core.crashpoint import crashpoint
from tradebot.core.event import (
    BarClosed,
    Cancel,
    CashFlow,
    Event,
    FeedHealth,
    Halt,
    History,
    MarketEvent,
    OperatorAction,
    OperatorCommand,
    OrderNotFound,
    OrderUpdate,
    Output,
    Query,
    QuoteSeen,
    Replace,
    SetTimer,
    Submit,
    TickSeen,
    Timer,
)
from tradebot.core.interval import SECOND
from tradebot.core.journal import Arrival, Journal
from tradebot.core.order import OrderState
from tradebot.core.wire import encode
from tradebot.engine.live.brokerage import Brokerage, Errand, SimulatedEngine
from tradebot.engine.live.clock import DataClock, VenueClock
from tradebot.engine.live.feeding import Feeding
from tradebot.engine.live.recovery import Recovered
from tradebot.engine.live.timers import Timers
from tradebot.engine.trader import Trader

_WAITING: Final = 1_024
_IDLE_S: Final = 0.25
_SAVE_EVERY: Final = 1_000


class Observer(Protocol):
    """Somebody who is told what the bot saw and did (logs, notifications, the API) and neither raises nor blocks."""

    def seen(self, event: Event, outputs: Sequence[Output]) -> None:
        """An event was handled; what came out of it is on record."""
        ...


class Halted(Protocol):
    """What is known of a halt."""

    @property
    def operator(self) -> str:
        """Who asked for it; empty where that is not known."""
        ...

    @property
    def reason(self) -> str:
        """One sentence."""
        ...

    @property
    def flatten(self) -> bool:
        """Whether every position shall be closed as well."""
        ...


class Latch(Protocol):
    """The kill switch, which any process may have set."""

    @property
    def is_set(self) -> bool:
        """Whether trading is halted. Cheap: it is asked before every event and every order."""
        ...

    def read(self) -> Halted | None:
        """Why it is halted; ``None`` where it is not."""
        ...


class DriverSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How a bot is driven.

    Parameters
    ----------
    lookback_bars : bars an indicator may look back on at the start.
    cancel_on_stop : whether entries that still wait are taken back at a stop in good order. Exits always stay.
    iterations : closed bars after which it stops by itself; ``None`` runs until it is told to.
    """

    lookback_bars: int = 1_000
    cancel_on_stop: bool = True
    iterations: int | None = None


class _Switch(IntEnum):
    OFF = 0
    HALT = 1
    FLATTEN = 2


_SWITCHES: Final = {
    OperatorAction.RELEASE: _Switch.OFF,
    OperatorAction.HALT: _Switch.HALT,
    OperatorAction.FLATTEN: _Switch.FLATTEN,
}


class Driver:
    """Brings events to one trader and carries its commands out.

    Nothing leaves for the broker that is not on record before, and nothing the broker said is acted on before it is.

    Parameters
    ----------
    trader : what decides.
    broker : the way to the broker; a simulated one answers inside this process.
    feeding : the market data.
    journal : where everything is kept.
    latch : the kill switch.
    set_latch : sets it where the trader halts by itself.
    clock : the time the bot lives by.
    settings : how it is driven.
    observers : who is told.

    Attributes
    ----------
    bars : closed bars handled.
    events : events handled.
    phase : where it is in its life: ``starting``, ``trading``, ``stopping`` or ``stopped``.
    """

    def __init__(
        self,
        trader: Trader,
        broker: Brokerage | SimulatedEngine,
        feeding: Feeding,
        journal: Journal,
        latch: Latch,
        set_latch: Callable[[Halt], None],
        clock: VenueClock | DataClock,
        settings: DriverSettings,
        observers: Sequence[Observer] = (),
    ) -> None:
        self._trader = trader
        self._remote = broker if isinstance(broker, Brokerage) else None
        self._simulated = None if isinstance(broker, Brokerage) else broker
        self._feeding = feeding
        self._journal = journal
        self._latch = latch
        self._set_latch = set_latch
        self._clock = clock
        self._settings = settings
        self._observers = observers
        if self._remote is not None:
            self._remote.may_leave = self._may_leave
        self.timers = Timers()
        self._inbox: asyncio.Queue[Event] = asyncio.Queue(_WAITING)
        self._stop_reason: str | None = None
        # What the trader knows of the kill switch: not set, set, or set to flatten.
        self._told_switch = _Switch.OFF
        self._unsaved = 0
        self.bars = self.events = 0
        self.phase = "starting"

    def stop(self, reason: str) -> None:
        """End in good order after the event at hand; the first reason counts."""
        self._stop_reason = self._stop_reason or reason

    @property
    def now(self) -> int:
        """The time the bot lives by, int64 ns UTC."""
        return self._clock.now()

    async def tell(self, command: OperatorCommand) -> None:
        """Give an operator's order; it is handled in its turn.

        One that the kill switch has told the trader already is not told again.
        """
        switch = _SWITCHES.get(command.action)
        if switch is not None:
            if switch <= self._told_switch and switch is not _Switch.OFF:
                return
            self._told_switch = switch
        await self._inbox.put(command)

    async def run(self, recovered: Recovered) -> str:
        """Drive on from what a record gave back, until told to stop; returns the reason.

        Raises
        ------
        JournalError : nothing can be recorded any more. Nothing was sent since.
        Exception : a defect of the program; what was recorded before holds.
        """
        await self._begin(recovered)
        crashpoint("recovered")
        self.phase = "trading"
        sources = [self._pour(self._feeding.events())]
        if self._remote is not None:
            sources += [self._pour(self._remote.events()), self._pour(self._remote.comparisons())]
        tasks = [asyncio.create_task(source) for source in sources]
        try:
            while self._stop_reason is None:
                event = await self._next()
                # No decision may come between the switch and the trader.
                if (switched := self._switched()) is not None:
                    await self._settle(switched)
                if event is not None:
                    await self.process(event)
                elif ended := next((task for task in tasks if task.done()), None):
                    # A source that ends by itself has failed, and a bot must not trade on half deaf.
                    ended.result()
                    self.stop("the data has ended")
            self.phase = "stopping"
            await self._wind_down()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            if self._remote is not None:
                await self._remote.close()
        self.phase = "stopped"
        return self._stop_reason

    def status(self) -> dict[str, Any]:
        """The run at a glance, as plain data: the trader's status, and how feed, broker and clock do."""
        remote = self._remote
        return {
            **self._trader.status(),
            "phase": self.phase,
            "now": self._clock.now(),
            "feed": self._feeding.status(),
            "broker": {
                "is_simulated": remote is None,
                "reconnects": 0 if remote is None else remote.reconnects,
                "fault": "" if remote is None else remote.fault,
            },
            "clock": {
                "is_real": self._clock.is_real,
                "skew_ns": self._clock.skew,
                "is_off": self._clock.is_off,
            },
        }

    async def _begin(self, recovered: Recovered) -> None:
        """Warm up where the record has not, hear what was said meanwhile, and compare the books with the broker's."""
        if self._trader.is_halted:
            self._told_switch = _Switch.HALT
        for name, ts in self._trader.timers.items():
            self.timers.set(SetTimer(ts, name))
        for symbol, open_ts in recovered.newest.items():
            self._feeding.resume(symbol, open_ts)
        if not recovered.newest:
            for history in await self._feeding.history(self._settings.lookback_bars):
                await self._settle(history)
        for event in (*recovered.answers, *recovered.unheard):
            await self._settle(event)
        if self._simulated is not None:
            await self._settle(self._simulated.account())
        elif self._remote is not None:
            wait = self._remote.rhythm.first_s
            while (snapshot := await self._remote.snapshot()) is None and self._stop_reason is None:
                await asyncio.sleep(wait)
                wait = min(2 * wait, self._remote.rhythm.longest_s)
            if snapshot is not None:
                await self._settle(snapshot)

    async def _pour(self, source: AsyncIterator[Event]) -> None:
        async for event in source:
            await self._inbox.put(event)

    async def _next(self) -> Event | None:
        """The next timer or event; ``None`` after a while without any, in which the record is brought to the disk."""
        timer = self.timers.take(self._clock.now())
        if timer is not None:
            return timer
        wait = _IDLE_S
        if self._clock.is_real and (due := self.timers.next_ts) is not None:
            wait = min(wait, max(due - self._clock.now(), 0) / SECOND)
        try:
            return await asyncio.wait_for(self._inbox.get(), wait)
        except TimeoutError:
            self._journal.flush()
            return None

    async def process(self, event: Event) -> None:
        """Handle an event and all that follows from it."""
        if isinstance(self._clock, DataClock):
            at = _time_of(event)
            while (timer := self.timers.take(at)) is not None:
                self._clock.advance(timer.ts)
                await self._settle(timer)
            self._clock.advance(at)
        if self._simulated is not None:
            for seen in _market_events(event):
                self._journal.append([Arrival(encode(seen))], durable=False)
                for update in self._simulated.on_market(seen):
                    await self._settle(update)
        await self._settle(event)
        if isinstance(event, OperatorCommand) and event.action is OperatorAction.RELEASE:
            # A latch that was set meanwhile is told again.
            self._told_switch = _Switch.OFF
        self._unsaved += 1
        if self._unsaved >= _SAVE_EVERY:
            self.save()
        if isinstance(event, BarClosed):
            self.bars += 1
            if self._settings.iterations is not None and self.bars >= self._settings.iterations:
                self.stop(f"{self.bars} bars are done")

    async def _settle(self, event: Event) -> None:
        """Handle an event, and what a simulated broker answers to the commands it led to."""
        waiting = deque([event])
        while waiting:
            at_hand = waiting.popleft()
            outputs = self._trader.handle(at_hand)
            for output in outputs:
                if isinstance(output, Halt):
                    # Before the record: after a crash between the two, a halt must not look released.
                    self._set_latch(output)
                    self._told_switch = max(self._told_switch, _Switch.FLATTEN if output.flatten else _Switch.HALT)
            self._journal.append([at_hand, *outputs], durable=_must_last(at_hand, outputs))
            self.events += 1
            for output in outputs:
                waiting.extend(self._carry_out(output))
            for observer in self._observers:
                observer.seen(at_hand, outputs)

    def _carry_out(self, output: Output) -> list[Event]:
        """Do what the trader asked for; returns what is known at once."""
        match output:
            case SetTimer():
                self.timers.set(output)
            case Submit() | Cancel() | Replace() | Query():
                return self._send(output)
            case _:
                pass
        return []

    def _send(self, errand: Errand) -> list[Event]:
        crashpoint("before-send")
        if self._simulated is not None:
            answers = self._simulated.apply(errand)
            crashpoint("after-send")
            return list(answers)
        if self._remote is not None:
            self._remote.send(errand)
            crashpoint("after-send")
        return []

    async def _may_leave(self, submit: Submit) -> bool:
        """The last look before an order leaves, at what the trader could not know when it decided."""
        if submit.intent.reduce_only:
            return True
        reason = "halted" if self._latch.is_set else "" if self._journal.has_headroom else "the disk is nearly full"
        if reason:
            await self._inbox.put(self._refused(submit, reason))
        return not reason

    def _refused(self, submit: Submit, reason: str) -> OrderUpdate:
        return OrderUpdate(
            ts=self._clock.now(),
            order_id=submit.order_id,
            symbol=str(submit.intent.instrument),
            state=OrderState.REJECTED,
            reason=reason,
        )

    def _switched(self) -> OperatorCommand | None:
        """What the trader must be told of the kill switch since it was last told."""
        halt = self._latch.read() if self._latch.is_set else None
        switch = _Switch.OFF if halt is None else _Switch.FLATTEN if halt.flatten else _Switch.HALT
        if switch == self._told_switch:
            return None
        self._told_switch = switch
        ts = self._clock.now()
        if halt is None:
            return OperatorCommand(ts, OperatorAction.RELEASE, "latch")
        action = OperatorAction.FLATTEN if halt.flatten else OperatorAction.HALT
        return OperatorCommand(ts, action, halt.operator or "latch", halt.reason)

    def save(self) -> None:
        """Keep the state of trader and simulated broker, so that a restart need not begin at the beginning."""
        broker = self._simulated.state() if self._simulated is not None else b""
        self._journal.save(msgspec.msgpack.encode((self._trader.state(), broker)))
        self._unsaved = 0

    async def _wind_down(self) -> None:
        if self._settings.cancel_on_stop:
            await self._settle(OperatorCommand(self._clock.now(), OperatorAction.CANCEL_ALL, "tradebot", "stopping"))
        if self._remote is not None:
            await self._remote.settle()
            await self._drain()
        self.save()

    async def _drain(self) -> None:
        """What the broker has answered already."""
        while not self._inbox.empty():
            event = self._inbox.get_nowait()
            if isinstance(event, OrderUpdate | OrderNotFound | CashFlow):
                await self._settle(event)


def _market_events(event: Event) -> list[MarketEvent]:
    """Market data in an event, as a simulated broker takes it: late bars too, for orders may have rested in them."""
    match event:
        case BarClosed() | TickSeen() | QuoteSeen():
            return [event]
        case History(symbol, interval, bars):
            return [BarClosed(symbol, interval, bar) for bar in bars]
        case _:
            return []


def _time_of(event: Event) -> int:
    match event:
        case BarClosed(_, interval, bar):
            return interval.close_of(bar.ts)
        case TickSeen(_, tick):
            return tick.ts
        case QuoteSeen(_, quote):
            return quote.ts
        case History(_, interval, bars):
            return interval.close_of(int(bars.ts[-1])) if len(bars) else 0
        case (
            FeedHealth()
            | Timer()
            | OperatorCommand()
            | OrderUpdate()
            | OrderNotFound()
            | CashFlow()
            | AccountSnapshot()
        ):
            return event.ts


def _must_last(event: Event, outputs: Sequence[Output]) -> bool:
    """Whether this must be on the disk before the next step: orders that leave, and what brokers and people said."""
    if isinstance(event, OrderUpdate | OrderNotFound | CashFlow | OperatorCommand):
        return True
    return any(isinstance(output, Submit | Cancel | Replace | Halt) for output in outputs)
