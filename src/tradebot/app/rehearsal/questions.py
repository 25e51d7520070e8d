"""The exchange asked past the broker: what its lists show of an order, and by which code it refuses."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final, Literal

from tradebot.brokers.binance.refusals import UNKNOWN_ORDER, Refused
from tradebot.brokers.binance.rest import BinanceRest, Endpoint
from tradebot.venues.binance import Market

MOST_BEHIND_S: Final = 3.0
"""How long after its answer an order may be missing in a list: what the broker does not find then has not arrived."""

List = Literal["trades", "openOrders", "allOrders"]
"""Lists of the account's, which may be behind the matching engine."""
Request = Literal["cancel", "look up"]
"""What may be asked of an order by its name."""

_ENDPOINTS: Final[dict[Market, dict[List | Request, Endpoint]]] = {
    "spot": {
        "trades": Endpoint("privateGetMyTrades", 5),
        "openOrders": Endpoint("privateGetOpenOrders", 6),
        "allOrders": Endpoint("privateGetAllOrders", 20),
        "cancel": Endpoint("privateDeleteOrder", repeats=False),
        "look up": Endpoint("privateGetOrder", 4),
    },
    "usdm": {
        "trades": Endpoint("fapiPrivateGetUserTrades", 5),
        "openOrders": Endpoint("fapiPrivateGetOpenOrders"),
        "allOrders": Endpoint("fapiPrivateGetAllOrders", 5),
        "cancel": Endpoint("fapiPrivateDeleteOrder", repeats=False),
        "look up": Endpoint("fapiPrivateGetOrder"),
    },
}


class Questions:
    """Asks about orders of one market by the names they were sent under.

    Parameters
    ----------
    rest : where it is asked.
    market, symbol : of the orders.
    """

    def __init__(self, rest: BinanceRest, market: Market, symbol: str) -> None:
        self._rest = rest
        self._endpoints = _ENDPOINTS[market]
        self._symbol = symbol

    async def shows(self, name: List, order_id: str) -> bool:
        """Whether a list shows an order; that of the trades, whether it shows all that was traded of it.

        Raises
        ------
        Refused, Unanswered, Paused : as the question ended.
        """
        if name != "trades":
            rows: list[dict[str, Any]] = await self._ask(name)
            return any(row["clientOrderId"] == order_id for row in rows)
        try:
            order: dict[str, Any] = await self._ask("look up", origClientOrderId=order_id)
        except Refused as refusal:
            if refusal.code in UNKNOWN_ORDER:
                return False
            raise
        trades: list[dict[str, Any]] = await self._ask(name, orderId=order["orderId"])
        return sum(Decimal(trade["qty"]) for trade in trades) == Decimal(order["executedQty"]) > 0

    async def refusal(self, request: Request, order_id: str) -> int:
        """The code by which a request about an order is refused; zero where it is not.

        Raises
        ------
        Unanswered, Paused : as the question ended.
        """
        try:
            await self._ask(request, origClientOrderId=order_id)
        except Refused as refusal:
            return refusal.code
        return 0

    async def _ask(self, name: List | Request, **params: Any) -> Any:
        return await self._rest.ask(self._endpoints[name], {"symbol": self._symbol} | params)
