"""One order looked up at Binance, by its number or its name.

Source: Binance Open Platform, Spot, "Query order" and "All orders", whose data sources are behind the matching engine.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from tradebot.brokers.binance.names import KnownOrder, our_id
from tradebot.brokers.binance.refusals import UNKNOWN_ORDER, Refused, Unanswered
from tradebot.brokers.binance.rest import BinanceRest, Endpoint

ANSWER_S: Final = 2.0
"""How long what is urgent is waited for: positions may be without their stops until it is answered."""
ORDER: Final = Endpoint("privateGetOrder", 4, urgent=True, answer_s=ANSWER_S)
ORDERS: Final = Endpoint("privateGetAllOrders", 20, urgent=True, answer_s=ANSWER_S)
_PAGE: Final = 1_000
# How long an order that has a number may not be shown, and still be there.
_SHOWN_NS: Final = 60_000_000_000

Body = Mapping[str, Any]


class Lookup:
    """Looks orders up.

    Parameters
    ----------
    rest : where it is asked.
    markets : those in which an order is looked for of which nothing is known but its name.
    """

    def __init__(self, rest: BinanceRest, markets: Iterable[str]) -> None:
        self._rest = rest
        self._markets = markets
        # Since when the order of a number is not shown.
        self._unshown: dict[str, int] = {}

    async def by_number(self, known: KnownOrder) -> Body | None:
        """An order that has a number; ``None`` where Binance does not know it."""
        try:
            found = await self._rest.ask(ORDER, {"symbol": known.symbol, "orderId": known.venue_id})
        except Refused as refusal:
            if refusal.code in UNKNOWN_ORDER:
                return None
            raise
        self._unshown.pop(known.venue_id, None)
        return found

    async def by_name(self, order_id: str, known: KnownOrder | None, symbol: str) -> Body | None:
        """The latest order that was sent under a name, also by an earlier process, or without an answer."""
        markets = [symbol] if symbol else self._markets
        for market in [known.symbol] if known else markets:
            rows: list[Body] = await self._rest.ask(ORDERS, {"symbol": market, "limit": _PAGE})
            # Of one that was sent from here the forerunners are none of it.
            found = [row for row in rows if known is None or row["clientOrderId"] == known.client_id]
            found = [row for row in found if our_id(row["clientOrderId"]) == order_id]
            if found:
                return max(found, key=lambda row: int(row["orderId"]))
        return None

    def require_gone(self, known: KnownOrder | None, asked: int) -> None:
        """Take no order for gone that was not shown when it was ``asked`` for, and has its number from Binance.

        Raises
        ------
        Unanswered : it has not been missing for a minute yet.
        """
        if known is None or not known.venue_id:
            return
        since = self._unshown.setdefault(known.venue_id, asked)
        if asked < since + _SHOWN_NS:
            fact = f"Binance does not show the order {known.venue_id} ({known.order_id}), a number of its own"
            raise Unanswered(fact, place="binance")
        del self._unshown[known.venue_id]
