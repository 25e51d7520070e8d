"""Endpoints of orders: plain, batched and conditional.

Source of the shapes and weights: Binance Open Platform, USD-M futures, "Trade" REST API.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeVar

import msgspec

from tradebot.exchange import answers
from tradebot.exchange.endpoints import Table, dearer_without_symbol
from tradebot.exchange.orders import Order, Placed, Shelf
from tradebot.exchange.params import Params
from tradebot.exchange.refusals import Refusal
from tradebot.exchange.wire import ms

if TYPE_CHECKING:
    from tradebot.exchange.venue import Venue

TABLE: Final = Table()
P = TypeVar("P", bound=Placed)
_DONE: Final = {"code": 200, "msg": "The operation of cancel all open order is done."}
_MOST_PLACED: Final = 5
_MOST_CANCELED: Final = 10
_MOST_ROWS: Final = 1000
_DAYS: Final = 7
_ID_LISTS: Final = ("orderIdList", "orderidlist")  # the second is how ccxt spells it


@TABLE.enter("POST", "order", weight=0, orders=1)
def place(venue: Venue, params: Params) -> Any:
    """Place an order."""
    order = venue.desk.prepare(params)
    return _placed(venue, order, params)


@TABLE.enter("POST", "order/test", weight=0)
def place_test(venue: Venue, params: Params) -> Any:
    """Check an order and place nothing."""
    order = venue.desk.prepare(params)
    order.status = "NEW"
    return answers.order_taken(order)


@TABLE.enter("PUT", "order", weight=0, orders=1)
def amend(venue: Venue, params: Params) -> Any:
    """Change an open limit order."""
    return answers.order_taken(venue.desk.amend(params))


@TABLE.enter("DELETE", "order", weight=1)
def cancel(venue: Venue, params: Params) -> Any:
    """Cancel an open order."""
    return answers.order_taken(venue.desk.cancel(params))


@TABLE.enter("GET", "order", weight=1)
def query(venue: Venue, params: Params) -> Any:
    """One order."""
    order = venue.desk.find(params)
    venue.check_seen(order.order_id)
    return answers.order_found(order)


@TABLE.enter("GET", "openOrder", weight=1)
def query_open(venue: Venue, params: Params) -> Any:
    """One open order."""
    order = venue.desk.find(params)
    venue.check_seen(order.order_id)
    if not order.is_open:
        raise Refusal(-2013)
    return answers.order_found(order)


@TABLE.enter("GET", "openOrders", weight=dearer_without_symbol(1, 40))
def open_orders(venue: Venue, params: Params) -> Any:
    """Open orders."""
    symbol = params.text("symbol", "")
    if symbol:
        venue.state.instrument(symbol)
    return [answers.order_found(order) for order in venue.state.orders.open(symbol) if venue.sees(order.order_id)]


@TABLE.enter("GET", "allOrders", weight=5)
def all_orders(venue: Venue, params: Params) -> Any:
    """Orders of a symbol, open and done, oldest first."""
    return [answers.order_found(order) for order in _found(venue, params, venue.state.orders, "orderId")]


@TABLE.enter("DELETE", "allOpenOrders", weight=1)
def cancel_all(venue: Venue, params: Params) -> Any:
    """Cancel every open order of a symbol; conditional ones stay."""
    venue.desk.cancel_all(params.text("symbol"))
    return _DONE


@TABLE.enter("POST", "batchOrders", weight=5, orders=5)
def place_batch(venue: Venue, params: Params) -> Any:
    """Place up to five orders, each on its own."""
    rows = _listed(params, "batchOrders", _MOST_PLACED)
    return [_tried(lambda row=row: place(venue, row)) for row in rows]


@TABLE.enter("PUT", "batchOrders", weight=5, orders=5)
def amend_batch(venue: Venue, params: Params) -> Any:
    """Change up to five orders, each on its own."""
    rows = _listed(params, "batchOrders", _MOST_PLACED)
    return [_tried(lambda row=row: amend(venue, row)) for row in rows]


@TABLE.enter("DELETE", "batchOrders", weight=1)
def cancel_batch(venue: Venue, params: Params) -> Any:
    """Cancel up to ten orders of a symbol, each on its own."""
    by_id = next((key for key in _ID_LISTS if key in params), "")
    key, name = (by_id, "orderId") if by_id else ("origClientOrderIdList", "origClientOrderId")
    named = _decoded(params, key, list[int | str])
    if len(named) > _MOST_CANCELED:
        raise Refusal(-1130, name=key)
    rows = [Params({"symbol": params.text("symbol"), name: str(each)}) for each in named]
    return [_tried(lambda row=row: cancel(venue, row)) for row in rows]


@TABLE.enter("POST", "countdownCancelAll", weight=10)
def countdown(venue: Venue, params: Params) -> Any:
    """Cancel a symbol's orders unless asked again in time; zero ends the countdown."""
    symbol, length = params.text("symbol"), params.needed_integer("countdownTime")
    venue.state.instrument(symbol)
    venue.count_down(symbol, length)
    return {"symbol": symbol, "countdownTime": str(length)}


