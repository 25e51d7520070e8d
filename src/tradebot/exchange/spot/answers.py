"""Bodies of REST answers about spot orders, trades and the account.

Source of the shapes: Binance Open Platform, Spot, "Trading endpoints" and "Account endpoints".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tradebot.exchange.spot.orders import OrderList, SpotOrder
from tradebot.exchange.spot.wallet import SpotTrade
from tradebot.exchange.wire import amount, ms, text

Body = dict[str, Any]


def acknowledged(order: SpotOrder, ts: int) -> Body:
    """An order that was taken (ACK); ``ts`` is the time of the answer, ns."""
    return {
        "symbol": order.symbol,
        "orderId": order.order_id,
        "orderListId": order.list_id,
        "clientOrderId": order.client_id,
        "transactTime": ms(ts),
    }


def result(order: SpotOrder, ts: int) -> Body:
    """An order that was taken, with what has come of it (RESULT)."""
    return acknowledged(order, ts) | _terms(order) | {"workingTime": _working(order)}


def full(order: SpotOrder, trades: Sequence[SpotTrade], ts: int) -> Body:
    """The same with its trades (FULL)."""
    fills = [
        {
            "price": text(trade.price),
            "qty": text(trade.quantity),
            "commission": amount(trade.fee),
            "commissionAsset": trade.fee_asset,
            "tradeId": trade.trade_id,
        }
        for trade in trades
        if trade.order is order
    ]
    return result(order, ts) | {"fills": fills}


def canceled(order: SpotOrder, ts: int) -> Body:
    """An order that was taken back."""
    return acknowledged(order, ts) | _terms(order) | {"origClientOrderId": order.client_id}


def found(order: SpotOrder) -> Body:
    """An order as the answer to a query."""
    return {
        "symbol": order.symbol,
        "orderId": order.order_id,
        "orderListId": order.list_id,
        "clientOrderId": order.client_id,
        **_terms(order),
        "stopPrice": text(order.stop_price),
        "icebergQty": "0.00000000",
        "time": ms(order.time),
        "updateTime": ms(order.update_time),
        "isWorking": not order.waits,
        "workingTime": _working(order),
    }


def pair(orders: OrderList) -> Body:
    """A pair of orders as the answer to a query."""
    kind, status = ("EXEC_STARTED", "EXECUTING") if orders.is_open else ("ALL_DONE", "ALL_DONE")
    return {
        "orderListId": orders.list_id,
        "contingencyType": "OCO",
        "listStatusType": kind,
        "listOrderStatus": status,
        "listClientOrderId": orders.client_id,
        "transactionTime": ms(orders.time),
        "symbol": orders.symbol,
        "isIsolated": False,
        "orders": [
            {"symbol": order.symbol, "orderId": order.order_id, "clientOrderId": order.client_id}
            for order in orders.orders
        ],
    }


def pair_taken(orders: OrderList, reports: Sequence[Body]) -> Body:
    """A pair as the answer to placing it, with what is said of each of its orders."""
    return pair(orders) | {"orderReports": reports}


def pair_canceled(orders: OrderList, ts: int) -> Body:
    """A pair as the answer to taking it back."""
    return pair(orders) | {"orderReports": [canceled(order, ts) for order in orders.orders]}


def trade(row: SpotTrade) -> Body:
    """One execution."""
    order = row.order
    return {
        "symbol": order.symbol,
        "id": row.trade_id,
        "orderId": order.order_id,
        "orderListId": order.list_id,
        "price": text(row.price),
        "qty": text(row.quantity),
        "quoteQty": text(row.price * row.quantity),
        "commission": amount(row.fee),
        "commissionAsset": row.fee_asset,
        "time": ms(row.ts),
        "isBuyer": order.side == "BUY",
        "isMaker": row.maker,
        "isBestMatch": True,
    }


def _terms(order: SpotOrder) -> Body:
    told: Body = {
        "price": text(order.price),
        "origQty": text(order.quantity),
        "executedQty": text(order.executed),
        "origQuoteOrderQty": text(order.quote_quantity),
        "cummulativeQuoteQty": text(order.quote),
        "status": order.status,
        "timeInForce": order.tif,
        "type": order.kind,
        "side": order.side,
        "selfTradePreventionMode": order.self_trade,
    }
    if order.stop_price:
        told["stopPrice"] = text(order.stop_price)
    if order.trailing_delta:
        told["trailingDelta"] = order.trailing_delta
    return told


def _working(order: SpotOrder) -> int:
    return ms(order.working_time) if order.working_time else -1
