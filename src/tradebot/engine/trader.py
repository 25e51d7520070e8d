"""The trader: one event in, commands and records out. Paper, live and replay run it; it knows no clock and no wire."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import msgspec
import tradebot_native as native

from tradebot.core import event as events
from tradebot.core.decimals import exact
from tradebot.core.errors import ConfigError
from tradebot.core.event import Severity
from tradebot.core.order import Side
from tradebot.engine.account import check_leverage, config_errors
from tradebot.engine.desk import STEP, Desk
from tradebot.engine.dust import Dust
from tradebot.engine.exits import Exits
from tradebot.engine.gate import Gate
from tradebot.engine.operating import Operations
from tradebot.engine.orders import OrderManager
from tradebot.engine.outbox import Outbox
from tradebot.engine.protection import Protection
from tradebot.engine.reconciliation import Reconciliation
from tradebot.engine.status import account_of, markets_of, performance_of
from tradebot.engine.targets import Targets

if TYPE_CHECKING:
    from tradebot.core.account import AccountSnapshot
    from tradebot.core.event import Event, Output
    from tradebot.engine.plan import Plan


VERSION: Final = 12
# Ended orders that are kept at least: a broker may still say something of them.
KEPT: Final = 500


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
                links_orders=plan.abilities.links_orders,
            )
            self._desk = Desk(plan, self._books, self._outbox)
        self._gate = Gate(plan, self._books, self._desk)
        self._orders = OrderManager(plan, self._books, self._desk.native, self._outbox, self._gate.review)
        self._exits = Exits(plan, self._books, self._desk.native, self._outbox)
        self._protection = Protection(plan, self._books, self._exits, self._outbox)
        self._targets = Targets(self._books, self._orders.inquiries, self._outbox)
        self._dust = Dust(plan, self._books, self._outbox)
        self._reconciliation = Reconciliation(plan, self._books, self._orders, self._outbox)
        self._gate.orders, self._gate.reconciliation = self._orders, self._reconciliation
        self._operations = Operations(
            plan, self._books, self._desk, self._gate, self._orders, self._exits, self._outbox
        )
        self._now = 0
        self._told_limit = False

    @property
    def portfolio(self) -> native.Portfolio:
        """The account, always up to date."""
        return self._books.portfolio

    @property
    def timers(self) -> dict[str, int]:
        """Timers that were asked for and have not come: when each is due, int64 ns UTC, by name."""
        return dict(self._outbox.timers)

    @property
    def is_halted(self) -> bool:
        """Whether it opens nothing until it is released."""
        return bool(self._gate.halted)

    @property
    def unsettled(self) -> list[str]:
        """Client ids of orders that wait for an answer, and of those that trade at once and have not."""
        return self._orders.unsettled

    @property
    def bare(self) -> dict[str, float]:
        """Units of positions whose entry asked for a stop that does not rest, by symbol."""
        missing = {
            position.symbol: self._books.missing_stop(position.symbol) for position in self.portfolio.positions()
        }
        return {symbol: found[1] for symbol, found in missing.items() if found is not None}

    @property
    def newest(self) -> dict[str, int]:
        """Open time of the latest bar taken, int64 ns UTC, by symbol."""
        opened = {symbol: decider.last_open for symbol, decider in self._desk.deciders.items()}
        return {symbol: ts for symbol, ts in opened.items() if ts is not None}

    @property
    def forgotten(self) -> dict[str, int]:
        """Oldest bars that are no longer kept, by symbol: after a restart no indicator looks back on them."""
        kept = {symbol: decider.taken - len(decider.bars) for symbol, decider in self._desk.deciders.items()}
        return {symbol: count for symbol, count in kept.items() if count}

    @property
    def agrees(self) -> bool:
        """Whether its books and the broker's last snapshot said the same, to the full."""
        return self._reconciliation.agrees

    def market_of(self, order_id: str) -> str:
        """Market of an order; empty for one that is not in the books."""
        number = self._books.find(order_id)
        return "" if number is None else self._books.order(number).symbol

    def traded(self, order_id: str) -> Decimal:
        """Signed units that an order has traded; zero for one that is not in the books."""
        number = self._books.find(order_id)
        if number is None:
            return Decimal(0)
        order = self._books.order(number)
        return exact(order.filled) * Side(order.side).sign

    def handle(self, event: Event) -> list[Output]:
        """Take one event.

        Returns
        -------
        Commands to carry out and records to keep, in order; nothing may leave before they are durable.
        """
        self._handle(event)
        self._operations.go_on_flattening(self._now)
        self._tell_limit()
        self._orders.flush(self._now)
        self._operations.answer()
        self._protection.check(self._now)
        if not self._reconciliation.resumes and not self._operations.flattening:
            self._targets.check()
        self._orders.flush(self._now)
        self._dust.tell()
        return self._outbox.take()

    def _handle(self, event: Event) -> None:
        match event:
            case events.BarClosed() | events.History() | events.TickSeen() | events.QuoteSeen():
                self._on_market(event)
            case events.OrderUpdate():
                self._pass_time(event.ts)
                self._on_update(event)
            case events.OrderNotFound():
                self._pass_time(event.ts)
                if self._orders.on_not_found(event):
                    self._exits.on_ended(event.order_id, event.ts)
            case events.CashFlow():
                self._pass_time(event.ts)
                self._on_cash_flow(event)
            case events.Timer():
                self._pass_time(event.ts)
                self._on_timer(event)
            case events.Alarm():
                self._pass_time(event.ts)
                self._orders.quarantine.on_alarm(event)
            case events.FeedHealth():
                self._pass_time(event.ts)
                self._on_health(event)
            case events.Resumed():
                self._pass_time(event.ts)
                self._reconciliation.resume()
                self._targets.on_resumed()
            case events.OperatorCommand():
                self._pass_time(event.ts)
                self._operations.obey(event)
            case events.AccountSnapshot():
                self._pass_time(event.ts)
                self._on_snapshot(event)

    def _pass_time(self, ts: int) -> None:
        self._now = max(self._now, ts)
        self._desk.snapshot.ts = self._now
        self._books.on_time(self._now)

    def _on_snapshot(self, event: AccountSnapshot) -> None:
        unexplained = self._reconciliation.on_snapshot(event)
        if self._gate.halted:
            # A cancellation that the venue refused is asked for again.
            self._operations.cancel_all("halted")
        elif unexplained:
            self._operations.halt(f"what the broker holds is not what the trades say. {unexplained}")
        self._reconciliation.take_positions(event)
        self._books.forget(KEPT, ended_before=self._reconciliation.settled, told=self._desk.told)

    def _on_update(self, event: events.OrderUpdate) -> None:
        is_news = self._orders.on_update(event)
        if event.fill is not None:
            self._exits.on_fill(event.symbol)
        if is_news:
            self._exits.on_ended(event.order_id, event.ts)
            self._protection.on_news(event)

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

    def _tell_limit(self) -> None:
        """Once, that a limit has ended entries for good."""
        reached = bool(self._desk.native.halted)
        if reached and not self._told_limit:
            text = f"{self._desk.native.halted} is reached: no entries until the bot is released, exits go on"
            self._outbox.notify(Severity.CRITICAL, text)
        self._told_limit = reached

    def _on_timer(self, event: events.Timer) -> None:
        self._outbox.timers.pop(event.name, None)
        if event.name == STEP:
            self._desk.decide()
        self._orders.on_timer(event.name, event.ts)
        self._exits.on_timer(event.name)

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

    def status(self) -> dict[str, Any]:
        """The run at a glance, as plain data: state, account, positions, orders, performance, markets."""
        return {
            "run_id": self._plan.run_id,
            "ts": self._now,
            "state": self._gate.word,
            "halted": self._gate.halted or self._desk.native.halted,
            **account_of(self._books),
            "performance": performance_of(self._books, self._plan),
            "markets": markets_of(self._desk, self._orders),
        }

    # Saving ----------------------------------------------------------------------------------------------------------

    def state(self) -> bytes:
        """All that the trader knows, for :meth:`restore` on one made from the same plan.

        Raises
        ------
        StrategyError : strategy, policy or sizer keeps something that cannot be saved.
        """
        return msgspec.msgpack.encode(
            {
                "version": VERSION,
                "run_id": self._plan.run_id,
                "now": self._now,
                "flags": [self._operations.flattening, self._told_limit],
                "gate": self._gate.state(),
                "books": self._books.save(),
                "desk": self._desk.state(),
                "orders": self._orders.state(),
                "exits": self._exits.state(),
                "protection": self._protection.state(),
                "targets": self._targets.state(),
                "dust": self._dust.state(),
                "reconciliation": self._reconciliation.state(),
                "timers": self._outbox.timers,
            }
        )

    def restore(self, state: bytes) -> None:
        """Take up a saved state before the first event; from there on it gives the same.

        The timers in :attr:`timers` are to be armed again.

        Raises
        ------
        ConfigError : the state is damaged, of another version, or of another run.
        """
        mend = "Start from the journal's beginning."
        try:
            saved: dict[str, Any] = msgspec.msgpack.decode(state)
            if saved["version"] != VERSION or saved["run_id"] != self._plan.run_id:
                raise ConfigError("it belongs to another version or run", place="state", mend=mend)
            self._books.load(saved["books"])
            self._desk.restore(saved["desk"])
            self._gate.restore(saved["gate"])
            self._now = self._desk.snapshot.ts = saved["now"]
            self._operations.flattening, self._told_limit = saved["flags"]
            self._orders.restore(saved["orders"])
            self._exits.restore(saved["exits"])
            self._protection.restore(saved["protection"])
            self._targets.restore(saved["targets"])
            self._dust.restore(saved["dust"])
            self._reconciliation.restore(saved["reconciliation"])
            self._outbox.timers = saved["timers"]
        except (msgspec.DecodeError, KeyError, TypeError, ValueError) as error:
            raise ConfigError(f"it is no state of this trader ({error})", place="state", mend=mend) from error
