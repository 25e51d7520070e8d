"""From what Binance spot tells, on the user stream or in answers, to events.

Source: Binance Open Platform, Spot, "User Data Streams", "Account Trade List" and "Query Order".
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from tradebot.brokers.binance import reports
from tradebot.brokers.binance.names import KnownOrder
from tradebot.core.account import OpenOrder
from tradebot.core.fill import Fill, Liquidity
from tradebot.core.order import OrderState, OrderType, Side

_TYPES: Final = {
    "MARKET": OrderType.MARKET,
    "LIMIT": OrderType.LIMIT,
    "LIMIT_MAKER": OrderType.LIMIT,
    "STOP_LOSS": OrderType.STOP,
    "STOP_LOSS_LIMIT": OrderType.STOP_LIMIT,
    "TAKE_PROFIT": OrderType.TAKE_PROFIT,
    "TAKE_PROFIT_LIMIT": OrderType.TAKE_PROFIT,
}

Body = Mapping[str, Any]


def fill_of_report(told: Body, order_id: str) -> Fill | None:
    """The trade of an executionReport; ``None`` where it has none."""
    if told["x"] != "TRADE" or int(told["t"]) < 0 or not Decimal(told["l"]):
        return None
    return Fill(
        trade_id=str(told["t"]),
        order_id=order_id,
        symbol=told["s"],
        ts=reports.instant(told["T"]),
        side=Side(told["S"].lower()),
        price=Decimal(told["L"]),
        quantity=Decimal(told["l"]),
        fee=Decimal(told["n"]),
        fee_currency=told["N"] or "",
        liquidity=Liquidity.MAKER if told["m"] else Liquidity.TAKER,
    )


def fill_of_trade(row: Body, order_id: str) -> Fill:
    """A row of myTrades."""
    return Fill(
        trade_id=str(row["id"]),
        order_id=order_id,
        symbol=row["symbol"],
        ts=reports.instant(row["time"]),
        side=Side.BUY if row["isBuyer"] else Side.SELL,
        price=Decimal(row["price"]),
        quantity=Decimal(row["qty"]),
        fee=Decimal(row["commission"]),
        fee_currency=row["commissionAsset"],
        liquidity=Liquidity.MAKER if row["isMaker"] else Liquidity.TAKER,
    )


def open_order(row: Body, order_id: str, *, before: Decimal, closes: bool) -> OpenOrder:
    """A row of openOrders; ``before`` has filled of the order before it was placed anew."""
    return OpenOrder(
        order_id=order_id,
        venue_id=str(row["orderId"]),
        symbol=row["symbol"],
        side=Side(row["side"].lower()),
        type=_TYPES.get(row["type"], OrderType.LIMIT),
        state=reports.order_state(row["status"]),
        quantity=Decimal(row["origQty"]) + before,
        filled=Decimal(row["executedQty"]) + before,
        price=_price(row["price"]),
        trigger=_price(row["stopPrice"]),
        reduce_only=closes,
    )


def unshown_order(known: KnownOrder, left: Decimal) -> OpenOrder:
    """An order that works and is not shown to: off the venue for the moment, or not listed yet."""
    params = known.params
    return OpenOrder(
        order_id=known.order_id,
        venue_id=known.venue_id,
        symbol=known.symbol,
        side=Side(known.side.lower()),
        type=_TYPES.get(params["type"], OrderType.LIMIT),
        state=OrderState.PARTIALLY_FILLED if known.filled else OrderState.ACCEPTED,
        quantity=known.filled + left,
        filled=known.filled,
        price=_price(params.get("price")),
        trigger=_price(params.get("stopPrice")),
        reduce_only=bool(known.entry),
    )


def known_order(order_id: str, row: Body) -> KnownOrder:
    """What is remembered of an order that is met in an answer."""
    return KnownOrder(
        order_id=order_id,
        symbol=row["symbol"],
        side=row["side"],
        is_conditional=False,
        client_id=row["clientOrderId"],
        venue_id=str(row["orderId"]),
        state=OrderState.ACCEPTED,
        params=params_of(row),
        arrived_by=reports.instant(row["time"]),
    )


def params_of(row: Body) -> dict[str, Any]:
    """The request that would place an order of openOrders."""
    told = {name: row[name] for name in ("symbol", "side", "type")} | {"quantity": row["origQty"]}
    told |= {name: row[name] for name in ("price", "stopPrice") if _price(row[name])}
    if row["type"] in ("LIMIT", "STOP_LOSS_LIMIT", "TAKE_PROFIT_LIMIT"):
        told["timeInForce"] = row["timeInForce"]
    return told


def _price(told: Any) -> Decimal | None:
    return Decimal(told) if told and Decimal(told) else None
