"""How the simulated exchange is asked for a spot order."""

from __future__ import annotations

from typing import Any, Final

from tradebot_native import OrderIntent

from tradebot.exchange.spot.orders import SpotOrder

_TYPES: Final = {
    "LIMIT": "limit",
    "LIMIT_MAKER": "limit",
    "MARKET": "market",
    "STOP_LOSS": "stop",
    "STOP_LOSS_LIMIT": "stop_limit",
    "TAKE_PROFIT": "take_profit",
    "TAKE_PROFIT_LIMIT": "limit",
}
_BASIS_POINTS: Final = 10_000


def spot_intent(order: SpotOrder, other: int | None = None) -> OrderIntent:
    """An order; ``other`` is the simulated exchange's id of the one that its fill cancels.

    A take-profit that places a limit order is a limit order at whichever of its two prices the market reaches last, as
    among futures.
    """
    kind = "trailing_stop" if order.trailing_delta else _TYPES[order.kind]
    terms: dict[str, Any] = {"type": kind, "oco": other}
    if kind == "trailing_stop":
        terms |= {"trail_pct": order.trailing_delta / _BASIS_POINTS, "price": float(order.stop_price) or None}
    elif order.kind == "TAKE_PROFIT_LIMIT":
        terms["price"] = float((max if order.side == "SELL" else min)(order.price, order.stop_price))
    else:
        terms |= {"price": float(order.price) or None, "trigger": float(order.stop_price) or None}
        terms["post_only"] = order.kind == "LIMIT_MAKER"
        if kind in ("limit", "stop_limit"):
            terms["tif"] = order.tif.lower()
    return OrderIntent(order.symbol, order.side.lower(), float(order.quantity), **terms)
