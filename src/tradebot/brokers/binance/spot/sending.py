"""Exits on their way to the venue: sent, asked about where no answer comes, sent again where they did not arrive."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Final

from tradebot.brokers.binance.names import KnownOrder
from tradebot.brokers.binance.refusals import ATTEMPTS, REJECTED, Paused, Refused, Unanswered
from tradebot.brokers.binance.rest import BinanceRest
from tradebot.brokers.binance.spot.placing import Placing
from tradebot.brokers.binance.spot.requests import is_stop
from tradebot.brokers.binance.spot.sales import Sales
from tradebot.brokers.binance.spot.settling import Settling
from tradebot.brokers.binance.telling import Telling
from tradebot.core.errors import OrderError, TradebotError
from tradebot.core.order import OrderState

_log: Final = logging.getLogger(__name__)


class Sending:
    """Sends exits, alone or as a pair, in the market's turn; what did not arrive, and cannot any more, is sent again.

    Parameters
    ----------
    rest, telling : the time, and to whom it is told.
    placing, settling, sales : places orders, learns what became of them, and knows which sell orders there are.

    Attributes
    ----------
    refused : is called, in the market's turn, with a stop and a target that were taken back and are refused as a pair.
    """

    def __init__(self, rest: BinanceRest, telling: Telling, placing: Placing, settling: Settling, sales: Sales) -> None:
        self._rest = rest
        self._telling = telling
        self._placing = placing
        self._settling = settling
        self._sales = sales
        self.refused: Callable[[KnownOrder, KnownOrder], None] = _nobody

    async def send(self, orders: Sequence[KnownOrder]) -> None:
        """Place orders, and tell of their terms; those that do not arrive are sent again.

        Without an answer they are asked about at once. A pair that is refused when it is sent again, as the market has
        passed one of its prices meanwhile, is seen to by :attr:`refused`.

        Raises
        ------
        OrderError : the coins that the exits were to sell are sold, or promised to others.
        Refused, Paused : they were not taken, or not sent.
        Unanswered : nobody knows, or none of them has ever arrived.
        """
        for attempt in range(1, ATTEMPTS + 1):
            filled = [known.filled for known in orders]
            try:
                await self._send_once(orders)
            except Refused as refusal:
                if (wait_s := refusal.again_s(attempt)) is not None:
                    # Whoever looks meanwhile must see that they are on their way.
                    self._sales.leave(orders)
                    await asyncio.sleep(wait_s)
                    continue
                if attempt == 1 or len(orders) == 1 or refusal.code != REJECTED:
                    raise
                self.see_to(orders)
            except Unanswered as error:
                # Without a word of it: whoever hears that a stop may be missing sends another at once.
                if not await self._have_arrived(orders, error):
                    # A buy was decided on a market that has moved on.
                    if attempt == ATTEMPTS or orders[0].side == "BUY":
                        self.doubt(orders, error)
                        raise
                    self._sales.leave(orders)
                    continue
                for known, before in zip(orders, filled, strict=True):
                    self.tell_terms(known, before + known.units)
            return

    def see_to(self, pair: Sequence[KnownOrder]) -> None:
        """Let :attr:`refused` see to a stop and a target that are refused as a pair."""
        self.refused(*sorted(pair, key=is_stop, reverse=True))

    async def take_price(self, target: KnownOrder) -> None:
        """Sell at once what a target was to sell, as far as the market pays its price or more; its order ends by it.

        It may be refused or stay without an answer, which is told.
        """
        price = target.params.get("price") or target.params["stopPrice"]
        terms = {"type": "LIMIT", "price": price, "timeInForce": "IOC"}
        target.params = {name: each for name, each in target.params.items() if name != "stopPrice"} | terms
        try:
            if await self._send_once([target]):
                # Its stop waits for its end.
                await self._settling.ask(target)
        except (OrderError, Refused, Paused) as error:
            self.tell(target, OrderState.CANCELED, f"it could not be put back: {error.fact}")
        except Unanswered as error:
            self.doubt([target], error)

    def doubt(self, orders: Sequence[KnownOrder], error: Exception) -> None:
        """Tell that nobody knows whether orders rest, so that they are asked about; what nobody foresaw is logged."""
        if not isinstance(error, Unanswered):
            names = ", ".join(known.order_id for known in orders)
            _log.critical("binance spot: %s may not be back: %r", names or "what rests", error, exc_info=error)
        self._sales.settle(orders)
        self._sales.doubt(orders)
        for known in orders:
            self.tell(known, OrderState.UNKNOWN, said(error))

    def tell(self, known: KnownOrder, state: OrderState, reason: str) -> None:
        """Tell of an order's state, though it may be no news."""
        self._telling.state(self._rest.now(), known.order_id, known.symbol, state, reason=reason, asked=True)

    def tell_terms(self, known: KnownOrder, quantity: Decimal) -> None:
        """Tell of the quantity of an order, in which those units are that have filled."""
        self._sales.trust(known)
        terms, ts = {"quantity": quantity}, self._rest.now()
        self._telling.state(
            ts, known.order_id, known.symbol, OrderState.ACCEPTED, venue_id=known.venue_id, terms=terms, asked=True
        )

    # ------------------------------------------------------------------------------------------------------------------

    async def _have_arrived(self, orders: Sequence[KnownOrder], error: Unanswered) -> bool:
        try:
            await self._settling.arrived_at_last(orders)
        except (Refused, Unanswered, Paused):
            self.doubt(orders, error)
            raise error from None
        return not all(known.is_absent for known in orders)

    async def _send_once(self, orders: Sequence[KnownOrder]) -> bool:
        """Place orders under names that were not used before, and tell of their terms; tells if they have ended."""
        self._bound(orders)
        for known in orders:
            if known.venue_id or known.is_absent:
                known.stand_as(known.next_client_id)
                known.venue_id = ""
        filled = [known.filled for known in orders]
        try:
            ended = await self._placing.place(orders)
        finally:
            self._sales.settle(orders)
        for known, before in zip(orders, filled, strict=True):
            self.tell_terms(known, before + known.units)
        return ended

    def _bound(self, orders: Sequence[KnownOrder]) -> None:
        """Cut sell orders down to what the bot has and has promised to no others."""
        symbol, entry = orders[0].symbol, orders[0].entry
        if orders[0].side == "BUY":
            return
        free = self._sales.free(symbol, [*orders, *(self._sales.exits(symbol, entry) if entry else ())])
        if not free:
            self._sales.settle(orders)
            raise OrderError("its coins are sold, or promised to others", place=f"order {symbol} quantity")
        for known in orders:
            known.units = min(known.units, free)


def said(error: Exception) -> str:
    """What an error says, for whoever is told of its order."""
    return error.fact if isinstance(error, TradebotError) else repr(error)


def _nobody(stop: KnownOrder, target: KnownOrder) -> None:
    """Sees to no pair."""
