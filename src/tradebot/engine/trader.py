"""The trader: one event in, commands and records out. Paper, live and replay run it; it knows no clock and no wire."""

from __future__ import annotations

from typing import TYPE_CHECKING

import tradebot_native as native

from tradebot.core import event as events
from tradebot.core.event import OperatorAction, Severity
from tradebot.core.protocols import Verdict
from tradebot.engine.account import check_leverage, config_errors
from tradebot.engine.desk import STEP, Desk
from tradebot.engine.orders import OrderManager
from tradebot.engine.outbox import Outbox

if TYPE_CHECKING:
    from tradebot.core.event import Event, Output
    from tradebot.core.order import OrderIntent
    from tradebot.engine.plan import Plan


class Trader:
    """Decides for a live run.

    Events go in one at a time, in the order in which they became known; every call is complete in itself. The same
    events give the same outputs. See "The live trader" in docs/architecture.md.

    Parameters
    ----------
    plan : what is traded, with what, within which bounds.

    Raises
    ------
    TradebotError : something of the plan does not fit; the message names it and the mend.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        check_leverage(plan.leverage, plan.instruments)
        self._outbox = Outbox()
        with config_errors():
            self._books = native.Books(
                [instrument.native() for instrument in plan.instruments],
                cash=plan.cash,
                leverage=plan.leverage,
                run_id=plan.run_id,
                attaches_exits=plan.abilities.attaches_exits,
            )
            self._desk = Desk(plan, self._books, self._outbox)
        self._orders = OrderManager(plan, self._books, self._desk.native, self._outbox, self._review)
        self._now = 0
        self._paused = False
        self._halted = ""
        self._reconciled = False

    @property
    def portfolio(self) -> native.Portfolio:
        """The account, always up to date."""
        return self._books.portfolio

    @property
    def timers(self) -> dict[str, int]:
        """Timers that were asked for and have not come: when each is due, int64 ns UTC, by name."""
        return dict(self._outbox.timers)

    def handle(self, event: Event) -> list[Output]:
        """Take one event.

        Returns
        -------
        Commands to carry out and records to keep, in order; nothing may leave before they are durable.
        """
        self._handle(event)
        self._orders.flush(self._now)
        return self._outbox.take()

    def _handle(self, event: Event) -> None:
        match event:
            case events.BarClosed() | events.History() | events.TickSeen() | events.QuoteSeen():
                self._on_market(event)
            case events.OrderUpdate():
                self._pass_time(event.ts)
                self._orders.on_update(event)
            case events.OrderNotFound():
                self._pass_time(event.ts)
                self._orders.on_not_found(event)
            case events.CashFlow():
                self._pass_time(event.ts)
                self._on_cash_flow(event)
            case events.Timer():
                self._pass_time(event.ts)
                self._on_timer(event)
            case events.FeedHealth():
                self._pass_time(event.ts)
                self._on_health(event)
            case events.OperatorCommand():
                self._pass_time(event.ts)
                self._on_operator(event)
            case events.AccountSnapshot():
                self._pass_time(event.ts)
                self._reconciled = True

    def _pass_time(self, ts: int) -> None:
        self._now = max(self._now, ts)
        self._desk.snapshot.ts = self._now
        self._books.on_time(self._now)

    def _on_market(self, event: events.MarketEvent | events.History) -> None:
        decider = self._desk.deciders.get(event.symbol)
        interval = self._plan.bars
        if decider is None or getattr(event, "interval", interval) != interval:
            return
        match event:
            case events.BarClosed():
                self._pass_time(interval.close_of(event.bar.ts))
                self._desk.on_bar(decider, event.bar)
            case events.History():
                self._desk.on_history(decider, event.bars)
            case events.TickSeen():
                self._pass_time(event.tick.ts)
                self._desk.on_tick(decider, event.tick)
            case events.QuoteSeen():
                self._pass_time(event.quote.ts)
                self._desk.on_quote(decider, event.quote)

    def _on_timer(self, event: events.Timer) -> None:
        self._outbox.timers.pop(event.name, None)
        if event.name == STEP:
            self._desk.decide()
        self._orders.on_timer(event.name, event.ts)

    def _on_health(self, event: events.FeedHealth) -> None:
        stale = self._desk.stale
        if event.is_fresh == (event.symbol not in stale):
            return
        if event.is_fresh:
            stale.discard(event.symbol)
            self._outbox.notify(Severity.INFO, f"the data of {event.symbol} is fresh again")
            return
        stale.add(event.symbol)
        text = f"the data of {event.symbol} is stale: no entries until it is fresh, exits go on"
        self._outbox.notify(Severity.WARNING, text)
        self._desk.decide_if_whole()

    def _on_cash_flow(self, event: events.CashFlow) -> None:
        booked = self._books.on_cash_flow(event.flow_id, event.kind, float(event.amount))
        if booked and event.kind is events.CashFlowKind.TRANSFER:
            self._desk.native.on_transfer(float(event.amount))

    def _on_operator(self, event: events.OperatorCommand) -> None:
        match event.action:
            case OperatorAction.PAUSE:
                self._paused = True
            case OperatorAction.RESUME:
                self._paused = False
            case OperatorAction.RELEASE:
                self._halted = ""
                self._orders.foreign.clear()
            case _:
                pass

    # Reviewing -------------------------------------------------------------------------------------------------------

    def _review(self, intent: OrderIntent) -> Verdict:
        """The verdict on an order that opens a position: the state of the bot first, then every rule."""
        symbol = str(intent.instrument)
        states = (
            (bool(self._halted), "halted", self._halted),
            (self._paused, "paused", "an operator has paused entries"),
            (not self._reconciled, "not_reconciled", "the account has not been compared with the broker's yet"),
            (symbol in self._desk.stale, "stale_data", f"the data of {symbol} is stale"),
            (symbol in self._orders.foreign, "quarantined", f"something traded {symbol} that was not sent from here"),
            (self._orders.inquiries.concerns(symbol), "unresolved_order", f"an order of {symbol} is unresolved"),
        )
        for applies, rule, reason in states:
            if applies:
                return Verdict(allowed=False, rule=rule, reason=reason)
        for rule in self._plan.rules:
            verdict = rule.review(intent, self._books.portfolio, self._desk.snapshot)
            if not verdict.allowed:
                return verdict
        return Verdict(allowed=True)
