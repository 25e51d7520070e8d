"""Orders on their way to the venue, alone or as a pair: each once, and not taken after its answer was given up.

Sources: Binance Open Platform, Spot, "New order", "New Order List - OCO" and "Timing security" (recvWindow).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from tradebot.brokers.binance.arrival import ARRIVED_NS, WINDOW_MS
from tradebot.brokers.binance.names import KnownOrder, OrderNames
from tradebot.brokers.binance.refusals import Unanswered
from tradebot.brokers.binance.reports import order_state
from tradebot.brokers.binance.rest import BinanceRest, Endpoint
from tradebot.brokers.binance.spot.requests import is_stop, pair_of
from tradebot.core.order import is_final

# A buy that must wait longer for the budget was decided on another market than it would meet. What closes or protects a
# position is wanted all the same: it outlasts a pause, and a first ban of two minutes.
_OPENING_S: Final = 2.0
_CLOSING_S: Final = 150.0
_ANSWER_S: Final = 2.0
_CALL: Final = "privatePostOrder"
_BUY: Final = Endpoint(_CALL, 1, 1, repeats=False, patience_s=_OPENING_S, answer_s=_ANSWER_S)
_SELL: Final = Endpoint(_CALL, 1, 1, urgent=True, repeats=False, patience_s=_CLOSING_S, answer_s=_ANSWER_S)
_PAIR: Final = Endpoint(
    "privatePostOrderListOco", 1, 2, urgent=True, repeats=False, patience_s=_CLOSING_S, answer_s=_ANSWER_S
)


class Placing:
    """Places orders under the names they have.

    Parameters
    ----------
    rest, names : where it is asked, and whose orders there are.
    """

    def __init__(self, rest: BinanceRest, names: OrderNames) -> None:
        self._rest = rest
        self._names = names

    async def place(self, orders: Sequence[KnownOrder]) -> bool:
        """Place an order, or a stop and a target as a pair, for the units of the stop.

        Returns
        -------
        Whether the answer says that all of it has ended already, as a sale at the market does.

        Raises
        ------
        Refused : the venue has not taken them.
        Unanswered : nobody knows, for there was no answer, or none that is understood.
        Paused : they were not sent.
        """
        if len(orders) == 1:
            (known,) = orders
            params = known.params | {"newClientOrderId": known.client_id}
            told = await self._sent(_BUY if known.side == "BUY" else _SELL, params, orders)
        else:
            stop, target = sorted(orders, key=is_stop, reverse=True)
            target.units = stop.units
            told = await self._sent(_PAIR, pair_of(stop, target), orders)
        try:
            rows: list[dict[str, Any]] = told.get("orderReports", [told])
            venue_ids = {row["clientOrderId"]: str(row["orderId"]) for row in rows}
            found = [(venue_ids[known.client_id], known) for known in orders]
            ended = all(is_final(order_state(row["status"])) for row in rows)
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            raise Unanswered(f"the answer is not understood ({error!r})", place="binance") from error
        for venue_id, known in found:
            self._names.link(known.symbol, venue_id, known.order_id)
        return ended

    async def _sent(self, endpoint: Endpoint, params: dict[str, Any], orders: Sequence[KnownOrder]) -> Any:
        for known in orders:
            known.arrived_by, known.is_absent = 0, False
        try:
            return await self._rest.ask(endpoint, params | {"newOrderRespType": "RESULT", "recvWindow": WINDOW_MS})
        finally:
            for known in orders:
                known.arrived_by = self._rest.now() + ARRIVED_NS
