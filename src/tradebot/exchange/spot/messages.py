"""Messages of the spot user stream.

Source of the shapes: Binance Open Platform, Spot, "User Data Stream" (binance-spot-api-docs, user-data-stream.md).
Each comes inside an envelope that names the subscription.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from tradebot.exchange.orders import ZERO
from tradebot.exchange.spot.orders import OrderList, SpotOrder
from tradebot.exchange.spot.wallet import SpotTrade
from tradebot.exchange.wire import amount, ms, text

Message = dict[str, Any]


def execution_report(order: SpotOrder, execution: str, trade: SpotTrade | None, ts: int, now: int) -> Message:
    """executionReport; ``execution`` is what happened: NEW, CANCELED, REPLACED, REJECTED, TRADE or EXPIRED."""
    price, quantity = (trade.price, trade.quantity) if trade else (ZERO, ZERO)
    told: Message = {
        "e": "executionReport",
        "E": now,
        "s": order.symbol,
        "c": order.client_id,
        "S": order.side,
        "o": order.kind,
        "f": order.tif,
        "q": text(order.quantity),
        "p": text(order.price),
        "P": text(order.stop_price),
        "F": "0.00000000",
        "g": order.list_id,
        "C": order.client_id if execution == "CANCELED" else "",
        "x": execution,
        "X": order.status,
        "r": "NONE",
        "i": order.order_id,
        "l": text(quantity),
        "z": text(order.executed),
        "L": text(price),
        "n": amount(trade.fee) if trade else "0",
        "N": trade.fee_asset if trade else None,
        "T": ms(ts),
        "t": trade.trade_id if trade else -1,
        "I": 0,
        "w": order.is_open and not order.waits,
        "m": trade.maker if trade else False,
        "M": False,
        "O": ms(order.time),
        "Z": text(order.quote),
        "Y": text(price * quantity),
        "Q": text(order.quote_quantity),
        "V": order.self_trade,
    }
    if order.working_time:
        told["W"] = ms(order.working_time)
    if order.trailing_delta:
        told["d"] = order.trailing_delta
    return told


def account_position(
    totals: dict[str, Decimal], locked: dict[str, Decimal], assets: Iterable[str], now: int
) -> Message:
    """outboundAccountPosition: the coins that may have changed."""
    balances = [
        {"a": asset, "f": amount(totals[asset] - locked.get(asset, ZERO)), "l": amount(locked.get(asset, ZERO))}
        for asset in assets
    ]
    return {"e": "outboundAccountPosition", "E": now, "u": now, "B": balances}


def balance_update(asset: str, change: Decimal, now: int) -> Message:
    """balanceUpdate: coins that came or went without a trade."""
    return {"e": "balanceUpdate", "E": now, "a": asset, "d": amount(change), "T": now}


def list_status(pair: OrderList, ts: int, now: int) -> Message:
    """ListStatus of a pair of orders, when it begins and when it is over."""
    kind, status = ("EXEC_STARTED", "EXECUTING") if pair.is_open else ("ALL_DONE", "ALL_DONE")
    return {
        "e": "listStatus",
        "E": now,
        "s": pair.symbol,
        "g": pair.list_id,
        "c": "OCO",
        "l": kind,
        "L": status,
        "r": "NONE",
        "C": pair.client_id,
        "T": ms(ts),
        "O": [{"s": order.symbol, "i": order.order_id, "c": order.client_id} for order in pair.orders],
    }
