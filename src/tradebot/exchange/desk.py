"""Taking, changing and cancelling orders."""

from __future__ import annotations

from decimal import Decimal
from typing import Final
from uuid import uuid4

from tradebot.core.decimals import exact
from tradebot.exchange.executions import Executions
from tradebot.exchange.filters import MOST_ORDERS, ORDER_TYPES, TIMES_IN_FORCE, check_order, check_price, check_quantity
from tradebot.exchange.intents import order_intent
from tradebot.exchange.orders import Order
from tradebot.exchange.params import Params
from tradebot.exchange.refusals import NATIVE, Refusal
from tradebot.exchange.state import State
from tradebot.exchange.tape import Tape
from tradebot.exchange.tiers import largest_notional

CONDITIONAL: Final = ("STOP", "STOP_MARKET", "TAKE_PROFIT", "TAKE_PROFIT_MARKET", "TRAILING_STOP_MARKET")
SIDES: Final = ("BUY", "SELL")


class Desk:
    """The order endpoints' work on plain orders."""

    def __init__(self, state: State, executions: Executions, tape: Tape) -> None:
        self._state = state
        self._executions = executions
        self._tape = tape

    def prepare(self, params: Params) -> Order:
        """Read and check an order; nothing has happened yet.

        Raises
        ------
        Refusal : it is malformed, or breaks a filter.
        """
        state = self._state
        symbol = params.text("symbol")
        instrument = state.instrument(symbol)
        side = params.word("side", SIDES, -1117)
        check_one_way(params)
        kind = params.word("type", ORDER_TYPES, -1116)
        if kind in CONDITIONAL:
            raise Refusal(-4120)
        limited = kind == "LIMIT"
        order = Order(
            order_id=0,
            client_id=params.client_id("newClientOrderId", new_client_id()),
            symbol=symbol,
            side=side,
            kind=kind,
            original_kind=kind,
            tif=params.word("timeInForce", TIMES_IN_FORCE, -1115) if limited else "GTC",
            quantity=params.decimal("quantity", needed=True),
            price=params.decimal("price", needed=limited),
            reduce_only=params.boolean("reduceOnly"),
            self_trade=params.text("selfTradePreventionMode", "EXPIRE_MAKER"),
            good_till=params.moment("goodTillDate"),
            time=state.now,
        )
        if order.tif == "GTD" and not order.good_till:
            raise Refusal(-1102, name="goodTillDate")
        if kind == "MARKET" and "price" in params:
            raise Refusal(-1106, name="price")
        check_open(state, symbol, order.reduce_only)
        if state.orders.is_taken(order.client_id):
            raise Refusal(-4116)
        check_order(order, instrument, state.mark(symbol))
        if len(state.orders.open(symbol)) >= MOST_ORDERS:
            raise Refusal(-2025)
        self._check_leverage(order)
        return order

    def place(self, order: Order) -> Order:
        """Hand a checked order to the matching engine.

        Raises
        ------
        Refusal : the matching engine does not take it.
        """
        state = self._state
        if state.orders.is_taken(order.client_id):
            raise Refusal(-4116)
        at_once = state.settings.matching == "at_once"
        if at_once and order.tif == "FOK" and not self._crosses(order):
            raise Refusal(-5021)
        order.time = order.update_time = state.now
        state.submit(order, order_intent(order))
        order.order_id = state.orders.next_id()
        state.orders.put(order.order_id, order)
        self._executions.settle()
        if at_once:
            self._tape.match_now(order.symbol)
        return order

    def find(self, params: Params) -> Order:
        """The order a request names.

        Raises
        ------
        Refusal : there is none.
        """
        state = self._state
        symbol = params.text("symbol")
        state.instrument(symbol)
        if "orderId" not in params and "origClientOrderId" not in params:
            raise Refusal(-1102, name="orderId")
        found = state.orders.find(params.integer("orderId"), params.text("origClientOrderId", ""))
        if found is None or found.symbol != symbol:
            raise Refusal(-2013)
        return found

    def cancel(self, params: Params) -> Order:
        """Cancel the order a request names.

        Raises
        ------
        Refusal : no open order is meant.
        """
        try:
            order = self.find(params)
        except Refusal as refusal:
            raise Refusal(-2011) if refusal.code == -2013 else refusal from None
        if not order.is_open or order.native is None:
            raise Refusal(-2011)
        self._state.sim.cancel(order.native)
        self._executions.settle()
        return order

    def cancel_all(self, symbol: str) -> list[Order]:
        """Cancel every open order of a symbol; conditional ones stay."""
        self._state.instrument(symbol)
        orders = self._state.orders.open(symbol)
        for order in orders:
            if order.native is not None:
                self._state.sim.cancel(order.native)
        self._executions.settle()
        return orders

    def amend(self, params: Params) -> Order:
        """Change price and quantity of an open limit order.

        Raises
        ------
        Refusal : no open limit order is meant, or the new terms break a filter.
        """
        order = self.find(params)
        quantity, price = params.decimal("quantity", needed=True), params.decimal("price", needed=True)
        if params.word("side", SIDES, -1117) != order.side:
            raise Refusal(-1117)
        if not order.is_open or order.kind != "LIMIT" or order.native is None:
            raise Refusal(-2013)
        instrument = self._state.instruments[order.symbol]
        check_quantity(quantity, instrument)
        check_price(price, instrument)
        if (quantity, price) == (order.quantity, order.price):
            raise Refusal(-5027)
        if quantity <= order.executed:
            self._state.sim.cancel(order.native)
            self._executions.settle()
            return order
        self._replace(order, order.native, quantity, price, instrument.min_notional)
        if self._state.settings.matching == "at_once":
            self._tape.match_now(order.symbol)
        return order

    def _replace(self, order: Order, native: int, quantity: Decimal, price: Decimal, least: Decimal) -> None:
        try:
            self._state.sim.replace(native, quantity=float(quantity), price=float(price))
        except ValueError as error:
            reason = str(error).rpartition(": ")[2]
            raise Refusal(NATIVE.get(reason, -1000), limit=least) from None
        order.quantity, order.price = quantity, price
        self._executions.amended(order)

    def _check_leverage(self, order: Order) -> None:
        """Hold the position that an order would make against the largest of its leverage."""
        state, symbol = self._state, order.symbol
        held, multiplier = state.account.positions[symbol].quantity, state.instruments[symbol].multiplier
        after = abs(held + order.sign * order.quantity)
        worth = after * (order.price or state.mark(symbol)) * multiplier
        if after > abs(held) and worth > largest_notional(state.instruments[symbol], state.leverage[symbol]):
            raise Refusal(-2027)

    def _crosses(self, order: Order) -> bool:
        """Whether a limit order would fill at once."""
        book = self._state.markets[order.symbol].book
        far = exact(book.top.ask if order.side == "BUY" else book.top.bid)
        if not book.is_quoted:
            far = self._state.mark(order.symbol)
        return bool(far) and (order.price - far) * order.sign >= 0


def new_client_id() -> str:
    """An id for an order whose client gave none."""
    return uuid4().hex[:22]


def check_one_way(params: Params) -> None:
    """Refuse hedge-mode orders: the account is in one-way mode.

    Raises
    ------
    Refusal : the order names a side of a hedge.
    """
    if params.text("positionSide", "BOTH") != "BOTH":
        raise Refusal(-4061)


def check_open(state: State, symbol: str, reduces: bool) -> None:
    """Refuse orders on a symbol that does not trade.

    Raises
    ------
    Refusal : the symbol is closed, or only closes positions.
    """
    status = state.markets[symbol].status
    if status == "TRADING":
        return
    if status in ("CLOSE", "BREAK", "PENDING_TRADING") or not reduces:
        raise Refusal(-4141 if status != "SETTLING" else -4140)
