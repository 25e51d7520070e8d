"""Bodies of REST answers about orders, trades and the account.

Source of the shapes: Binance Open Platform, USD-M futures, "Trade" and "Account" REST APIs. Since 2026-07-15 the
answers to placing, changing and cancelling an order have no avgPrice and cumQuote.
"""

from __future__ import annotations

from typing import Any

from tradebot.exchange.account import Income, TradeRow
from tradebot.exchange.margins import Margins
from tradebot.exchange.orders import Algo, Order
from tradebot.exchange.state import State
from tradebot.exchange.tiers import largest_notional
from tradebot.exchange.wire import amount, binary, ms, text

Body = dict[str, Any]


def order_taken(order: Order) -> Body:
    """An order as the answer to placing, changing or cancelling it."""
    return {
        "clientOrderId": order.client_id,
        "cumQty": text(order.executed),
        "executedQty": text(order.executed),
        "orderId": order.order_id,
        "origQty": text(order.quantity),
        "price": text(order.price),
        "reduceOnly": order.reduce_only,
        "side": order.side,
        "positionSide": "BOTH",
        "status": order.status,
        "stopPrice": text(order.stop_price),
        "closePosition": order.close_position,
        "symbol": order.symbol,
        "timeInForce": order.tif,
        "type": order.kind,
        "origType": order.original_kind,
        "updateTime": ms(order.update_time),
        "workingType": order.working_type,
        "priceProtect": order.price_protect,
        "priceMatch": "NONE",
        "selfTradePreventionMode": order.self_trade,
        "goodTillDate": order.good_till,
    }


def order_acknowledged(order: Order) -> Body:
    """An order as it came in, whatever has become of it since."""
    return order_taken(order) | {"status": "NEW", "cumQty": "0", "executedQty": "0", "updateTime": ms(order.time)}


def order_found(order: Order) -> Body:
    """An order as the answer to a query."""
    body = order_taken(order)
    del body["cumQty"]
    return body | {
        "avgPrice": text(order.average_price),
        "cumQuote": text(order.quote),
        "time": ms(order.time),
    }


def algo_placed(algo: Algo) -> Body:
    """A conditional order as the answer to placing it, the only one that is documented with a trailing stop's terms."""
    told = _algo(algo)
    if algo.kind == "TRAILING_STOP_MARKET":
        activate = text(algo.activate_price) if algo.activate_price else ""
        told |= {"activatePrice": activate, "callbackRate": text(algo.callback_rate)}
    return told


def algo_found(algo: Algo) -> Body:
    """A conditional order as the answer to querying it."""
    order = algo.order
    placed = {"actualOrderId": str(order.order_id), "actualType": order.kind} if order else {"actualOrderId": ""}
    return _algo(algo) | placed | {"actualPrice": text(order.average_price) if order else "0.00000"}


def algo_listed(algo: Algo) -> Body:
    """A conditional order among the open ones, whose numbers come as a binary fraction is written: 7.0E-4."""
    numbers = {"quantity": algo.quantity, "triggerPrice": algo.trigger, "price": algo.price}
    written = {name: binary(number) for name, number in numbers.items()}
    return _algo(algo) | written | {"actualOrderId": "", "actualQty": "0.0"}


def _algo(algo: Algo) -> Body:
    return {
        "algoId": algo.algo_id,
        "clientAlgoId": algo.client_id,
        "algoType": "CONDITIONAL",
        "orderType": algo.kind,
        "symbol": algo.symbol,
        "side": algo.side,
        "positionSide": "BOTH",
        "timeInForce": algo.tif,
        "quantity": text(algo.quantity),
        "algoStatus": algo.status,
        "triggerPrice": text(algo.trigger),
        "price": text(algo.price),
        "icebergQuantity": None,
        "selfTradePreventionMode": algo.self_trade,
        "workingType": algo.working_type,
        "priceMatch": "NONE",
        "closePosition": algo.close_position,
        "priceProtect": algo.price_protect,
        "reduceOnly": algo.reduce_only,
        "createTime": ms(algo.time),
        "updateTime": ms(algo.update_time),
        "triggerTime": ms(algo.trigger_time),
        "goodTillDate": algo.good_till,
    }


def trade(row: TradeRow, asset: str) -> Body:
    """One execution."""
    order = row.order
    return {
        "buyer": order.side == "BUY",
        "commission": amount(row.fee),
        "commissionAsset": asset,
        "id": row.trade_id,
        "maker": row.maker,
        "orderId": order.order_id,
        "price": text(row.price),
        "qty": text(row.quantity),
        "quoteQty": text(row.price * row.quantity),
        "realizedPnl": amount(row.realized),
        "side": order.side,
        "positionSide": "BOTH",
        "symbol": order.symbol,
        "time": ms(row.ts),
    }


def income(row: Income, asset: str) -> Body:
    """One movement of money."""
    return {
        "symbol": row.symbol,
        "incomeType": row.kind,
        "income": amount(row.amount),
        "asset": asset,
        "info": row.info,
        "time": ms(row.ts),
        "tranId": row.transaction_id,
        "tradeId": str(row.trade_id) if row.trade_id else "",
    }


def position(state: State, margins: Margins, symbol: str) -> Body:
    """A position as v3 positionRisk tells it."""
    held, mark = state.account.positions[symbol], state.mark(symbol)
    initial, maintenance = margins.of(symbol)
    return {
        "symbol": symbol,
        "positionSide": "BOTH",
        "positionAmt": text(held.quantity),
        "entryPrice": text(held.entry),
        "breakEvenPrice": text(held.entry),
        "markPrice": text(mark),
        "unRealizedProfit": amount(state.account.unrealized(symbol, mark)),
        "liquidationPrice": text(margins.liquidation_price(symbol)),
        "isolatedMargin": "0",
        "notional": amount(state.account.notional(symbol, mark)),
        "marginAsset": state.settings.asset,
        "isolatedWallet": "0",
        "initialMargin": amount(initial),
        "maintMargin": amount(maintenance),
        "positionInitialMargin": amount(initial),
        "openOrderInitialMargin": "0",
        "adl": 0,
        "bidNotional": "0",
        "askNotional": "0",
        "updateTime": ms(held.ts),
    }


def position_with_settings(state: State, margins: Margins, symbol: str) -> Body:
    """A position as v2 positionRisk tells it: with its leverage and margin type."""
    return position(state, margins, symbol) | {
        "leverage": str(state.leverage[symbol]),
        "maxNotionalValue": text(largest_notional(state.instruments[symbol], state.leverage[symbol])),
        "marginType": state.margin_types[symbol],
        "isAutoAddMargin": "false",
    }
