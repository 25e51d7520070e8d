"""Taking and cancelling spot orders, one by one and in pairs."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from tradebot.core.decimals import exact
from tradebot.exchange.desk import SIDES, new_client_id
from tradebot.exchange.orders import ZERO
from tradebot.exchange.params import SPOT_IDS, Params
from tradebot.exchange.refusals import Refusal
from tradebot.exchange.spot.account import SpotAccount
from tradebot.exchange.spot.executions import SpotExecutions
from tradebot.exchange.spot.filters import (
    MOST_LISTS,
    MOST_ORDERS,
    MOST_WAITING,
    ORDER_TYPES,
    TIMES_IN_FORCE,
    check_order,
)
from tradebot.exchange.spot.intents import spot_intent
from tradebot.exchange.spot.orders import LIMITED, WAITING, OrderList, SpotOrder
from tradebot.exchange.spot.refusals import filter_failure, rejected
from tradebot.exchange.state import State
from tradebot.exchange.tape import Tape

_TIMED: Final = ("LIMIT", "STOP_LOSS_LIMIT", "TAKE_PROFIT_LIMIT")
_TRAILING: Final = ("STOP_LOSS", "TAKE_PROFIT")
_PARTNERS: Final = ("LIMIT_MAKER", "STOP_LOSS", "STOP_LOSS_LIMIT", "TAKE_PROFIT", "TAKE_PROFIT_LIMIT")
_NAMES: Final = {
    "type": "Type",
    "price": "Price",
    "stopPrice": "StopPrice",
    "trailingDelta": "TrailingDelta",
    "timeInForce": "TimeInForce",
    "newClientOrderId": "ClientOrderId",
}


class SpotDesk:
    """The order endpoints' work on spot."""

    def __init__(self, state: State, account: SpotAccount, executions: SpotExecutions, tape: Tape) -> None:
        self._state = state
        self._account = account
        self._executions = executions
        self._tape = tape

    def prepare(self, params: Params) -> SpotOrder:
        """Read and check an order; nothing has happened yet.

        Raises
        ------
        Refusal : it is malformed, breaks a filter, or would trigger at once.
        """
        state, symbol = self._state, params.text("symbol")
        instrument = state.instrument(symbol)
        kind = params.word("type", ORDER_TYPES, -1116)
        trails = "trailingDelta" in params and kind in _TRAILING
        money = params.decimal("quoteOrderQty") if kind == "MARKET" else ZERO
        for name, taken in (("price", kind in LIMITED), ("stopPrice", kind in WAITING), ("icebergQty", False)):
            if name in params and not taken:
                raise Refusal(-1106, name=name)
        order = SpotOrder(
            order_id=0,
            client_id=params.client_id("newClientOrderId", new_client_id(), SPOT_IDS),
            symbol=symbol,
            side=params.word("side", SIDES, -1117),
            kind=kind,
            tif=params.word("timeInForce", TIMES_IN_FORCE, -1115) if kind in _TIMED else "GTC",
            quantity=params.decimal("quantity", needed=not money),
            price=params.decimal("price", needed=kind in LIMITED),
            stop_price=params.decimal("stopPrice", needed=kind in WAITING and not trails),
            trailing_delta=params.integer("trailingDelta", 0) or 0,
            quote_quantity=money,
            self_trade=params.text("selfTradePreventionMode", "EXPIRE_MAKER"),
        )
        if order.trailing_delta and not trails:
            raise Refusal(-1106, name="trailingDelta")
        if state.markets[symbol].status != "TRADING":
            raise Refusal(-1013, text="Market is closed.")
        if money:
            order.quantity = instrument.snap_quantity(money / (state.mark(symbol) or money))
        check_order(order, instrument, exact(state.markets[symbol].average(state.now)))
        self._check_ahead(order)
        self._check_room(order)
        return order

    def place(self, order: SpotOrder, instead_of: Iterable[SpotOrder] = ()) -> SpotOrder:
        """Hand a checked order to the matching engine; ``instead_of`` names orders whose coins it may use.

        Raises
        ------
        Refusal : the account has too little, or the matching engine does not take it.
        """
        self._check_name(order)
        self._account.check_funds(order, instead_of)
        self._account.submit(order, spot_intent(order))
        self._match(order.symbol)
        return order

    def prepare_pair(self, params: Params) -> OrderList:
        """Read and check two orders of which one cancels the other: ``above`` and ``below`` the market.

        Raises
        ------
        Refusal : one of them is malformed, breaks a filter, or lies on the wrong side of the market.
        """
        shared = {name: params.text(name) for name in ("symbol", "side", "quantity")}
        above, below = (self.prepare(Params(shared | _leg(params, where))) for where in ("above", "below"))
        mark = self._state.mark(above.symbol)
        if above.kind not in _PARTNERS or below.kind not in _PARTNERS or above.kind[:4] == below.kind[:4]:
            raise Refusal(-1116)
        if above.client_id == below.client_id:
            raise rejected("Duplicate order sent.")
        if mark and not _level(below) < mark < _level(above):
            raise rejected("The relationship of the prices for the orders is not correct.")
        if len(self._account.pairs.open()) >= MOST_LISTS:
            raise filter_failure("MAX_NUM_ORDER_LISTS")
        client_id = params.client_id("listClientOrderId", new_client_id(), SPOT_IDS)
        return OrderList(
            list_id=0, client_id=client_id, symbol=above.symbol, orders=(above, below), time=self._state.now
        )

    def place_pair(self, pair: OrderList) -> OrderList:
        """Hand a checked pair to the matching engine.

        Raises
        ------
        Refusal : the account has too little, or the matching engine does not take it.
        """
        for order in pair.orders:
            self._check_name(order)
            self._account.check_funds(order)
        pair.list_id, pair.time = self._account.pairs.next_id(), self._state.now
        first, second = pair.orders
        first.list_id = second.list_id = pair.list_id
        self._account.submit(first, spot_intent(first))
        self._account.submit(second, spot_intent(second, first.native))
        self._account.pairs.put(pair.list_id, pair)
        self._executions.begun(pair)
        self._match(pair.symbol)
        return pair

    def find(self, params: Params) -> SpotOrder:
        """The order a request names.

        Raises
        ------
        Refusal : there is none.
        """
        symbol = params.text("symbol")
        self._state.instrument(symbol)
        if "orderId" not in params and "origClientOrderId" not in params:
            raise Refusal(-1102, name="orderId")
        found = self._account.orders.find(params.integer("orderId"), params.text("origClientOrderId", ""))
        if found is None or found.symbol != symbol:
            raise Refusal(-2013)
        return found

    def find_pair(self, params: Params) -> OrderList:
        """The pair a request names.

        Raises
        ------
        Refusal : there is none.
        """
        client_id = params.text("origClientOrderId", params.text("listClientOrderId", ""))
        found = self._account.pairs.find(params.integer("orderListId"), client_id)
        if found is None:
            raise Refusal(-2011)
        return found

    def to_cancel(self, params: Params) -> SpotOrder | OrderList:
        """What the cancellation of an order takes back: the order, or the pair it belongs to.

        Raises
        ------
        Refusal : no open order is meant.
        """
        try:
            order = self.find(params)
        except Refusal as refusal:
            raise Refusal(-2011) if refusal.code == -2013 else refusal from None
        if not order.is_open:
            raise Refusal(-2011)
        return self._account.pairs.find(order.list_id, "") or order

    def cancel(self, *orders: SpotOrder) -> None:
        """Take orders back; those that have ended meanwhile stay as they are."""
        for order in orders:
            if order.is_open and order.native is not None:
                self._state.sim.cancel(order.native)
        self._executions.settle()

    def _match(self, symbol: str) -> None:
        self._executions.settle()
        if self._state.settings.matching == "at_once":
            self._tape.match_now(symbol)

    def _check_name(self, order: SpotOrder) -> None:
        if self._account.orders.is_taken(order.client_id):
            raise rejected("Duplicate order sent.")

    def _check_room(self, order: SpotOrder) -> None:
        working = self._account.orders.open(order.symbol)
        if len(working) >= MOST_ORDERS:
            raise filter_failure("MAX_NUM_ORDERS")
        if order.kind in WAITING and sum(each.kind in WAITING for each in working) >= MOST_WAITING:
            raise filter_failure("MAX_NUM_ALGO_ORDERS")

    def _check_ahead(self, order: SpotOrder) -> None:
        """The stop price must lie ahead of the market."""
        mark = self._state.mark(order.symbol)
        if order.kind not in WAITING or not order.stop_price or not mark:
            return
        rises = (order.side == "BUY") == order.kind.startswith("STOP")
        if (mark >= order.stop_price) if rises else (mark <= order.stop_price):
            raise rejected("Stop price would trigger immediately.")


def _leg(params: Params, where: str) -> dict[str, str]:
    """One of a pair's orders in the words of a single one."""
    return {name: value for name, suffix in _NAMES.items() if (value := params.text(f"{where}{suffix}", ""))}


def _level(order: SpotOrder) -> Decimal:
    return order.stop_price or order.price
