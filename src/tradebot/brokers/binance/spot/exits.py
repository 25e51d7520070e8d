"""Exits of spot: coins can be promised to one order alone, so a stop and a target rest as a pair.

Source: Binance Open Platform, Spot, "New Order List - OCO".
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, Final

from tradebot.brokers.binance.names import KnownOrder, OrderNames
from tradebot.brokers.binance.refusals import UNKNOWN_ORDER, Paused, Refused, Unanswered
from tradebot.brokers.binance.rest import BinanceRest, Endpoint
from tradebot.brokers.binance.spot.asking import SpotAsking
from tradebot.brokers.binance.spot.placing import Placing
from tradebot.brokers.binance.spot.requests import is_stop
from tradebot.brokers.binance.spot.sales import Sales, is_live
from tradebot.brokers.binance.telling import Telling
from tradebot.core.crashpoint import crashpoint
from tradebot.core.errors import OrderError
from tradebot.core.order import OrderState

_CANCEL: Final = Endpoint("privateDeleteOrder", urgent=True, repeats=False)
_SECOND: Final = 1_000_000_000


class Exits:
    """The exits that rest at Binance: of each entry a stop, a target, or the two as a pair, and never more.

    To bring a second one to a first, or to change one, what rests is taken back and placed anew under the same names
    with a count behind them. All of it is done in the market's turn.

    Parameters
    ----------
    rest, names, telling, asking : where it is asked, whose orders there are, and to whom it is told.
    placing, sales : places orders, and knows which sell orders there are.

    Attributes
    ----------
    refused : is called, in the market's turn, with a stop and a target that were taken back and are refused as a pair.
    """

    def __init__(
        self,
        rest: BinanceRest,
        names: OrderNames,
        telling: Telling,
        asking: SpotAsking,
        placing: Placing,
        sales: Sales,
    ) -> None:
        self._rest = rest
        self._names = names
        self._telling = telling
        self._asking = asking
        self._placing = placing
        self._sales = sales
        self.refused: Callable[[KnownOrder, KnownOrder], None] = _nobody

    async def add(self, known: KnownOrder) -> None:
        """Place an exit beside the other kind of its entry, and in the place of its own kind, whose coins it sells too.

        Raises
        ------
        OrderError : nothing is left of what its entry has brought; what rested is put back.
        Refused, Unanswered, Paused : as the request ended; what rested is put back where it was refused.
        """
        beside = [other for other in self._sales.exits(known.symbol, known.entry) if other is not known]
        taken = await self.take_back(beside)
        try:
            self._sales.take_over(known, [other for other in taken if is_stop(other) == is_stop(known)])
            await self._send_with(known, taken)
        except (OrderError, Refused, Paused):
            await self.put_back(taken)
            raise

    async def change(self, known: KnownOrder, changes: dict[str, Any]) -> None:
        """Give an order other terms.

        Parameters
        ----------
        changes : the parts of its request that change, with the quantity of what has filled already.

        Raises
        ------
        Refused, Unanswered, Paused : as the request ended; the order is as it was where it was refused.
        """
        left = await self.take_back([known, *self._partners(known)])
        if known not in left:
            await self.put_back(left)
            return
        crashpoint("amid-replace")
        before = known.params
        known.take_terms(changes)
        try:
            await self._send_with(known, [other for other in left if other is not known])
        except (OrderError, Refused, Paused):
            known.params = before
            await self.put_back(left)
            raise

    async def cancel(self, known: KnownOrder) -> None:
        """Take an order back for good; its partner stays.

        Raises
        ------
        Refused, Unanswered, Paused : as the request ended.
        """
        left = await self.take_back([known, *self._partners(known)])
        if known in left:
            left.remove(known)
            self.give_up(known, "requested")
        await self.put_back(left)

    def give_up(self, known: KnownOrder, reason: str) -> None:
        """Tell that an order that was taken back is gone for good."""
        self._sales.settle([known])
        self._tell(known, OrderState.CANCELED, reason)

    async def take_back(self, orders: Sequence[KnownOrder]) -> list[KnownOrder]:
        """Take orders back without a word of it, for they are to be placed anew; returns those that have not ended.

        Raises
        ------
        Refused, Paused : one of them did not go; those that went before it are put back. One of which nobody knows
            whether it went is told as unknown.
        """
        self._sales.leave(orders)
        gone: set[str] = set()
        for known in orders:
            try:
                await self._arrived(known)
                if is_live(known) and known.venue_id not in gone:
                    gone |= await self._delete(known)
            except (Refused, Unanswered, Paused) as error:
                left = [other for other in orders if other.venue_id not in gone]
                self._sales.settle(left)
                if isinstance(error, Unanswered):
                    for other in left:
                        if is_live(other) and (other is known or other.entry == known.entry != ""):
                            self._tell(other, OrderState.UNKNOWN, f"it was to be taken back: {error.fact}")
                await self.put_back([other for other in orders if other not in left and is_live(other)])
                if isinstance(error, Unanswered):
                    # What it was to make way for was not asked for at all.
                    raise Paused(error.fact, 0.0) from error
                raise
        self._sales.settle([known for known in orders if not is_live(known)])
        return [known for known in orders if is_live(known)]

    async def put_back(self, orders: Sequence[KnownOrder]) -> None:
        """Place orders anew that were taken back, exits of each entry together; those that cannot be are gone.

        A pair is refused where the market has passed one of its prices meanwhile; then :attr:`refused` sees to the two.
        """
        kept, surplus = one_of_each(orders[::-1])
        self._replaced(surplus)
        for entry in dict.fromkeys(known.entry for known in kept):
            exits = [known for known in kept if known.entry == entry]
            try:
                await self._send(exits)
            except (OrderError, Refused, Paused) as error:
                if isinstance(error, Refused) and len(exits) > 1:
                    self.refused(*sorted(exits, key=is_stop, reverse=True))
                    continue
                for known in exits:
                    self._tell(known, OrderState.CANCELED, f"it could not be put back: {error.fact}")
            except Unanswered as error:
                self._tell(exits[0], OrderState.UNKNOWN, error.fact)

    def doubt(self, orders: Sequence[KnownOrder], reason: str) -> None:
        """Tell that nobody knows whether orders that were to be put back rest."""
        self._sales.settle(orders)
        for known in orders:
            self._tell(known, OrderState.UNKNOWN, reason)

    async def take_price(self, target: KnownOrder) -> None:
        """Sell at once what a target was to sell, as far as the market pays its price or more; its order ends by it.

        It may be refused or stay without an answer, which is told.
        """
        price = target.params.get("price") or target.params["stopPrice"]
        terms = {"type": "LIMIT", "price": price, "timeInForce": "IOC"}
        target.params = {name: each for name, each in target.params.items() if name != "stopPrice"} | terms
        try:
            await self._send([target])
        except (OrderError, Refused, Paused) as error:
            self._tell(target, OrderState.CANCELED, f"it could not be put back: {error.fact}")
        except Unanswered as error:
            self._tell(target, OrderState.UNKNOWN, error.fact)

    def tell_terms(self, known: KnownOrder, quantity: Decimal) -> None:
        """Tell of the quantity of an order, in which those units are that have filled."""
        terms, ts = {"quantity": quantity}, self._rest.now()
        self._telling.state(
            ts, known.order_id, known.symbol, OrderState.ACCEPTED, venue_id=known.venue_id, terms=terms, asked=True
        )

    # ------------------------------------------------------------------------------------------------------------------

    def _partners(self, known: KnownOrder) -> list[KnownOrder]:
        if not known.entry:
            return []
        return [other for other in self._sales.exits(known.symbol, known.entry) if other is not known]

    def _replaced(self, orders: Sequence[KnownOrder]) -> None:
        for known in orders:
            self.give_up(known, "another has taken its place")

    async def _arrived(self, known: KnownOrder) -> None:
        """Ask about an order whose answer did not come, until it is known to be there or not to come any more."""
        while is_live(known) and not known.venue_id:
            await self._asking.order(known.order_id)
            if is_live(known) and not known.venue_id:
                await asyncio.sleep((known.arrived_by - self._rest.now()) / _SECOND)

    async def _delete(self, known: KnownOrder) -> set[str]:
        """Cancel an order, which ends its partner too; returns the venue's numbers of both.

        One that has ended by itself is asked about.
        """
        try:
            body = await self._rest.ask(_CANCEL, {"symbol": known.symbol, "orderId": known.venue_id})
        except Refused as refusal:
            if refusal.code not in UNKNOWN_ORDER:
                raise
            body = None
        try:
            if body is None:
                body = await self._asking.order_unless_canceled(known) or {}
            reports: list[dict[str, Any]] = body.get("orderReports", [body] if body else [])
            await self._take_reports(known.symbol, reports)
        except (Refused, Paused) as error:
            # It works no more, and why or how much of it has traded could not be learnt.
            raise Unanswered(error.fact, place="binance") from error
        return {known.venue_id, *(str(each["orderId"]) for each in reports)}

    async def _take_reports(self, symbol: str, reports: Sequence[dict[str, Any]]) -> None:
        """Take what the ends of orders say: what they have traded, and so what they have left."""
        executed: list[tuple[KnownOrder, Decimal]] = []
        for report in reports:
            known = self._names.get(self._names.owner(symbol, str(report["orderId"])) or "")
            if known is not None:
                executed.append((known, Decimal(report["executedQty"])))
        for known, quantity in executed:
            await self._asking.catch_up(symbol, known.venue_id, known.order_id, quantity)
        # All at once: where a question fails they are asked about anew.
        for known, quantity in executed:
            known.units -= quantity

    async def _send_with(self, known: KnownOrder, others: Sequence[KnownOrder]) -> None:
        """Place an order with those of its entry that were taken back; those in whose place it stands are gone."""
        kept, replaced = one_of_each([known, *others[::-1]])
        try:
            await self._send(kept)
        except Unanswered:
            self._replaced(replaced)
            raise
        self._replaced(replaced)

    async def _send(self, orders: Sequence[KnownOrder]) -> None:
        """Place orders, each under a name that was not used before, and tell of their terms.

        Raises
        ------
        OrderError : the coins that the exits were to sell are sold, or promised to others.
        """
        self._bound(orders)
        for known in orders:
            if known.venue_id:
                known.stand_as(known.next_client_id)
                known.venue_id = ""
        filled = [known.filled for known in orders]
        try:
            units = await self._placing.place(orders)
        except Unanswered:
            for known in orders[1:]:
                self._tell(known, OrderState.UNKNOWN, "its exchange for a pair was not answered")
            raise
        finally:
            self._sales.settle(orders)
        for known, before in zip(orders, filled, strict=True):
            self.tell_terms(known, before + units)

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

    def _tell(self, known: KnownOrder, state: OrderState, reason: str) -> None:
        self._telling.state(self._rest.now(), known.order_id, known.symbol, state, reason=reason, asked=True)


def _nobody(stop: KnownOrder, target: KnownOrder) -> None:
    """Sees to no pair."""


def one_of_each(orders: Sequence[KnownOrder]) -> tuple[list[KnownOrder], list[KnownOrder]]:
    """Of each entry's stops the first, and of its targets; and those in whose place they stand."""
    first: dict[tuple[str, bool], KnownOrder] = {}
    others = [known for known in orders if first.setdefault((known.entry, is_stop(known)), known) is not known]
    return list(first.values()), others
