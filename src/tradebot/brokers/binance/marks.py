"""Mark prices, and the filters that look at them: an order's worth, and how far from the market a limit may lie."""

from __future__ import annotations

import logging
from decimal import Decimal
from typing import Final

import msgspec

from tradebot.brokers.binance.refusals import Paused, Refused, Unanswered
from tradebot.brokers.binance.requests import OrderRequest
from tradebot.brokers.binance.rest import BinanceRest, Endpoint
from tradebot.brokers.binance.rules import MarketRules
from tradebot.core.interval import SECOND
from tradebot.core.order import OrderIntent, Side

_log: Final = logging.getLogger(__name__)
_AGE_NS: Final = 10 * SECOND
# Well below the second after which a trade that is not heard makes the user stream doubtful.
_ANSWER_S: Final = 0.5
SURE: Final = 2
"""A market order so many times as large as it must be is so at any mark of the last while: it waits for no new one."""


class PriceSource(msgspec.Struct, frozen=True):
    """Where a market's price is asked: ccxt's implicit method, and the field of its answer.

    Neither a trade, for the price of the coin its fee was paid in, nor an exit waits long: for these it is asked
    ``once``.
    """

    call: str
    field: str
    weight: int = 1

    def endpoint(self, *, once: bool) -> Endpoint:
        """The endpoint."""
        if once:
            return Endpoint(self.call, self.weight, repeats=False, patience_s=0.0, answer_s=_ANSWER_S)
        return Endpoint(self.call, self.weight, patience_s=2.0)


MARK_PRICE: Final = PriceSource("fapiPublicGetPremiumIndex", "markPrice")
"""Of the futures."""
AVERAGE_PRICE: Final = PriceSource("publicGetAvgPrice", "price", 2)
"""Of spot, over five minutes."""


class Marks:
    """Mark prices, asked for when an order needs one.

    Parameters
    ----------
    rest, source : where they are asked.
    """

    def __init__(self, rest: BinanceRest, source: PriceSource = MARK_PRICE) -> None:
        self._rest = rest
        self._source = source
        self._known: dict[str, tuple[int, Decimal]] = {}
        # When the latest question that was asked once failed.
        self._failed: dict[str, int] = {}

    async def check(self, intent: OrderIntent, request: OrderRequest, rules: MarketRules) -> None:
        """Hold an order against MIN_NOTIONAL and PERCENT_PRICE.

        An exit whose mark cannot be had leaves without: the venue has the same filters.

        Raises
        ------
        OrderError : one of them would refuse it.
        Refused, Unanswered, Paused : the mark could not be had, and the order is no exit.
        """
        symbol = rules.instrument.symbol
        if request.is_conditional or self._is_surely_worth_enough(intent, request, rules):
            mark = Decimal(0)
        else:
            mark = await (self.prompt(symbol) if intent.reduce_only else self.now(symbol))
        check_at(mark, intent, request, rules)

    def _is_surely_worth_enough(self, intent: OrderIntent, request: OrderRequest, rules: MarketRules) -> bool:
        """Whether no mark needs to be known of a market order."""
        if request.price is not None:
            return False
        mark = self.known(rules.instrument.symbol)
        return intent.reduce_only or request.quantity * mark >= rules.instrument.min_notional * SURE

    async def latest(self, symbol: str) -> Decimal | None:
        """The mark price of a market, an old one rather than none; ``None`` where it was never had."""
        return await self.prompt(symbol) or self.known(symbol) or None

    async def prompt(self, symbol: str) -> Decimal:
        """The price of a market, at most ten seconds old, for what does not wait for it; zero where it cannot be had.

        A question that has failed is not asked again for ten seconds, so that of many trades one waits for its answer.
        """
        if self._rest.now() - self._failed.get(symbol, 0) <= _AGE_NS:
            return Decimal(0)
        try:
            return await self.now(symbol, once=True)
        except (Refused, Unanswered, Paused) as error:
            _log.warning("the price of %s could not be had: %s", symbol, error)
            self._failed[symbol] = self._rest.now()
            return Decimal(0)

    def known(self, symbol: str) -> Decimal:
        """The price that was asked last, however old; zero where none was."""
        return self._known.get(symbol, (0, Decimal(0)))[1]

    async def now(self, symbol: str, *, once: bool = False) -> Decimal:
        """The price of a market, at most ten seconds old.

        Raises
        ------
        Refused, Unanswered, Paused : it could not be had.
        """
        ts, mark = self._known.get(symbol, (0, Decimal(0)))
        if self._rest.now() - ts > _AGE_NS:
            told = await self._rest.ask(self._source.endpoint(once=once), {"symbol": symbol})
            mark = Decimal(told[self._source.field])
            self._known[symbol] = (self._rest.now(), mark)
        return mark


def check_at(mark: Decimal, intent: OrderIntent, request: OrderRequest, rules: MarketRules) -> None:
    """Hold an order against MIN_NOTIONAL and PERCENT_PRICE at a mark price; zero where none is needed or can be had.

    Raises
    ------
    OrderError : one of them would refuse it.
    """
    params = request.params
    price = request.price or Decimal(params.get("triggerPrice") or params.get("activatePrice") or mark)
    if price and not intent.reduce_only:
        rules.check_notional(request.quantity, price)
    if mark and request.price is not None and not request.is_conditional:
        rules.check_price(request.price, Side(intent.side), mark)
