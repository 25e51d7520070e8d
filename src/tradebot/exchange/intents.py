"""How the simulated exchange is asked for an order."""

from __future__ import annotations

from typing import Any, Final

from tradebot_native import OrderIntent

from tradebot.core.instrument import Instrument
from tradebot.exchange.filters import largest_order
from tradebot.exchange.orders import Algo, Order
from tradebot.exchange.wire import ns

_STOPS: Final = {
    "STOP": "stop_limit",
    "STOP_MARKET": "stop",
    "TAKE_PROFIT": "limit",
    "TAKE_PROFIT_MARKET": "take_profit",
    "TRAILING_STOP_MARKET": "trailing_stop",
}


def order_intent(order: Order) -> OrderIntent:
    """A market or limit order."""
    terms: dict[str, Any] = {"type": order.kind.lower(), "reduce_only": order.reduce_only}
    if order.kind == "LIMIT":
        terms |= _time_in_force(order.tif, order.good_till) | {"price": float(order.price)}
        terms["post_only"] = order.tif == "GTX"
    return OrderIntent(order.symbol, order.side.lower(), float(order.quantity), **terms)


def algo_intent(algo: Algo, instrument: Instrument) -> OrderIntent:
    """A conditional order.

    A take-profit that places a limit order is a limit order at whichever of its two prices the market reaches last: if
    the limit is no better than the trigger it fills where that is met, else the trigger is passed on the way.
    """
    kind = _STOPS[algo.kind]
    terms: dict[str, Any] = {"type": kind, "reduce_only": algo.reduce_only or algo.close_position}
    if algo.kind == "TAKE_PROFIT":
        terms["price"] = float((max if algo.side == "SELL" else min)(algo.price, algo.trigger))
    elif algo.kind == "TRAILING_STOP_MARKET":
        terms["trail_pct"] = float(algo.callback_rate / 100)
        terms["price"] = float(algo.activate_price) or None
    else:
        terms["trigger"] = float(algo.trigger)
        if algo.kind == "STOP":
            terms |= _time_in_force(algo.tif, algo.good_till) | {"price": float(algo.price)}
    quantity = largest_order(instrument) if algo.close_position else algo.quantity
    return OrderIntent(algo.symbol, algo.side.lower(), float(quantity), **terms)


def _time_in_force(tif: str, good_till: int) -> dict[str, Any]:
    if tif == "GTD":
        return {"tif": "gtd", "expire_ts": ns(good_till)}
    return {"tif": "gtc" if tif in ("GTX", "GTE_GTC") else tif.lower()}
