"""Exits of spot: coins can be promised to one order alone, so a stop and a target rest as a pair.

Source: Binance Open Platform, Spot, "New Order List - OCO".
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

from tradebot.brokers.binance.names import KnownOrder, OrderNames
from tradebot.brokers.binance.refusals import UNKNOWN_ORDER, Paused, Refused, Unanswered
from tradebot.brokers.binance.rest import BinanceRest, Endpoint
from tradebot.brokers.binance.spot.asking import SpotAsking
from tradebot.brokers.binance.spot.requests import is_stop, pair_of
from tradebot.brokers.binance.telling import Telling
from tradebot.core.order import OrderState, is_final

CANCEL: Final = Endpoint("privateDeleteOrder", urgent=True, repeats=False)
_CLOSING_S: Final = 150.0
_ANSWER_S: Final = 2.0
PLACE: Final = Endpoint("privatePostOrder", 1, 1, urgent=True, repeats=False, patience_s=_CLOSING_S, answer_s=_ANSWER_S)
_PAIR: Final = Endpoint(
    "privatePostOrderListOco", 1, 2, urgent=True, repeats=False, patience_s=_CLOSING_S, answer_s=_ANSWER_S
)


class Exits:
    """The exits that rest at Binance: of each entry one alone, or a pair.

    To bring a second one to a first, or to change one, what rests is taken back and placed anew under the same names
    with a count behind them.

    Parameters
    ----------
    rest, names, telling, asking : where it is asked, whose orders there are, and to whom it is told.
    """

    def __init__(self, rest: BinanceRest, names: OrderNames, telling: Telling, asking: SpotAsking) -> None:
        self._rest = rest
        self._names = names
        self._telling = telling
        self._asking = asking

    async def add(self, known: KnownOrder) -> None:
        """Place an exit, beside the one that its entry has already.

        Raises
        ------
        Refused, Unanswered, Paused : as the request ended; what rested is put back where it was refused.
        """
        await self._settle_unsure(known)
        beside = [other for other in self.resting(known.symbol) if self._belong(other, known)]
        partners = await self.take_back([other for other in beside if is_stop(other) != is_stop(known)][:1])
        try:
            await self._send([known, *partners])
        except (Refused, Paused):
            await self.put_back(partners)
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
        partners = [other for other in self.resting(known.symbol) if other is not known and self._belong(other, known)]
        left = await self.take_back([known, *partners[:1]])
        if known not in left:
            await self.put_back(left)
            return
        before = known.params
        known.take_terms(changes)
        try:
            await self._send(left)
        except (Refused, Paused):
            known.params = before
            await self.put_back(left)
            raise

    async def cancel(self, known: KnownOrder) -> None:
        """Take an order back for good; its partner stays.

        Raises
        ------
        Refused, Unanswered, Paused : as the request ended.
        """
        partners = [other for other in self.resting(known.symbol) if other is not known and self._belong(other, known)]
        left = await self.take_back([known, *partners])
        if known in left:
            left.remove(known)
            self.give_up(known, "requested")
        await self.put_back(left)

    def resting(self, symbol: str) -> list[KnownOrder]:
        """Exits of a market that work at Binance."""
        return [
            known
            for known in self._names
            if known.symbol == symbol
            and known.side == "SELL"
            and known.entry
            and known.venue_id
            and not is_final(known.state)
            and known.order_id not in self._asking.changing
        ]

    def give_up(self, known: KnownOrder, reason: str) -> None:
        """Tell that an order that was taken back is gone for good."""
        self._release([known])
        self._tell(known, OrderState.CANCELED, reason)

    async def take_back(self, orders: Sequence[KnownOrder]) -> list[KnownOrder]:
        """Take orders back without a word of it, for they are to be placed anew; returns those that have not ended.

        Raises
        ------
        Refused, Paused : one of them did not go; those that went before it are put back. One of which nobody knows
            whether it went is told as unknown.
        """
        self._asking.changing.update(known.order_id for known in orders)
        gone: set[str] = set()
        taken: list[KnownOrder] = []
        for known in orders:
            try:
                if known.venue_id not in gone:
                    gone |= await self._delete(known)
            except (Refused, Unanswered, Paused) as error:
                left = [other for other in orders if other not in taken]
                self._release(left)
                if isinstance(error, Unanswered):
                    for other in left:
                        if other is known or self._belong(other, known):
                            self._tell(other, OrderState.UNKNOWN, f"it was to be taken back: {error.fact}")
                await self.put_back([other for other in taken if not is_final(other.state)])
                if isinstance(error, Unanswered):
                    # What it was to make way for was not asked for at all.
                    raise Paused(error.fact, 0.0) from error
                raise
            taken.append(known)
        self._release([known for known in taken if is_final(known.state)])
        return [known for known in taken if not is_final(known.state)]

    async def put_back(self, orders: Sequence[KnownOrder]) -> None:
        """Place exits anew that were taken back, of each entry together; those that cannot be are gone."""
        for entry in dict.fromkeys(known.entry for known in orders):
            exits = [known for known in orders if known.entry == entry]
            try:
                await self._send(exits)
            except (Refused, Paused) as error:
                for known in exits:
                    self._tell(known, OrderState.CANCELED, f"it could not be put back: {error.fact}")
            except Unanswered as error:
                self._tell(exits[0], OrderState.UNKNOWN, error.fact)

    def tell_terms(self, known: KnownOrder, quantity: Decimal) -> None:
        """Tell of the units that an order has left; its quantity has those with it that have filled."""
        terms, ts = {"quantity": known.filled + quantity}, self._rest.now()
        self._telling.state(
            ts, known.order_id, known.symbol, OrderState.ACCEPTED, venue_id=known.venue_id, terms=terms, asked=True
        )

    # ------------------------------------------------------------------------------------------------------------------

    async def _settle_unsure(self, known: KnownOrder) -> None:
        """Ask about exits of the same entry whose answer did not come: they may hold the coins."""
        for other in self._names:
            unsure = not other.venue_id and not is_final(other.state) and other.order_id not in self._asking.changing
            if unsure and other is not known and self._belong(other, known):
                await self._asking.order(other.order_id)

    @staticmethod
    def _belong(one: KnownOrder, other: KnownOrder) -> bool:
        return one.entry == other.entry != ""

    async def _delete(self, known: KnownOrder) -> set[str]:
        """Cancel an order, which ends its partner too; returns the venue's numbers of both.

        One that has ended by itself is asked about.
        """
        try:
            body = await self._rest.ask(CANCEL, {"symbol": known.symbol, "orderId": known.venue_id})
        except Refused as refusal:
            if refusal.code not in UNKNOWN_ORDER:
                raise
            try:
                body = await self._asking.order_unless_canceled(known) or {}
            except (Refused, Paused) as error:
                # It works no more, and why could not be learnt.
                raise Unanswered(error.fact, place="binance") from error
        reports: list[dict[str, Any]] = body.get("orderReports", [body] if body else [])
        for each in reports:
            venue_id, executed = str(each["orderId"]), Decimal(each["executedQty"])
            order = self._names.get(self._names.owner(known.symbol, venue_id) or "")
            if order is not None:
                await self._asking.catch_up(known.symbol, venue_id, order.order_id, executed)
                order.units -= executed
        return {known.venue_id, *(str(each["orderId"]) for each in reports)}

    async def _send(self, orders: Sequence[KnownOrder]) -> None:
        """Place orders, each under a name that was not used before, and tell of their terms."""
        for known in orders:
            if known.venue_id:
                known.stand_as(known.next_client_id)
                known.venue_id = ""
        try:
            if len(orders) == 1:
                (known,) = orders
                params = known.params | {"newClientOrderId": known.client_id, "newOrderRespType": "RESULT"}
                rows = [await self._rest.ask(PLACE, params)]
            else:
                stop, target = sorted(orders, key=is_stop, reverse=True)
                rows = (await self._rest.ask(_PAIR, pair_of(stop, target)))["orderReports"]
        except Unanswered:
            for known in orders[1:]:
                self._tell(known, OrderState.UNKNOWN, "its exchange for a pair was not answered")
            raise
        finally:
            self._release(orders)
        by_client = {row["clientOrderId"]: row for row in rows}
        for known in orders:
            row = by_client[known.client_id]
            self._names.link(known.symbol, str(row["orderId"]), known.order_id)
            self.tell_terms(known, Decimal(row["origQty"]))

    def _release(self, orders: Sequence[KnownOrder]) -> None:
        for known in orders:
            self._asking.changing.discard(known.order_id)

    def _tell(self, known: KnownOrder, state: OrderState, reason: str) -> None:
        self._telling.state(self._rest.now(), known.order_id, known.symbol, state, reason=reason, asked=True)
