"""What a person tells a running bot: to pause, to halt, to close everything, and orders given by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tradebot_native import Exit

from tradebot.core.event import Answered, Halt, OperatorAction
from tradebot.core.order import exit_of
from tradebot.engine.dust import stays
from tradebot.engine.outbox import SECOND

if TYPE_CHECKING:
    import tradebot_native as native

    from tradebot.core.event import OperatorCommand
    from tradebot.core.order import OrderIntent
    from tradebot.engine.desk import Desk
    from tradebot.engine.exits import Exits
    from tradebot.engine.gate import Gate
    from tradebot.engine.orders import OrderManager
    from tradebot.engine.outbox import Outbox
    from tradebot.engine.plan import Plan

FLATTEN: Final = "flatten"
BY_HAND: Final = "operator"
# Tags of the exits that keep a position from being bare.
_STOPS: Final = frozenset({"stop_loss", "trailing_stop"})


class Operations:
    """Obeys operators, and halts where the trader itself must.

    An order given by hand goes the way of a policy's: cut to the market's steps, held against every limit and rule,
    and tagged ``operator``. What became of it is told by :class:`~tradebot.core.event.Answered`.

    Attributes
    ----------
    flattening : whether every position is being closed.
    """

    def __init__(
        self,
        plan: Plan,
        books: native.Books,
        desk: Desk,
        gate: Gate,
        orders: OrderManager,
        exits: Exits,
        outbox: Outbox,
    ) -> None:
        self._plan = plan
        self._books = books
        self._desk = desk
        self._gate = gate
        self._orders = orders
        self._exits = exits
        self._outbox = outbox
        self.flattening = False
        # The order that was given by hand in the event at hand, until the verdict on it is known.
        self._placed: tuple[OperatorCommand, int] | None = None

    def obey(self, command: OperatorCommand) -> None:
        """Do what an operator asks for."""
        told = f"by {command.operator}: {command.reason}" if command.reason else f"by {command.operator}"
        match command.action:
            case OperatorAction.PAUSE:
                self._gate.paused = True
            case OperatorAction.RESUME:
                self._gate.paused = False
            case OperatorAction.HALT:
                self.halt(told, operator=command.operator)
            case OperatorAction.FLATTEN:
                self.halt(told, operator=command.operator, flatten=True)
            case OperatorAction.RELEASE:
                self._release()
            case OperatorAction.CANCEL_ALL:
                self.cancel_all("requested")
            case OperatorAction.PLACE:
                self._place(command)
            case OperatorAction.CANCEL:
                self._cancel(command)
            case OperatorAction.CLOSE:
                self._close(command)

    # Halting ---------------------------------------------------------------------------------------------------------

    def halt(self, reason: str, *, operator: str = "", flatten: bool = False) -> None:
        """Open nothing from here on, take back what is working, and close every position if asked to.

        The latch comes first. Exits of a position stay as long as it is open: a halt must not leave one bare, also
        where the order that closes it is refused or lost.
        """
        self._gate.halted = self._gate.halted or reason
        self.flattening = self.flattening or flatten
        self._outbox.add(Halt(reason, flatten, operator))
        self.cancel_all("halted")

    def _release(self) -> None:
        self._gate.halted, self.flattening = "", False
        self._orders.quarantine.release()
        self._desk.native.release()

    def cancel_all(self, reason: str) -> None:
        """Take back what works, but for the exits of open positions; those of closed ones the books take back."""
        held = {position.symbol for position in self._books.portfolio.positions()}
        for order in self._books.open_orders():
            stays = order.reduce_only and order.symbol in held
            if not stays or (self.flattening and _hinders_closing(order)):
                self._books.withdraw(order.id, reason)

    def go_on_flattening(self, ts: int) -> None:
        """Close every position; an exit that is under way is not sent again, and one that failed is, after a while."""
        held = self._books.portfolio.positions() if self.flattening else ()
        for position in (each for each in held if not each.is_dust):
            self._exits.close(position.symbol, FLATTEN)
            if FLATTEN not in self._outbox.timers:
                self._outbox.wake(ts + int(self._plan.patience.answer * SECOND), FLATTEN)

    # By hand ---------------------------------------------------------------------------------------------------------

    def answer(self) -> None:
        """Tell what became of an order given by hand, now that it was reviewed."""
        if self._placed is None:
            return
        (command, number), self._placed = self._placed, None
        order = self._books.order(number)
        verdict = self._outbox.verdict_on(order.client_id)
        if verdict is None or verdict.allowed:
            self._accept(command, order.symbol, order.client_id)
        else:
            self._refuse(command, order.symbol, verdict.rule, verdict.reason, order.client_id)

    def _place(self, command: OperatorCommand) -> None:
        intent = command.intent
        if intent is None:
            self._refuse(command, command.symbol, "invalid_order", "no order was given")
            return
        symbol = str(intent.instrument)
        if symbol not in self._plan.markets:
            self._refuse(command, symbol, "unknown_market", f"{symbol} is not traded here")
        elif fault := self._fault(intent, symbol):
            self._refuse(command, symbol, "invalid_order", fault)
        else:
            try:
                self._placed = command, self._desk.native.order(self._books, intent)
            except (KeyError, ValueError) as error:
                self._refuse(command, symbol, "invalid_order", str(error))

    def _fault(self, intent: OrderIntent, symbol: str) -> str:
        """What is wrong with an order's exits: they lie on either side of the price it enters at."""
        own = intent.price if intent.price is not None else intent.trigger
        mark = self._books.portfolio.position(self._desk.deciders[symbol].index).mark_price
        entry, sign = own if own is not None else mark, 1.0 if intent.side == "buy" else -1.0
        # Written so that NaN, which no comparison holds for, is a fault too.
        if intent.stop_loss is not None and not (entry - intent.stop_loss) * sign > 0.0:
            return f"a stop loss at {intent.stop_loss:g} is beyond the entry at {entry:g}"
        if intent.take_profit is not None and not (intent.take_profit - entry) * sign > 0.0:
            return f"a take profit at {intent.take_profit:g} is on the losing side of the entry at {entry:g}"
        return ""

    def _cancel(self, command: OperatorCommand) -> None:
        number = self._books.find(command.order_id)
        if number is None or not self._books.is_live(number):
            self._refuse(command, "", "not_working", "no such order works", command.order_id)
            return
        order = self._books.order(number)
        if order.tag in _STOPS and self._books.portfolio.quantity(order.symbol):
            fact = f"it protects the position of {order.symbol}, which can be closed instead"
            self._refuse(command, order.symbol, "protects_position", fact, order.client_id)
            return
        self._books.withdraw(number, "requested")
        self._accept(command, order.symbol, order.client_id)

    def _close(self, command: OperatorCommand) -> None:
        symbol = command.symbol
        if symbol not in self._plan.markets or not self._books.portfolio.quantity(symbol):
            self._refuse(command, symbol, "no_position", f"no position of {symbol} is open")
            return
        if (position := self._books.portfolio.position(symbol)).is_dust:
            self._refuse(command, symbol, "min_notional", stays(position, self._plan.markets[symbol]))
            return
        first = self._books.order_count
        self._desk.native.act(self._books, self._desk.deciders[symbol].index, Exit(tag=BY_HAND))
        # None is made where an exit is under way already.
        made = self._books.order(first).client_id if self._books.order_count > first else ""
        self._accept(command, symbol, made)

    def _accept(self, command: OperatorCommand, symbol: str, order_id: str) -> None:
        self._outbox.add(Answered(ts=command.ts, action=command.action, allowed=True, symbol=symbol, order_id=order_id))

    def _refuse(self, command: OperatorCommand, symbol: str, rule: str, reason: str, order_id: str = "") -> None:
        told = {"symbol": symbol, "order_id": order_id, "rule": rule, "reason": reason}
        self._outbox.add(Answered(ts=command.ts, action=command.action, allowed=False, **told))


def _hinders_closing(order: native.Order) -> bool:
    """Whether an order may hold what an order at the market is to close: one that rests and is no entry's exit."""
    return order.type != "market" and exit_of(order.client_id) is None
