"""From an intent to the request that places it.

Source: Binance Open Platform, USD-M futures, "New Order" and, for conditional orders since 2025-12-09, "New Algo
Order".
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

import msgspec

from tradebot.brokers.binance.names import KnownOrder
from tradebot.brokers.binance.rules import MarketRules
from tradebot.core.decimals import exact
from tradebot.core.errors import OrderError
from tradebot.core.order import OrderIntent, OrderType, Side, TimeInForce

CONDITIONAL: Final[Mapping[OrderType, str]] = {
    OrderType.STOP: "STOP_MARKET",
    OrderType.STOP_LIMIT: "STOP",
    OrderType.TAKE_PROFIT: "TAKE_PROFIT_MARKET",
    OrderType.TRAILING_STOP: "TRAILING_STOP_MARKET",
}
TRAIL_PCT: Final = (0.001, 0.1)
"""Bounds of callbackRate, as fractions."""
_CALLBACK_STEP: Final = Decimal("0.1")
_MILLISECOND: Final = 1_000_000


class OrderRequest(msgspec.Struct, frozen=True, kw_only=True):
    """An order in the words of the venue.

    Parameters
    ----------
    is_conditional : whether it goes to the algo endpoints.
    quantity : units, on the step.
    price : limit; ``None`` for what executes at the market.
    params : of the request.
    """

    is_conditional: bool
    quantity: Decimal
    price: Decimal | None
    params: dict[str, Any]

    def known(self, order_id: str) -> KnownOrder:
        """What is remembered of it once it is sent."""
        return KnownOrder(
            order_id=order_id,
            symbol=self.params["symbol"],
            side=self.params["side"],
            is_conditional=self.is_conditional,
            client_id=order_id,
            params=self.params,
        )


def request_of(order_id: str, intent: OrderIntent, rules: MarketRules) -> OrderRequest:
    """The request that places an order under a client id.

    Raises
    ------
    OrderError : Binance has no such order, or its filters would refuse it.
    """
    kind, side = OrderType(intent.type), Side(intent.side)
    rules.check_status(reduces=intent.reduce_only)
    quantity = rules.quantity(intent.quantity, kind, reduces=intent.reduce_only)
    params: dict[str, Any] = {
        "symbol": rules.instrument.symbol,
        "side": side.value.upper(),
        "quantity": f"{quantity:f}",
    }
    if intent.reduce_only:
        params["reduceOnly"] = "true"
    price = None
    if kind in (OrderType.LIMIT, OrderType.STOP_LIMIT):
        price = rules.limit(_needed(intent.price, "price", intent), side)
        params |= {"price": f"{price:f}"} | _time_in_force(intent)
    if kind not in CONDITIONAL:
        params |= {"type": kind.value.upper(), "newClientOrderId": order_id}
        return OrderRequest(is_conditional=False, quantity=quantity, price=price, params=params)
    params |= {"algoType": "CONDITIONAL", "type": CONDITIONAL[kind], "clientAlgoId": order_id}
    params |= _trailing(intent, rules) if kind is OrderType.TRAILING_STOP else _triggered(intent, rules)
    return OrderRequest(is_conditional=True, quantity=quantity, price=price, params=params)


def _triggered(intent: OrderIntent, rules: MarketRules) -> dict[str, str]:
    return {"triggerPrice": f"{rules.trigger(_needed(intent.trigger, 'trigger', intent)):f}"}


def _trailing(intent: OrderIntent, rules: MarketRules) -> dict[str, str]:
    if intent.trail_pct is None:
        raise OrderError(
            "Binance trails by a fraction of the price, not by an amount",
            place=f"order {rules.instrument.symbol} trail",
            mend="Give trail_pct.",
        )
    callback = (exact(intent.trail_pct) * 100).quantize(_CALLBACK_STEP, ROUND_HALF_UP)
    least, most = TRAIL_PCT
    if not least <= intent.trail_pct <= most:
        raise OrderError(
            f"{callback:f} % lies outside Binance's {least:.1%}..{most:.0%}",
            place=f"order {rules.instrument.symbol} trail_pct",
        )
    begins = {} if intent.price is None else {"activatePrice": f"{rules.trigger(intent.price):f}"}
    return {"callbackRate": f"{callback.normalize():f}"} | begins


def _time_in_force(intent: OrderIntent) -> dict[str, str | int]:
    match TimeInForce(intent.tif):
        case TimeInForce.GTC:
            return {"timeInForce": "GTX" if intent.post_only else "GTC"}
        case TimeInForce.IOC | TimeInForce.FOK as tif:
            return {"timeInForce": tif.value.upper()}
        case TimeInForce.GTD:
            until = int(_needed(intent.expire_ts, "expire_ts", intent)) // _MILLISECOND
            return {"timeInForce": "GTD", "goodTillDate": until // 1000 * 1000}
        case TimeInForce.DAY:
            # The market never closes: a session without an end.
            return {"timeInForce": "GTC"}


def _needed(value: float | None, name: str, intent: OrderIntent) -> float:
    if value is None:
        raise OrderError(f"a {intent.type} order has none", place=f"order {name}")
    return value
