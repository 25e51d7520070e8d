"""Endpoints of spot orders, single and in pairs.

Source of the shapes and weights: Binance Open Platform, Spot, "Trading endpoints" and "Account endpoints".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tradebot.exchange.endpoints import Table, dearer_without_symbol
from tradebot.exchange.params import Params
from tradebot.exchange.refusals import Refusal
from tradebot.exchange.spot import answers
from tradebot.exchange.spot.market import page, spot_of
from tradebot.exchange.spot.orders import OrderList, SpotOrder
from tradebot.exchange.spot.refusals import ReplaceFailed
from tradebot.exchange.wire import ms

if TYPE_CHECKING:
    from tradebot.exchange.venue import Venue

TABLE: Final = Table()
_IN_FULL: Final = ("MARKET", "LIMIT")
_MODES: Final = ("STOP_ON_FAILURE", "ALLOW_FAILURE")
# The pair as it was placed before April 2024, in the words of today.
_OLD_NAMES: Final = {
    "SELL": {"limit": "above", "stop": "below"},
    "BUY": {"limit": "below", "stop": "above"},
}


@TABLE.enter("POST", "/api/v3/order", weight=1, orders=1)
def place(venue: Venue, params: Params) -> Any:
    """Place an order."""
    desk = spot_of(venue).desk
    order = desk.place(desk.prepare(params))
    venue.conceal(order.order_id)
    return _taken(venue, order, params)


@TABLE.enter("POST", "/api/v3/order/test", weight=1)
def place_test(venue: Venue, params: Params) -> Any:
    """Check an order and place nothing."""
    spot_of(venue).desk.prepare(params)
    return {}


@TABLE.enter("GET", "/api/v3/order", weight=4)
def query(venue: Venue, params: Params) -> Any:
    """One order."""
    order = spot_of(venue).desk.find(params)
    venue.check_seen(order.order_id)
    return answers.found(order)


@TABLE.enter("DELETE", "/api/v3/order", weight=1)
def cancel(venue: Venue, params: Params) -> Any:
    """Cancel an open order, and with it the pair it belongs to."""
    desk = spot_of(venue).desk
    found = desk.to_cancel(params)
    return _canceled(venue, found)


@TABLE.enter("POST", "/api/v3/order/cancelReplace", weight=1, orders=1)
def cancel_and_place(venue: Venue, params: Params) -> Any:
    """Cancel an order and place another."""
    desk, mode = spot_of(venue).desk, params.word("cancelReplaceMode", _MODES, -1130)
    named = {"symbol": params.text("symbol")}
    named |= {"orderId": params.text("cancelOrderId")} if "cancelOrderId" in params else {}
    named |= {"origClientOrderId": params.text("cancelOrigClientOrderId", "")}
    refused: Refusal | None = None
    canceled: Any = None
    try:
        canceled = cancel(venue, Params(named))
    except Refusal as refusal:
        refused, canceled = refusal, refusal.body
    if refused is not None and mode == "STOP_ON_FAILURE":
        raise ReplaceFailed(-2022, _steps("FAILURE", "NOT_ATTEMPTED", canceled, None))
    done = "FAILURE" if refused is not None else "SUCCESS"
    try:
        order = desk.place(desk.prepare(params))
    except Refusal as refusal:
        code = -2022 if refused is not None else -2021
        raise ReplaceFailed(code, _steps(done, "FAILURE", canceled, refusal.body)) from None
    venue.conceal(order.order_id)
    told = _steps(done, "SUCCESS", canceled, _taken(venue, order, params))
    if refused is not None:
        raise ReplaceFailed(-2021, told)
    return told


@TABLE.enter("GET", "/api/v3/openOrders", weight=dearer_without_symbol(6, 80))
def open_orders(venue: Venue, params: Params) -> Any:
    """Open orders."""
    orders = spot_of(venue).account.orders.open(params.text("symbol", ""))
    params.symbols(venue.state.instruments)
    return [answers.found(order) for order in orders if venue.sees(order.order_id)]


@TABLE.enter("DELETE", "/api/v3/openOrders", weight=1)
def cancel_all(venue: Venue, params: Params) -> Any:
    """Cancel every open order of a symbol."""
    account, symbol = spot_of(venue).account, params.text("symbol")
    pairs = account.pairs.open(symbol)
    orders = [order for order in account.orders.open(symbol) if account.pairs.find(order.list_id, "") is None]
    if not pairs and not orders:
        raise Refusal(-2011)
    return [_canceled(venue, each) for each in (*orders, *pairs)]


@TABLE.enter("GET", "/api/v3/allOrders", weight=20)
def all_orders(venue: Venue, params: Params) -> Any:
    """Orders of a symbol, open and done, oldest first."""
    symbol, first = params.text("symbol"), params.integer("orderId")
    venue.state.instrument(symbol)
    start, end = params.integer("startTime"), params.integer("endTime")
    found = [
        order
        for order in spot_of(venue).account.orders
        if order.symbol == symbol
        and venue.sees(order.order_id)
        and (first is None or order.order_id >= first)
        and (start is None or ms(order.time) >= start)
        and (end is None or ms(order.time) <= end)
    ]
    return [answers.found(order) for order in page(found, params, from_first=first is not None or start is not None)]


@TABLE.enter("POST", "/api/v3/orderList/oco", weight=1, orders=2)
def place_pair(venue: Venue, params: Params) -> Any:
    """Place two orders of which one cancels the other."""
    desk = spot_of(venue).desk
    pair = desk.place_pair(desk.prepare_pair(params))
    for order in pair.orders:
        venue.conceal(order.order_id)
    return answers.pair_taken(pair, [_taken(venue, order, params) for order in pair.orders])


@TABLE.enter("POST", "/api/v3/order/oco", weight=1, orders=2)
def place_old_pair(venue: Venue, params: Params) -> Any:
    """The same in the words of before: a limit order and a stop."""
    side = params.word("side", tuple(_OLD_NAMES), -1117)
    limit, stop = _OLD_NAMES[side]["limit"], _OLD_NAMES[side]["stop"]
    kind = "STOP_LOSS_LIMIT" if "stopLimitPrice" in params else "STOP_LOSS"
    told = {name: params.text(name) for name in ("symbol", "side", "quantity")}
    told |= {f"{limit}Type": "LIMIT_MAKER", f"{limit}Price": params.text("price"), f"{stop}Type": kind}
    told |= {f"{stop}StopPrice": params.text("stopPrice"), f"{stop}Price": params.text("stopLimitPrice", "")}
    told |= {f"{stop}TimeInForce": params.text("stopLimitTimeInForce", "")}
    told |= {f"{limit}ClientOrderId": params.text("limitClientOrderId", "")}
    told |= {f"{stop}ClientOrderId": params.text("stopClientOrderId", "")}
    return place_pair(venue, Params(told | {"listClientOrderId": params.text("listClientOrderId", "")}))


@TABLE.enter("DELETE", "/api/v3/orderList", weight=1)
def cancel_pair(venue: Venue, params: Params) -> Any:
    """Cancel both orders of a pair."""
    pair = spot_of(venue).desk.find_pair(params)
    if not pair.is_open:
        raise Refusal(-2011)
    return _canceled(venue, pair)


@TABLE.enter("GET", "/api/v3/orderList", weight=4)
def query_pair(venue: Venue, params: Params) -> Any:
    """One pair."""
    return answers.pair(spot_of(venue).desk.find_pair(params))


@TABLE.enter("GET", "/api/v3/openOrderList", weight=6)
def open_pairs(venue: Venue, params: Params) -> Any:
    """Pairs of which an order is open."""
    return [answers.pair(pair) for pair in spot_of(venue).account.pairs.open()]


@TABLE.enter("GET", "/api/v3/allOrderList", weight=20)
def all_pairs(venue: Venue, params: Params) -> Any:
    """Every pair, oldest first."""
    return [answers.pair(pair) for pair in page(list(spot_of(venue).account.pairs), params, from_first=False)]


def _taken(venue: Venue, order: SpotOrder, params: Params) -> Any:
    wanted = params.text("newOrderRespType", "FULL" if order.kind in _IN_FULL else "ACK")
    if wanted == "FULL":
        return answers.full(order, spot_of(venue).account.wallet.trades, venue.state.now)
    return (answers.result if wanted == "RESULT" else answers.acknowledged)(order, venue.state.now)


def _canceled(venue: Venue, found: SpotOrder | OrderList) -> Any:
    orders = found.orders if isinstance(found, OrderList) else (found,)
    spot_of(venue).desk.cancel(*orders)
    if isinstance(found, OrderList):
        return answers.pair_canceled(found, venue.state.now)
    return answers.canceled(found, venue.state.now)


def _steps(canceled: str, placed: str, cancel_answer: Any, new_answer: Any) -> dict[str, Any]:
    results = {"cancelResult": canceled, "newOrderResult": placed}
    return results | {"cancelResponse": cancel_answer, "newOrderResponse": new_answer}
