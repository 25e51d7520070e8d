"""From what Binance tells, on the user stream or in answers, to events.

Source: Binance Open Platform, USD-M futures, "User Data Streams", "Account Trade List", "Get Income History" and
"Query Algo Order".
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from tradebot.brokers.binance.names import KnownOrder, our_id
from tradebot.core.account import OpenOrder
from tradebot.core.event import CashFlow, CashFlowKind
from tradebot.core.fill import Fill, Liquidity
from tradebot.core.order import OrderState, OrderType, Side

CONDITIONAL_TYPES: Final = ("STOP", "STOP_MARKET", "TAKE_PROFIT", "TAKE_PROFIT_MARKET", "TRAILING_STOP_MARKET")
_MILLISECOND: Final = 1_000_000

_STATES: Final = {
    "NEW": OrderState.ACCEPTED,
    "PENDING_CANCEL": OrderState.ACCEPTED,
    "PARTIALLY_FILLED": OrderState.PARTIALLY_FILLED,
    "FILLED": OrderState.FILLED,
    "CANCELED": OrderState.CANCELED,
    "REJECTED": OrderState.REJECTED,
    "EXPIRED": OrderState.EXPIRED,
    "EXPIRED_IN_MATCH": OrderState.EXPIRED,
}
_ALGO_STATES: Final = {
    "NEW": OrderState.ACCEPTED,
    "TRIGGERING": OrderState.TRIGGERED,
    "TRIGGERED": OrderState.TRIGGERED,
    "CANCELED": OrderState.CANCELED,
    "REJECTED": OrderState.REJECTED,
    "EXPIRED": OrderState.EXPIRED,
}
_TYPES: Final = {
    "MARKET": OrderType.MARKET,
    "LIMIT": OrderType.LIMIT,
    "STOP": OrderType.STOP_LIMIT,
    "STOP_MARKET": OrderType.STOP,
    "TAKE_PROFIT": OrderType.TAKE_PROFIT,
    "TAKE_PROFIT_MARKET": OrderType.TAKE_PROFIT,
    "TRAILING_STOP_MARKET": OrderType.TRAILING_STOP,
}
_EXPIRIES: Final = {
    "1": "self-trade prevention",
    "2": "the rest of an order that fills at once or not",
    "3": "the rest of an order that fills at once or not",
    "4": "reduce-only: another order has closed the position",
    "5": "liquidation",
    "6": "good-till time",
    "7": "the market is delisted",
    "8": "self-trade prevention",
    "9": "margin is insufficient",
}
_FLOWS: Final = {
    "FUNDING_FEE": CashFlowKind.FUNDING,
    "TRANSFER": CashFlowKind.TRANSFER,
    "INTERNAL_TRANSFER": CashFlowKind.TRANSFER,
    "CROSS_COLLATERAL_TRANSFER": CashFlowKind.TRANSFER,
    "COIN_SWAP_DEPOSIT": CashFlowKind.TRANSFER,
    "COIN_SWAP_WITHDRAW": CashFlowKind.TRANSFER,
    "STRATEGY_UMFUTURES_TRANSFER": CashFlowKind.TRANSFER,
    "WELCOME_BONUS": CashFlowKind.TRANSFER,
}
# Booked with the trades they belong to.
_OF_TRADES: Final = ("REALIZED_PNL", "COMMISSION")

Body = Mapping[str, Any]


def instant(milliseconds: Any) -> int:
    """Binance's time as int64 ns UTC."""
    return int(milliseconds) * _MILLISECOND


def order_state(status: str) -> OrderState:
    """State of an order of the matching engine; a word that is not known leaves it unknown."""
    return _STATES.get(status, OrderState.UNKNOWN)


def algo_state(status: str) -> OrderState | None:
    """State of a conditional order; ``None`` where the order it has placed tells it."""
    return _ALGO_STATES.get(status)


def placed_by(told: Any) -> str:
    """Number of the order that a conditional one has placed; empty where it has placed none yet."""
    return "" if told in (None, "", "0", 0) else str(told)


def expiry(told: Body) -> str:
    """Why an order of an ORDER_TRADE_UPDATE ended, where it says so."""
    return _EXPIRIES.get(str(told.get("er", "0")), "")


def terms(quantity: Any, price: Any) -> dict[str, Decimal]:
    """Terms of an order, in the words of an ``OrderUpdate``; a price of zero is none."""
    found = {"quantity": Decimal(quantity), "price": Decimal(price)}
    return {name: value for name, value in found.items() if value}