@TABLE.enter("POST", "algoOrder", weight=0, orders=1)
def place_algo(venue: Venue, params: Params) -> Any:
    """Place a conditional order."""
    algo = venue.algo_desk.prepare(params)
    return answers.algo_placed(venue.place_algo(algo))


@TABLE.enter("DELETE", "algoOrder", weight=1)
def cancel_algo(venue: Venue, params: Params) -> Any:
    """Cancel a conditional order."""
    algo = venue.algo_desk.cancel(params)
    return {"algoId": algo.algo_id, "clientAlgoId": algo.client_id, "code": "200", "msg": "success"}


@TABLE.enter("GET", "algoOrder", weight=1)
def query_algo(venue: Venue, params: Params) -> Any:
    """One conditional order."""
    algo = venue.algo_desk.find(params)
    venue.check_seen(algo.algo_id)
    return answers.algo_found(algo)


@TABLE.enter("GET", "openAlgoOrders", weight=dearer_without_symbol(1, 40))
def open_algos(venue: Venue, params: Params) -> Any:
    """Conditional orders that wait for their trigger."""
    symbol = params.text("symbol", "")
    if symbol:
        venue.state.instrument(symbol)
    return [answers.algo_listed(algo) for algo in venue.state.algos.open(symbol) if venue.sees(algo.algo_id)]


@TABLE.enter("GET", "allAlgoOrders", weight=5)
def all_algos(venue: Venue, params: Params) -> Any:
    """Conditional orders of a symbol, waiting and done, oldest first."""
    return [answers.algo_found(algo) for algo in _found(venue, params, venue.state.algos, "algoId")]


@TABLE.enter("DELETE", "algoOpenOrders", weight=1)
def cancel_algos(venue: Venue, params: Params) -> Any:
    """Cancel every conditional order of a symbol."""
    venue.algo_desk.cancel_all(params.text("symbol"))
    return _DONE


def _placed(venue: Venue, order: Order, params: Params) -> Any:
    placed = venue.place(order)
    wants_result = params.text("newOrderRespType", "ACK") == "RESULT"
    return answers.order_taken(placed) if wants_result else answers.order_acknowledged(placed)


def _found(venue: Venue, params: Params, shelf: Shelf[P], name: str) -> list[P]:
    """Orders of a symbol, oldest first: the first ones from an id or a time on, else the latest."""
    symbol = params.text("symbol")
    venue.state.instrument(symbol)
    first = params.integer(name)
    start, end = params.window(ms(venue.state.now), _DAYS) if first is None else (0, None)
    found = [
        order
        for order_id, order in shelf.items()
        if order.symbol == symbol
        and venue.sees(order_id)
        and (first is None or order_id >= first)
        and ms(order.time) >= start
        and (end is None or ms(order.time) <= end)
    ]
    limit = min(params.integer("limit", 500) or 500, _MOST_ROWS)
    return found[:limit] if first is not None or "startTime" in params else found[-limit:]


def _listed(params: Params, name: str, most: int) -> list[Params]:
    rows = _decoded(params, name, list[dict[str, Any]])
    if not rows or len(rows) > most:
        raise Refusal(-1130, name=name)
    return [Params({key: _word(value) for key, value in row.items()}) for row in rows]


def _decoded(params: Params, name: str, shape: Any) -> Any:
    try:
        return msgspec.json.decode(params.text(name), type=shape)
    except msgspec.DecodeError:
        raise Refusal(-1130, name=name) from None


def _word(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _tried(attempt: Any) -> Any:
    """An answer, or the refusal in its place: one row of a batch does not spoil the others."""
    try:
        return attempt()
    except Refusal as refusal:
        return refusal.body
