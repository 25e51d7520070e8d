"""Exits of spot: coins can be promised to one order alone, so a stop and a target rest as a pair.

Source: Binance Open Platform, Spot, "New Order List - OCO".
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any, Final

from tradebot.brokers.binance.names import KnownOrder
from tradebot.brokers.binance.refusals import REJECTED, Paused, Refused, Unanswered
from tradebot.brokers.binance.spot.requests import is_stop
from tradebot.brokers.binance.spot.sales import Sales, is_live
from tradebot.brokers.binance.spot.sending import Sending, said
from tradebot.brokers.binance.spot.settling import Settling
from tradebot.core.crashpoint import crashpoint
from tradebot.core.errors import OrderError
from tradebot.core.order import OrderState

_log: Final = logging.getLogger(__name__)


class Exits:
    """The exits that rest at Binance: of each entry a stop, a target, or the two as a pair, and never more.

    To bring a second one to a first, or to change one, what rests is taken back and placed anew under the same names
    with a count behind them. All of it is done in the market's turn.

    Parameters
    ----------
    sending, settling, sales : sends orders, learns what became of them, and knows which sell orders there are.
    """

    def __init__(self, sending: Sending, settling: Settling, sales: Sales) -> None:
        self._sending = sending
        self._settling = settling
        self._sales = sales

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
        """Take an order back for good; its partner stays, unless it has ended by what was told and works all the same.

        Raises
        ------
        Refused, Unanswered, Paused : as the request ended.
        """
        if not is_live(known):
            await self._settling.cancel(known)
            return
        left = await self.take_back([known, *self._partners(known)])
        if known in left:
            left.remove(known)
            self.give_up(known, "requested")
        await self.put_back(left)

    def give_up(self, known: KnownOrder, reason: str) -> None:
        """Tell that an order that was taken back is gone for good."""
        known.is_given_up = True
        self._sales.settle([known])
        self._sending.tell(known, OrderState.CANCELED, reason)

    async def take_back(self, orders: Sequence[KnownOrder]) -> list[KnownOrder]:
        """Take orders back without a word of it, for they are to be placed anew; returns those that have not ended.

        Raises
        ------
        Refused, Paused : one of them did not go; those that went before it are put back. One of which nobody knows
            whether it went is told as unknown.
        """
        self._sales.leave(orders)
        gone: set[str] = set()
        at_hand = [known for known in orders if not known.venue_id]
        try:
            # All are found before the first goes, for its end is that of its partner too.
            await self._settling.arrived(orders)
            for known in orders:
                if is_live(known) and known.venue_id not in gone:
                    at_hand = [other for other in orders if other is known or other.entry == known.entry != ""]
                    gone |= await self._settling.cancel(known)
        except Exception as error:
            left = [known for known in orders if known.venue_id not in gone]
            self._sales.settle(left)
            works = isinstance(error, Refused | Paused)
            if not works:
                self._sending.doubt([known for known in at_hand if known in left and is_live(known)], error)
            await self.put_back([known for known in orders if known not in left and is_live(known)])
            if works:
                raise
            # What it was to make way for was not asked for at all.
            raise Paused(said(error), 0.0) from error
        ended = [known for known in orders if not is_live(known)]
        self._sales.settle(ended)
        for known in ended:
            if known.is_absent:
                self._sending.tell(known, OrderState.CANCELED, "it has not arrived")
        return [known for known in orders if is_live(known)]

    async def put_back(self, orders: Sequence[KnownOrder]) -> None:
        """Place orders anew that were taken back, exits of each entry together; those that cannot be are gone.

        A pair is rejected where the market has passed one of its prices meanwhile; then :attr:`Sending.refused` sees to
        the two. Where it is not taken for another reason its stop comes back alone. Whatever nobody foresaw, the exits
        of the other entries come back all the same.
        """
        kept, surplus = one_of_each(orders[::-1])
        self._replaced(surplus)
        for entry in dict.fromkeys(known.entry for known in kept):
            exits = [known for known in kept if known.entry == entry]
            try:
                await self._sending.send(exits)
            except (OrderError, Refused, Paused) as error:
                stop, *others = sorted(exits, key=is_stop, reverse=True)
                if others and isinstance(error, Refused) and error.code == REJECTED:
                    self._sending.see_to(exits)
                    continue
                for known in others or exits:
                    _log.warning("binance spot: %s could not be put back: %s", known.order_id, error.fact)
                    self._sending.tell(known, OrderState.CANCELED, f"it could not be put back: {error.fact}")
                if others:
                    await self.put_back([stop])
            except Exception as error:  # noqa: BLE001 - it is said, and asked about
                self._sending.doubt(exits, error)

    # ------------------------------------------------------------------------------------------------------------------

    def _partners(self, known: KnownOrder) -> list[KnownOrder]:
        if not known.entry:
            return []
        return [other for other in self._sales.exits(known.symbol, known.entry) if other is not known]

    def _replaced(self, orders: Sequence[KnownOrder]) -> None:
        for known in orders:
            self.give_up(known, "another has taken its place")

    async def _send_with(self, known: KnownOrder, others: Sequence[KnownOrder]) -> None:
        """Place an order with those of its entry that were taken back; those in whose place it stands are gone."""
        kept, replaced = one_of_each([known, *others[::-1]])
        try:
            await self._sending.send(kept)
        except Unanswered:
            self._replaced(replaced)
            raise
        self._replaced(replaced)


def one_of_each(orders: Sequence[KnownOrder]) -> tuple[list[KnownOrder], list[KnownOrder]]:
    """Of each entry's stops the first, and of its targets; and those in whose place they stand."""
    first: dict[tuple[str, bool], KnownOrder] = {}
    others = [known for known in orders if first.setdefault((known.entry, is_stop(known)), known) is not known]
    return list(first.values()), others
