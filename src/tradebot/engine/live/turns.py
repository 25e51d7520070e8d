"""One turn of a running bot: an event, what the trader decides on it, the record of both, and then what is done."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from tradebot.core.crashpoint import crashpoint
from tradebot.core.event import Cancel, Event, Halt, Output, Query, Replace, SetTimer, Submit
from tradebot.core.journal import Journal
from tradebot.engine.live.brokerage import Brokerage, Errand, SimulatedEngine
from tradebot.engine.live.facts import must_last
from tradebot.engine.live.observer import Observer
from tradebot.engine.live.standstill import Standstill
from tradebot.engine.live.switch import KillSwitch
from tradebot.engine.live.timers import Timers
from tradebot.engine.trader import Trader


class Turns:
    """Gives events to the trader one at a time; nothing that it decides is done before it is on record.

    Parameters
    ----------
    trader : what decides.
    broker : where commands go; a simulated one answers at once.
    journal : where everything is kept.
    switch : set where the trader halts by itself.
    timers : set as the trader asks for it.
    observers : who is told.

    Attributes
    ----------
    events : events handled.
    """

    def __init__(
        self,
        trader: Trader,
        broker: Brokerage | SimulatedEngine,
        journal: Journal,
        switch: KillSwitch,
        timers: Timers,
        observers: Sequence[Observer],
    ) -> None:
        self._trader = trader
        self._broker = broker
        self._journal = journal
        self._switch = switch
        self._timers = timers
        self._observers = observers
        self._standstill = Standstill(trader)
        self.events = 0

    def take(self, *events: Event) -> None:
        """Handle events, and behind them what a simulated broker answers to the commands they lead to.

        A snapshot of the account that says what is known changes nothing: it is shown to the observers alone.
        """
        waiting = deque(events)
        while waiting:
            at_hand = waiting.popleft()
            outputs = () if self._standstill.is_known(at_hand) else self._decide(at_hand)
            self.events += 1
            for output in outputs:
                waiting.extend(self._carry_out(output))
            for observer in self._observers:
                observer.seen(at_hand, outputs)

    def _decide(self, event: Event) -> Sequence[Output]:
        """What the trader says of an event, once both are on record."""
        outputs = self._trader.handle(event)
        for output in outputs:
            if isinstance(output, Halt):
                # Before the record: after a crash between the two, a halt must not look released.
                self._switch.set(output)
        self._journal.append([event, *outputs], durable=must_last(event, outputs))
        self._standstill.seen(event, outputs)
        return outputs

    def _carry_out(self, output: Output) -> list[Event]:
        """Do what the trader asked for; returns what is known at once."""
        match output:
            case SetTimer():
                self._timers.set(output)
            case Submit() | Cancel() | Replace() | Query():
                return self._send(output)
            case _:
                pass
        return []

    def _send(self, errand: Errand) -> list[Event]:
        crashpoint("before-send")
        if isinstance(self._broker, Brokerage):
            self._broker.send(errand)
            return []
        answers = self._broker.apply(errand)
        crashpoint("after-send")
        return list(answers)
