"""The order manager: from the books' outbox to reviewed commands, and from a broker's reports to the books."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from tradebot_native import REASONS

from tradebot.core.event import Cancel, Concluded, Replace, Reviewed, Severity, Submit
from tradebot.core.fill import Liquidity
from tradebot.core.order import OrderState, is_final
from tradebot.engine.awaited import WATCH, Awaited
from tradebot.engine.exits import closes_whole
from tradebot.engine.fees import Fees
from tradebot.engine.foreign import Foreign
from tradebot.engine.inquiries import Inquiries
from tradebot.engine.quarantine import Quarantine
from tradebot.risk.figures import figures

if TYPE_CHECKING:
    import tradebot_native as native

    from tradebot.core.event import OrderNotFound, OrderUpdate
    from tradebot.core.fill import Fill
    from tradebot.core.order import OrderIntent
    from tradebot.core.protocols import Verdict
    from tradebot.engine.outbox import Outbox
    from tradebot.engine.plan import Plan

# States of an order that works at the venue, which then takes a change of it.
_CHANGEABLE: Final = frozenset({OrderState.ACCEPTED, OrderState.TRIGGERED, OrderState.PARTIALLY_FILLED})
_UNANSWERED: Final = frozenset({OrderState.SUBMITTED, OrderState.PENDING_CANCEL, OrderState.PENDING_REPLACE})
_UNSETTLED: Final = _UNANSWERED | {OrderState.UNKNOWN}


class OrderManager:
    """Sends what the books want sent, and books what the broker says.

    Parameters
    ----------
    plan : the run.
    books : the account.
    trader : the native half of the decision path, whose limits count what goes out.
    outbox : where commands and records go.
    review : gives the verdict on an order that opens a position.

    Attributes
    ----------
    inquiries : the orders whose fate is not known.
    fees : what trades have cost.
    quarantine : markets that take no entries.
    foreign : what trades or works in the markets and was never sent from here.
    """

    def __init__(
        self,
        plan: Plan,
        books: native.Books,
        trader: native.Trader,
        outbox: Outbox,
        review: Callable[[OrderIntent], Verdict],
    ) -> None:
        self._plan = plan
        self._books = books
        self._trader = trader
        self._outbox = outbox
        self._review = review
        self.inquiries = Inquiries(plan.patience, outbox)
        self.fees = Fees(plan, outbox)
        self.quarantine = Quarantine(plan, outbox)
        self.foreign = Foreign(plan, books, outbox, self.quarantine, self.book)
        self._recorded = 0
        self._awaited = Awaited(plan.patience, outbox)
        # Orders whose quantity is another than the broker's, until it can be told.
        self._outgrown: set[int] = set()

    # Out -------------------------------------------------------------------------------------------------------------

    def flush(self, ts: int) -> None:
        """Turn what the books hold ready into commands; every order goes on record with the verdict on it."""
        self._drain(ts)
        for number in sorted(self._outgrown):
            self._change(number, ts)
        self._drain(ts)

    def _drain(self, ts: int) -> None:
        send = {"submit": self._submit, "cancel": self._cancel, "resize": self._resize}
        self._record_denials(ts)
        while outgoing := self._books.take_outbox():
            for what, number in outgoing:
                send[what](number, ts)
            self._record_denials(ts)

    def _record_denials(self, ts: int) -> None:
        for number in range(self._recorded, self._books.order_count):
            order = self._books.order(number)
            if order.state == OrderState.DENIED:
                reason = figures(order, self._plan.risk, self._books.portfolio)
                self._reviewed(ts, order, rule=order.reason, reason=reason)
        self._recorded = self._books.order_count

    def _reviewed(self, ts: int, order: native.Order, *, rule: str = "", reason: str = "") -> None:
        allowed = not rule
        self._outbox.add(
            Reviewed(ts=ts, order_id=order.client_id, symbol=order.symbol, allowed=allowed, rule=rule, reason=reason)
        )

    def _submit(self, number: int, ts: int) -> None:
        if not self._books.is_live(number):
            # Its parent has been refused since.
            return
        order, intent = self._books.order(number), self._books.intent(number)
        if self._trader.opens(self._books, number):
            verdict = self._review(intent)
            if not verdict.allowed:
                known = verdict.rule if verdict.rule in REASONS else "risk_rule"
                self._trader.refuse(self._books, number, known)
                self._reviewed(ts, order, rule=verdict.rule, reason=verdict.reason)
                self.quarantine.on_denial(verdict)
                return
        self._reviewed(ts, order)
        if not self._plan.abilities.holds(intent):
            self._books.keep_here(number)
            what = f"no {intent.type} order" if intent.type != "trailing_stop" else "no such trailing_stop"
            text = f"{order.client_id} ({order.symbol}): the broker holds {what}, so it is watched here"
            self._outbox.notify(Severity.WARNING, text)
            return
        self._outbox.add(Submit(order.client_id, intent))
        self._awaited.sent(number, ts)

    def _cancel(self, number: int, ts: int) -> None:
        order = self._books.order(number)
        self._outbox.add(Cancel(order.client_id, order.reason))
        self._awaited.sent(number, ts)

    def _resize(self, number: int, ts: int) -> None:
        self.outgrow(number)

    def outgrow(self, number: int) -> None:
        """The broker has an order with another quantity than the books: it is told as soon as it can be."""
        self._outgrown.add(number)

    def _change(self, number: int, ts: int) -> None:
        """Tell the broker of an order's new quantity once it can be told: an order on its way cannot be changed."""
        order = self._books.order(number)
        if not self._books.is_live(number) or order.state == OrderState.INITIALIZED:
            # It is gone, or waits here and goes out as it is then.
            self._outgrown.discard(number)
        elif order.state in _CHANGEABLE:
            self._outgrown.discard(number)
            if self._plan.abilities.replaces:
                self._books.replacing(number)
                self._outbox.add(Replace(order.client_id, quantity=order.quantity))
                self._awaited.sent(number, ts)
            else:
                self._books.renew(number)

    def is_under_way(self, number: int) -> bool:
        """Whether something was sent for an order and not answered, or is still to be sent."""
        return number in self._awaited or number in self._outgrown

    @property
    def unsettled(self) -> list[str]:
        """Client ids of orders that wait for an answer, and of those that trade at once and have not."""
        return [
            order.client_id
            for order in self._books.open_orders()
            if order.state in _UNSETTLED
            or order.id in self._outgrown
            or order.type == "market"
            or order.tif in ("ioc", "fok")
        ]

    # In --------------------------------------------------------------------------------------------------------------

    def on_update(self, event: OrderUpdate) -> bool:
        """Take what a broker says of an order.

        Returns
        -------
        Whether the state it tells is news.
        """
        number = self._books.find(event.order_id)
        if number is None or self.foreign.is_of_halt(event.order_id):
            self.foreign.on_update(event)
            return False
        before = self._books.order(number)
        if event.fill is not None:
            self.book(number, event.fill)
        terms = {"quantity": event.quantity, "price": event.price, "trigger": event.trigger}
        if number in self._outgrown:
            # It has grown since the broker was told.
            del terms["quantity"]
        if given := {name: float(value) for name, value in terms.items() if value is not None}:
            self._books.on_terms(number, **given)
        is_news = self._books.on_report(number, event.ts, event.state, event.reason)
        self._settle(number, event)
        if event.state == OrderState.REJECTED and is_news:
            self._outbox.notify(Severity.WARNING, f"{event.order_id} ({event.symbol}) was rejected: {event.reason}")
            self.quarantine.on_refusal(event)
        elif before.state == OrderState.PENDING_CANCEL and self._books.order(number).state in _CHANGEABLE:
            self._outbox.notify(
                Severity.WARNING, f"{event.order_id} ({event.symbol}) could not be canceled: {event.reason}"
            )
        return is_news

    def _settle(self, number: int, event: OrderUpdate) -> None:
        """Whether the order's fate is known now; else it is asked about."""
        order = self._books.order(number)
        lacks_fills = event.state == OrderState.FILLED and order.state != OrderState.FILLED
        if order.state == OrderState.UNKNOWN or lacks_fills:
            self.inquiries.open(event.order_id, event.symbol, event.ts)
        elif event.fill is None or is_final(OrderState(order.state)):
            # A trade that is made up for tells what has been, not whether the order works on.
            self.inquiries.close(event.order_id)
        if order.state not in _UNANSWERED:
            self._awaited.answered(number)

    def book(self, number: int, fill: Fill) -> bool:
        """Book a trade, once; ``False`` for one booked before."""
        before = self._books.order(number)
        held = self._books.portfolio.quantity(fill.symbol)
        fee = self.fees.of(fill)
        maker = fill.liquidity is Liquidity.MAKER
        booked = self._books.on_fill(
            number, fill.trade_id, fill.ts, float(fill.price), float(fill.quantity), fee, maker
        )
        if booked:
            self.fees.booked(fill)
            self.quarantine.on_fill(fill.symbol)
            self.foreign.hold(fill, held)
        if booked and before.state in (OrderState.DENIED, OrderState.REJECTED):
            fact = f"{fill.order_id} ({fill.symbol}) was taken for {before.state} and has traded {fill.quantity}"
            self._outbox.notify(Severity.CRITICAL, f"{fact}; the trade is booked.")
        return booked

    def on_not_found(self, event: OrderNotFound) -> bool:
        """Take it that a broker does not know an order; it is believed only after a while.

        Returns
        -------
        Whether it is believed now.
        """
        number = self._books.find(event.order_id)
        if number is None:
            return False
        order = self._books.order(number)
        closes = closes_whole(order, self._books, self._plan)
        if not self.inquiries.is_absent(event.order_id, event.ts, closes=closes):
            return False
        never_arrived = order.state in (OrderState.SUBMITTED, OrderState.UNKNOWN) and not order.filled
        state = OrderState.REJECTED if never_arrived else OrderState.CANCELED
        self.conclude(number, event.ts, state, "unknown_order")
        self.inquiries.close(event.order_id)
        self._awaited.answered(number)
        self._outbox.notify(Severity.WARNING, f"{order.client_id} ({order.symbol}) does not exist at the broker")
        return True

    def on_timer(self, name: str, ts: int) -> None:
        """Ask about what has stayed without an answer."""
        self.inquiries.on_timer(name, ts)
        if name == WATCH:
            for number in self._awaited.overdue(ts):
                self.doubt(number, ts)
            self._awaited.wait_on()

    def doubt(self, number: int, ts: int) -> None:
        """Ask about an order that should have been heard of."""
        order = self._books.order(number)
        self.conclude(number, ts, OrderState.UNKNOWN)
        self.inquiries.open(order.client_id, order.symbol, ts)

    def conclude(self, number: int, ts: int, state: OrderState, reason: str = "") -> None:
        """Take an order's state for what no report says, and tell so where that is news."""
        before = self._books.order(number).state
        self._books.on_report(number, ts, state, reason)
        order = self._books.order(number)
        if order.state != before:
            self._outbox.add(
                Concluded(ts=ts, order_id=order.client_id, symbol=order.symbol, state=OrderState(order.state))
            )

    def doubt_unanswered(self, ts: int) -> None:
        """Ask about everything that was sent and not answered: the process that would have heard the answer is gone."""
        for order in self._books.open_orders():
            if order.state in _UNANSWERED:
                self.doubt(order.id, ts)
        self._awaited.give_up()

    # Saving ----------------------------------------------------------------------------------------------------------

    def state(self) -> dict[str, Any]:
        """What the manager remembers beside the books, as plain data."""
        return {
            "inquiries": self.inquiries.state(),
            "fees_elsewhere": self.fees.elsewhere,
            "foreign": self.foreign.state(),
            "quarantine": self.quarantine.state(),
            "recorded": self._recorded,
            "sent": self._awaited.state(),
            "outgrown": sorted(self._outgrown),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Take back what :meth:`state` gave."""
        self.inquiries.restore(state["inquiries"])
        self.fees.elsewhere = state["fees_elsewhere"]
        self.foreign.restore(state["foreign"])
        self.quarantine.restore(state["quarantine"])
        self._recorded = state["recorded"]
        self._awaited.restore(state["sent"])
        self._outgrown = set(state["outgrown"])
