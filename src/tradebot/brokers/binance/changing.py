"""Changing open orders: a limit order in place, a conditional one by another that is placed before it is canceled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from tradebot.brokers.binance.asking import CANCEL_ALGO, Asking
from tradebot.brokers.binance.names import KnownOrder
from tradebot.brokers.binance.placing import placed
from tradebot.brokers.binance.refusals import SAME_TERMS, UNKNOWN_ORDER, Paused, Refused
from tradebot.brokers.binance.rest import BinanceRest, Endpoint
from tradebot.brokers.binance.rules import MarketRules
from tradebot.brokers.binance.telling import Telling
from tradebot.core.crashpoint import crashpoint
from tradebot.core.decimals import exact
from tradebot.core.errors import OrderError
from tradebot.core.order import OrderState, OrderType, Side

_AMEND: Final = Endpoint("fapiPrivatePutOrder", 1, 1, repeats=False)
_ALGO_TYPES: Final = {"STOP": OrderType.STOP_LIMIT}


class Changing:
    """Changes of open orders.

    Parameters
    ----------
    rest, asking, telling : where it is asked and told.
    rules : of the markets.
    """

    def __init__(self, rest: BinanceRest, asking: Asking, telling: Telling, rules: Mapping[str, MarketRules]) -> None:
        self._rest = rest
        self._asking = asking
        self._telling = telling
        self._rules = rules

    async def change(
        self, known: KnownOrder, *, quantity: float | None, price: float | None, trigger: float | None
    ) -> None:
        """Change an order, and tell of its new terms.

        Raises
        ------
        OrderError : an order of its type cannot be changed, or the filters refuse the new terms.
        Refused, Unanswered, Paused : as the request ended.
        """
        if not known.params:
            raise OrderError("Binance does not tell all of its terms, so it cannot be made anew", place=known.order_id)
        rules, side = self._rules[known.symbol], Side(known.side.lower())
        params = dict(known.params)
        kind = _ALGO_TYPES.get(params["type"], OrderType.STOP) if known.is_conditional else OrderType.LIMIT
        if quantity is not None:
            params["quantity"] = f"{rules.quantity(quantity, kind, reduces='reduceOnly' in params):f}"
        if price is not None:
            params["price"] = f"{rules.limit(price, side):f}"
        if trigger is not None:
            params["triggerPrice"] = f"{rules.trigger(trigger):f}"
        if known.is_conditional and not known.venue_id:
            self._asking.changing.add(known.order_id)
            try:
                await self._make_anew(known, params)
            finally:
                self._asking.changing.discard(known.order_id)
        else:
            await self._amend(known, params)

    async def _amend(self, known: KnownOrder, params: dict[str, Any]) -> None:
        if "price" not in params:
            raise OrderError("Binance changes limit orders alone", place=known.order_id)
        asked = {name: params[name] for name in ("symbol", "side", "quantity", "price")}
        name = {"orderId": known.venue_id} if known.venue_id else {"origClientOrderId": known.client_id}
        try:
            body = await self._rest.ask(_AMEND, asked | name)
        except Refused as refusal:
            if refusal.code in (*UNKNOWN_ORDER, SAME_TERMS):
                await self._asking.order(known.order_id)
                return
            raise
        known.params = params
        await self._asking.tell(body, known.order_id)

    async def _make_anew(self, known: KnownOrder, params: dict[str, Any]) -> None:
        forerunner = known.client_id
        params["clientAlgoId"] = known.successor = known.next_client_id
        try:
            body = await placed(self._rest, params, closes=True)
        except (Refused, Paused):
            known.successor = ""
            raise
        crashpoint("amid-replace")
        # From here on the new one is the order, whatever becomes of the other's cancellation.
        known.stand_as(known.successor)
        known.params = params
        try:
            await self._rest.ask(CANCEL_ALGO, {"clientAlgoId": forerunner})
        except Refused as refusal:
            if refusal.code not in UNKNOWN_ORDER:
                raise
            # It has triggered meanwhile: what it does now is what counts.
            known.client_id = forerunner
            await self._rest.ask(CANCEL_ALGO, {"clientAlgoId": params["clientAlgoId"]})
            await self._asking.order(known.order_id)
            return
        terms = {"quantity": exact(params["quantity"])}
        if "triggerPrice" in params:
            terms["trigger"] = exact(params["triggerPrice"])
        ts, venue_id = self._rest.now(), str(body["algoId"])
        self._telling.state(ts, known.order_id, known.symbol, OrderState.ACCEPTED, venue_id=venue_id, terms=terms)
