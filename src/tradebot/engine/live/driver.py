"""The loop of a running bot: one event at a time, on record before anything is done about it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, Final

from tradebot.core.crashpoint import crashpoint
from tradebot.core.event import (
    Alarm,
    BarClosed,
    Event,
    Halt,
    OperatorAction,
    OperatorCommand,
    Resumed,
    SetTimer,
    Submit,
)
from tradebot.core.interval import SECOND
from tradebot.core.journal import Arrival, Journal
from tradebot.core.wire import encode
from tradebot.engine.live.brokerage import Brokerage, SimulatedEngine
from tradebot.engine.live.checkpoints import Checkpoints
from tradebot.engine.live.clock import DataClock, VenueClock
from tradebot.engine.live.facts import market_data, time_of
from tradebot.engine.live.feeding import Feeding
from tradebot.engine.live.leaving import refusal
from tradebot.engine.live.loss import BrokerLoss
from tradebot.engine.live.observer import Observer
from tradebot.engine.live.recovery import Recovered
from tradebot.engine.live.settings import DriverSettings
from tradebot.engine.live.stopping import come_to_rest
from tradebot.engine.live.switch import KillSwitch, Latch
from tradebot.engine.live.timers import Timers
from tradebot.engine.live.turns import Turns
from tradebot.engine.trader import Trader

_WAITING: Final = 1_024
_IDLE_S: Final = 0.25
# Questions for the first account that follow one another at the same distance.
_EVENLY: Final = 12


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
    broker_lost : set while the broker counts as lost.
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
        self._switch = KillSwitch(latch, set_latch)
        self._clock = clock
        self._settings = settings
        if self._remote is not None:
            self._remote.may_leave = self._may_leave
            self._remote.market_of = trader.market_of
        self._checkpoints = Checkpoints(journal, trader, self._simulated)
        self.timers = Timers()
        self._turns = Turns(trader, broker, journal, self._switch, self.timers, observers)
        self._inbox: asyncio.Queue[Event] = asyncio.Queue(_WAITING)
        self._stop_reason: str | None = None
        # Whether the books shall be held against a simulated broker's before the next event.
        self._compares = False
        self.bars = 0
        self._loss = BrokerLoss(self._remote)
        self.broker_lost = self._loss.lasts
        self.phase = "starting"

    def stop(self, reason: str) -> None:
        """End in good order after the event at hand; the first reason counts."""
        self._stop_reason = self._stop_reason or reason

    @property
    def events(self) -> int:
        """Events handled."""
        return self._turns.events

    @property
    def now(self) -> int:
        """The time the bot lives by, int64 ns UTC."""
        return self._clock.now()

    async def tell(self, command: OperatorCommand) -> None:
        """Give an operator's order; it is handled in its turn.

        One that the kill switch has told the trader already is not told again.
        """
        if self._switch.takes(command):
            await self._inbox.put(command)

    def compare(self) -> None:
        """Hold the books against the broker's truth out of turn."""
        if self._remote is not None:
            self._remote.compare()
        self._compares = self._remote is None

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
        if isinstance(self._clock, VenueClock):
            sources.append(self._pour(self._clock.corrections()))
        if self._remote is not None:
            sources += [self._pour(self._remote.events()), self._pour(self._remote.comparisons())]
        tasks = [asyncio.create_task(source) for source in sources]
        try:
            while self._stop_reason is None:
                event = await self._next()
                self._take_loss()
                # No decision may come between the switch and the trader.
                if (news := self._switch.news(self._clock.now())) is not None:
                    self._turns.take(news)
                if self._compares and self._simulated is not None:
                    self._compares = False
                    self._turns.take(self._simulated.account())
                if event is not None:
                    self._process(event)
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
                "losses": self._loss.count,
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
        self._switch.resume(is_halted=self._trader.is_halted)
        for name, ts in self._trader.timers.items():
            self.timers.set(SetTimer(ts, name))
        for symbol, open_ts in recovered.newest.items():
            self._feeding.resume(symbol, open_ts)
        # A record may end between the histories of two markets.
        for history in await self._feeding.history(self._settings.lookback_bars):
            self._turns.take(history)
        self._turns.take(*recovered.answers)
        for event in recovered.unheard:
            self._turns.take(event)
        if self._simulated is not None:
            self._turns.take(self._simulated.account())
        elif self._remote is not None:
            self._turns.take(Resumed(self._clock.now()))
            await self._compare_first(self._remote)

    async def _compare_first(self, remote: Brokerage) -> None:
        """Ask for the account until it is told; whoever runs the bot learns what it waits for."""
        wait, asked = remote.rhythm.first_s / 2, 0
        while (snapshot := await remote.snapshot()) is None and self._stop_reason is None:
            asked += 1
            if asked == 1:
                self._turns.take(Alarm(ts=self._clock.now(), text=f"the start waits for the account: {remote.fault}"))
            self._take_loss()
            await asyncio.sleep(wait)
            # Evenly at first, for a position may be bare until then; a broker that is away is asked ever more seldom.
            wait = wait if asked < _EVENLY else min(2 * wait, remote.rhythm.longest_s)
        if snapshot is not None:
            self._turns.take(snapshot)

    def _take_loss(self) -> None:
        """Halt where the broker counts as lost, and tell where it shows no account."""
        if (loss := self._loss.news(self._clock.now(), is_halted=self._trader.is_halted)) is not None:
            self._turns.take(loss)
        if (blindness := self._loss.blindness(self._clock.now())) is not None:
            self._turns.take(blindness)

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
            # Not wait_for, which makes a task of every wait.
            async with asyncio.timeout(wait):
                return await self._inbox.get()
        except TimeoutError:
            self._journal.flush()
            return None

    def _process(self, event: Event) -> None:
        """Handle an event and all that follows from it."""
        if isinstance(self._clock, DataClock):
            at = time_of(event)
            while (timer := self.timers.take(at)) is not None:
                self._clock.advance(timer.ts)
                self._turns.take(timer)
            self._clock.advance(at)
        if self._simulated is not None:
            for seen in market_data(event):
                self._journal.append([Arrival(encode(seen))], durable=False)
                self._turns.take(*self._simulated.on_market(seen))
        self._turns.take(event)
        if isinstance(event, OperatorCommand) and event.action is OperatorAction.RELEASE:
            # A latch that was set meanwhile is told again.
            self._switch.resume(is_halted=False)
        if self._checkpoints.passed():
            if self._simulated is not None:
                # Only what a broker agrees with is forgotten, and one in this process is asked by nobody else.
                self._turns.take(self._simulated.account())
            self._checkpoints.save()
        if isinstance(event, BarClosed):
            self.bars += 1
            if self._settings.iterations is not None and self.bars >= self._settings.iterations:
                self.stop(f"{self.bars} bars are done")

    async def _may_leave(self, submit: Submit) -> bool:
        refused = refusal(submit, self._switch, self._journal, self._clock.now())
        if refused is not None:
            await self._inbox.put(refused)
        return refused is None

    async def _wind_down(self) -> None:
        if self._settings.cancel_on_stop:
            self._turns.take(OperatorCommand(self._clock.now(), OperatorAction.CANCEL_ALL, "tradebot", "stopping"))
        if self._remote is not None:
            await come_to_rest(self._trader, self._turns, self._remote, self._inbox, self._clock)
        self._checkpoints.save()
