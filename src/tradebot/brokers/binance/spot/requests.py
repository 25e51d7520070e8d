"""From an intent to the request that places it on spot.

Source: Binance Open Platform, Spot, "New order" and "New Order List - OCO".
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from tradebot.brokers.binance.names import KnownOrder
from tradebot.brokers.binance.requests import OrderRequest
from tradebot.brokers.binance.rules import MarketRules
from tradebot.core.decimals import exact
from tradebot.core.errors import OrderError
from tradebot.core.order import OrderIntent, OrderType, Side, TimeInForce

_TYPES: Final = {
    OrderType.MARKET: "MARKET",
    OrderType.LIMIT: "LIMIT",
    OrderType.STOP: "STOP_LOSS",
    OrderType.STOP_LIMIT: "STOP_LOSS_LIMIT",
    OrderType.TAKE_PROFIT: "TAKE_PROFIT",
}
HELD: Final = frozenset(_TYPES)
"""Types that rest at Binance."""
_STOPS: Final = ("STOP_LOSS", "STOP_LOSS_LIMIT")
_PAIRED: Final = ("price", "stopPrice", "timeInForce")


def is_stop(known: KnownOrder) -> bool:
    """Whether an exit stops a loss: then it lies below the market, else above."""
    return known.params["type"] in _STOPS


def request_of(order_id: str, intent: OrderIntent, rules: MarketRules, most: Decimal | None) -> OrderRequest:
    """The request that places an order under a client id.

    Parameters
    ----------
    most : what an exit can sell of what its entry has brought; ``None`` where that is not known.

    Raises
    ------
    OrderError : Binance has no such order, or its filters would refuse it.
    """
    kind, side = OrderType(intent.type), Side(intent.side)
    place = f"order {rules.instrument.symbol}"
    if kind not in _TYPES:
        raise OrderError(f"a {kind} order does not rest on spot", place=place)
    rules.check_status(reduces=False)
    wished = exact(intent.quantity)
    quantity = rules.quantity(float(wished if most is None else min(wished, most)), kind)
    name = "LIMIT_MAKER" if intent.post_only and kind is OrderType.LIMIT else _TYPES[kind]
    params: dict[str, Any] = {
        "symbol": rules.instrument.symbol,
        "side": side.value.upper(),
        "type": name,
        "quantity": f"{quantity:f}",
    }
    price = None
    if kind in (OrderType.LIMIT, OrderType.STOP_LIMIT):
        price = rules.limit(_needed(intent.price, "price", place), side)
        params["price"] = f"{price:f}"
        if name != "LIMIT_MAKER":
            params["timeInForce"] = _time_in_force(intent, place)
    if kind in (OrderType.STOP, OrderType.STOP_LIMIT, OrderType.TAKE_PROFIT):
        params["stopPrice"] = f"{rules.trigger(_needed(intent.trigger, 'trigger', place)):f}"
    return OrderRequest(is_conditional="stopPrice" in params, quantity=quantity, price=price, params=params)


def pair_of(stop: KnownOrder, target: KnownOrder) -> dict[str, Any]:
    """The request that places a stop and a target of which one cancels the other, both for what the stop protects."""
    told: dict[str, Any] = {"symbol": stop.symbol, "side": "SELL", "quantity": f"{stop.units:f}"}
    for where, known in (("above", target), ("below", stop)):
        params = known.params
        # A target lies above the market, so it makes: as a pair it must say so.
        kind = "LIMIT_MAKER" if params["type"] == "LIMIT" else params["type"]
        told |= {f"{where}Type": kind, f"{where}ClientOrderId": known.client_id}
        for name in _PAIRED:
            if name in params and not (name == "timeInForce" and kind == "LIMIT_MAKER"):
                told[f"{where}{name[0].upper()}{name[1:]}"] = params[name]
    return told


def _time_in_force(intent: OrderIntent, place: str) -> str:
    match TimeInForce(intent.tif):
        case TimeInForce.IOC | TimeInForce.FOK as tif:
            return tif.value.upper()
        case TimeInForce.GTD:
            raise OrderError("spot holds no order until a given time", place=f"{place} tif", mend='Use "gtc".')
        case TimeInForce.GTC | TimeInForce.DAY:
            # The market never closes: a session without an end.
            return "GTC"


def _needed(value: float | None, name: str, place: str) -> float:
    if value is None:
        raise OrderError("it is missing", place=f"{place} {name}")
    return value
