"""The terms of spot orders: what an exit can sell, and what an order must be worth."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tradebot.brokers.binance.marks import SURE, Marks
from tradebot.brokers.binance.names import KnownOrder
from tradebot.brokers.binance.requests import OrderRequest
from tradebot.brokers.binance.rules import MarketRules
from tradebot.brokers.binance.spot.requests import request_of
from tradebot.brokers.binance.spot.sales import Sales
from tradebot.core.decimals import exact
from tradebot.core.errors import OrderError
from tradebot.core.order import OrderIntent, Side


class Terms:
    """Brings orders into the form in which they leave.

    Parameters
    ----------
    sales : knows what an exit can sell.
    marks : prices by which a market order's worth is judged.
    """

    def __init__(self, sales: Sales, marks: Marks) -> None:
        self._sales = sales
        self._marks = marks

    async def of(self, order_id: str, intent: OrderIntent, rules: MarketRules) -> OrderRequest:
        """The request that places an order.

        Raises
        ------
        OrderError : Binance has no such order, or its filters would refuse it.
        Refused, Unanswered, Paused : a price that it takes to know could not be had.
        """
        request = request_of(order_id, intent, rules, self._sales.most(order_id))
        await self._check_worth(request, rules)
        return request

    def changed(
        self, known: KnownOrder, rules: MarketRules, quantity: float | None, price: float | None, trigger: float | None
    ) -> dict[str, Any]:
        """The parts of an order's request that change, its quantity as a whole; ``None`` keeps a part as it is."""
        params: dict[str, Any] = {}
        if quantity is not None:
            most, wished = self._sales.most(known.order_id), exact(quantity)
            whole = wished if most is None else min(wished, most)
            params["quantity"] = f"{rules.instrument.snap_quantity(whole):f}"
        if price is not None:
            params["price"] = f"{rules.limit(price, Side(known.side.lower())):f}"
        if trigger is not None:
            params["stopPrice"] = f"{rules.trigger(trigger):f}"
        return params

    async def _check_worth(self, request: OrderRequest, rules: MarketRules) -> None:
        """Hold an order against NOTIONAL and PERCENT_PRICE_BY_SIDE; one that is surely worth enough asks no price.

        A sale whose price cannot be had leaves without: the venue has the same filters.
        """
        symbol = rules.instrument.symbol
        price = _own_price(request) or self._marks.known(symbol)
        if request.price is None and request.quantity * price >= rules.instrument.min_notional * SURE:
            return
        sells = request.params["side"] == "SELL"
        check_at(await (self._marks.prompt(symbol) if sells else self._marks.now(symbol)), request, rules)


def check_at(mark: Decimal, request: OrderRequest, rules: MarketRules) -> None:
    """Hold an order against NOTIONAL and PERCENT_PRICE_BY_SIDE at an average price; zero where none can be had.

    Raises
    ------
    OrderError : one of them would refuse it.
    """
    own, symbol = _own_price(request), rules.instrument.symbol
    if own or mark:
        rules.check_notional(request.quantity, own or mark)
    if rules.max_notional and request.quantity * own > rules.max_notional:
        fact = f"{request.quantity * own:f} is above the maximum {rules.max_notional:f}"
        raise OrderError(fact, place=f"order {symbol} notional", mend="Split it.")
    price, place = request.price if mark else None, f"order {symbol} price"
    if price is not None and rules.above and price > mark * rules.above:
        raise OrderError(f"{price} lies above {rules.above} of the average price {mark}", place=place)
    if price is not None and price < mark * rules.below:
        raise OrderError(f"{price} lies below {rules.below} of the average price {mark}", place=place)


def _own_price(request: OrderRequest) -> Decimal:
    """The price that an order names; zero for one that takes what there is."""
    return request.price or Decimal(request.params.get("stopPrice", 0))