def fill_of_update(told: Body, order_id: str) -> Fill | None:
    """The trade of an ORDER_TRADE_UPDATE's ``o``; ``None`` where it has none."""
    if told["x"] not in ("TRADE", "CALCULATED") or not int(told["t"]) or not Decimal(told["l"]):
        return None
    return Fill(
        trade_id=str(told["t"]),
        order_id=order_id,
        symbol=told["s"],
        ts=instant(told["T"]),
        side=Side(told["S"].lower()),
        price=Decimal(told["L"]),
        quantity=Decimal(told["l"]),
        fee=Decimal(told.get("n", 0)),
        fee_currency=told.get("N", ""),
        liquidity=Liquidity.MAKER if told["m"] else Liquidity.TAKER,
    )


def fill_of_trade(row: Body, order_id: str) -> Fill:
    """A row of userTrades."""
    return Fill(
        trade_id=str(row["id"]),
        order_id=order_id,
        symbol=row["symbol"],
        ts=instant(row["time"]),
        side=Side(row["side"].lower()),
        price=Decimal(row["price"]),
        quantity=Decimal(row["qty"]),
        fee=Decimal(row["commission"]),
        fee_currency=row["commissionAsset"],
        liquidity=Liquidity.MAKER if row["maker"] else Liquidity.TAKER,
    )


def flow_of(row: Body) -> CashFlow | None:
    """A row of the income history; ``None`` for what comes with trades. ``tranId`` is unique within one type."""
    kind = str(row["incomeType"])
    if kind in _OF_TRADES:
        return None
    return CashFlow(
        ts=instant(row["time"]),
        flow_id=f"{kind}-{row['tranId']}",
        kind=_FLOWS.get(kind, CashFlowKind.FEE),
        amount=Decimal(row["income"]),
        currency=row["asset"],
        symbol=row.get("symbol") or "",
    )


def open_order(row: Body, order_id: str) -> OpenOrder:
    """A row of openOrders."""
    return OpenOrder(
        order_id=order_id,
        venue_id=str(row["orderId"]),
        symbol=row["symbol"],
        side=Side(row["side"].lower()),
        type=_TYPES.get(row["origType"], OrderType.LIMIT),
        state=order_state(row["status"]),
        quantity=Decimal(row["origQty"]),
        filled=Decimal(row["executedQty"]),
        price=_price(row["price"]),
        trigger=_price(row["stopPrice"]),
        reduce_only=bool(row["reduceOnly"]),
    )


def open_algo(row: Body) -> OpenOrder:
    """A row of openAlgoOrders."""
    return OpenOrder(
        order_id=our_id(row["clientAlgoId"]),
        venue_id=str(row["algoId"]),
        symbol=row["symbol"],
        side=Side(row["side"].lower()),
        type=_TYPES.get(row["orderType"], OrderType.STOP),
        state=OrderState.ACCEPTED,
        quantity=Decimal(row["quantity"] or 0),
        filled=Decimal(0),
        price=_price(row["price"]),
        trigger=_price(row["triggerPrice"]),
        reduce_only=bool(row.get("reduceOnly")) or bool(row.get("closePosition")),
    )


def params_of_order(row: Body) -> dict[str, Any]:
    """The request that would place an order of openOrders, as far as a change of it needs them."""
    told = {"symbol": row["symbol"], "side": row["side"], "type": row["type"], "quantity": row["origQty"]}
    return told | ({"price": row["price"]} if _price(row["price"]) else {})


def params_of_algo(row: Body) -> dict[str, Any]:
    """The request that would place a conditional order of openAlgoOrders; nothing where the row does not say all of it.

    No row is documented to have the terms of a trailing stop. Numbers come as "7.0E-4", too, which no request may have.
    """
    is_trailing = row["orderType"] == "TRAILING_STOP_MARKET"
    if row.get("closePosition") or (is_trailing and not _price(row.get("callbackRate"))):
        return {}
    told = {"symbol": row["symbol"], "side": row["side"], "algoType": "CONDITIONAL", "type": row["orderType"]}
    told |= {"quantity": f"{Decimal(row['quantity']):f}", "clientAlgoId": row["clientAlgoId"]}
    for name in ("triggerPrice", "price", "callbackRate", "activatePrice"):
        if (number := _price(row.get(name))) is not None:
            told[name] = f"{number:f}"
    if "price" in told:
        told["timeInForce"] = row["timeInForce"]
    return told | ({"reduceOnly": "true"} if row.get("reduceOnly") else {})


def known(order_id: str, row: Body, *, is_conditional: bool) -> KnownOrder:
    """What is remembered of an order that is met in an answer."""
    return KnownOrder(
        order_id=order_id,
        symbol=row["symbol"],
        side=row["side"],
        is_conditional=is_conditional,
        client_id=row["clientAlgoId"] if is_conditional else row["clientOrderId"],
        venue_id=placed_by(row.get("actualOrderId")) if is_conditional else str(row["orderId"]),
        state=OrderState.ACCEPTED,
        params=params_of_algo(row) if is_conditional else params_of_order(row),
    )


def _price(told: Any) -> Decimal | None:
    return Decimal(told) if told and Decimal(told) else None
