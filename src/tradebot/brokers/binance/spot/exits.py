"""Exits of spot: coins can be promised to one order alone, so a stop and a target rest as a pair.

Source: Binance Open Platform, Spot, "New Order List - OCO".
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

from tradebot.brokers.binance.names import KnownOrder, OrderNames
from tradebot.brokers.binance.refusals import UNKNOWN_ORDER, Paused, Refused, Unanswered
from tradebot.brokers.binance.rest import BinanceRest, Endpoint
from tradebot.brokers.binance.spot.asking import SpotAsking
from tradebot.brokers.binance.spot.requests import entry_of, is_stop, pair_of
from tradebot.brokers.binance.telling import Telling
from tradebot.core.order import OrderState, is_final

CANCEL: Final = Endpoint("privateDeleteOrder", urgent=True, repeats=False)
_CLOSING_S: Final = 150.0
_ANSWER_S: Final = 2.0
PLACE: Final = Endpoint("privatePostOrder", 1, 1, urgent=True, repeats=False, patience_s=_CLOSING_S, answer_s=_ANSWER_S)
_PAIR: Final = Endpoint(
    "privatePostOrderListOco", 1, 2, urgent=True, repeats=False, patience_s=_CLOSING_S, answer_s=_ANSWER_S
)
# How long the trader has to take back the exits of a position that was closed, before they are put back.
_GRACE_S: Final = 0.5


class Exits:
    """The exits that rest at Binance: of each entry one alone, or a pair.

    To bring a second one to a first, or to change one, what rests is taken back and placed anew under the same names
    with a count behind them. A sale at the market takes the exits of its market back first, for they hold its coins;
    when it has ended and the position is still open, they are put back.

    Parameters
    ----------
    rest, names, telling, asking : where it is asked, whose orders there are, and to whom it is told.
    """

    def __init__(self, rest: BinanceRest, names: OrderNames, telling: Telling, asking: SpotAsking) -> None:
        self._rest = rest
        self._names = names
        self._telling = telling
        self._asking = asking
        # Exits that made room for a sale, by the sale's client id.
        self._withdrawn: dict[str, list[KnownOrder]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def add(self, known: KnownOrder) -> None:
        """Place an exit, beside the one that its entry has already.

        Raises
        ------
        Refused, Unanswered, Paused : as the request ended; what rested is put back where it was refused.
        """
        await self._settle_unsure(known)
        beside = [other for other in self._resting(known.symbol) if self._belong(other, known)]
        partners = [other for other in beside if is_stop(other) != is_stop(known)][:1]
        try:
            partners = await self._taken_back(partners)
            await self._send([known, *partners])
        except (Refused, Paused):
            await self._put_back(partners)
            raise

    async def change(self, known: KnownOrder, params: dict[str, Any]) -> None:
        """Give an order other terms.

        Raises
        ------
        Refused, Unanswered, Paused : as the request ended; the order is as it was where it was refused.
        """
        partners = [other for other in self._resting(known.symbol) if other is not known and self._belong(other, known)]
        before = known.params
        left = await self._taken_back([known, *partners[:1]])
        if known not in left:
            await self._put_back(left)
            return
        known.params = params
        try:
            await self._send(left)
        except (Refused, Paused):
            known.params = before
            await self._put_back(left)
            raise

    async def cancel(self, known: KnownOrder) -> None:
        """Take an order back for good; its partner stays.

        Raises
        ------
        Refused, Unanswered, Paused : as the request ended.
        """
        for withdrawn in self._withdrawn.values():
            if known in withdrawn:
                withdrawn.remove(known)
                self._release([known])
                self._tell(known, OrderState.CANCELED, "requested")
                return
        partners = [other for other in self._resting(known.symbol) if other is not known and self._belong(other, known)]
        partners = await self._taken_back(partners)
        await self._delete(known)
        if not is_final(known.state):
            self._tell(known, OrderState.CANCELED, "requested")
        await self._put_back(partners)

    def is_withdrawn(self, known: KnownOrder) -> bool:
        """Whether an exit has made room for a sale that has not ended yet."""
        return any(known in withdrawn for withdrawn in self._withdrawn.values())

    async def make_room(self, order_id: str, symbol: str) -> None:
        """Take a market's exits back, for a sale that needs their coins.

        Raises
        ------
        Refused, Unanswered, Paused : as the request ended.
        """
        self._withdrawn[order_id] = await self._taken_back(self._resting(symbol))

    def ended(self, order_id: str) -> None:
        """A sale has ended: what it took back is put back in a moment, unless the position is closed."""
        if order_id in self._withdrawn and self._names.get(order_id) is not None:
            task = asyncio.create_task(self._restore(order_id))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """End what would happen later."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # ------------------------------------------------------------------------------------------------------------------

    async def _restore(self, order_id: str) -> None:
        await asyncio.sleep(_GRACE_S)
        withdrawn = self._withdrawn.pop(order_id, [])
        entries = dict.fromkeys(entry_of(known.order_id) for known in withdrawn)
        for entry in entries:
            await self._put_back([known for known in withdrawn if entry_of(known.order_id) == entry])

    async def _settle_unsure(self, known: KnownOrder) -> None:
        """Ask about exits of the same entry whose answer did not come: they may hold the coins."""
        for other in self._names:
            unsure = not other.venue_id and not is_final(other.state) and other.order_id not in self._asking.changing
            if unsure and other is not known and self._belong(other, known):
                await self._asking.order(other.order_id)

    def _resting(self, symbol: str) -> list[KnownOrder]:
        """Exits of a market that work at Binance."""
        return [
            known
            for known in self._names
            if known.symbol == symbol
            and known.side == "SELL"
            and entry_of(known.order_id)
            and known.venue_id
            and not is_final(known.state)
            and not self.is_withdrawn(known)
        ]

    @staticmethod
    def _belong(one: KnownOrder, other: KnownOrder) -> bool:
        return entry_of(one.order_id) == entry_of(other.order_id) != ""

    async def _taken_back(self, orders: Sequence[KnownOrder]) -> list[KnownOrder]:
        """Take orders back without a word of it, for they are to be placed anew; returns those that have not ended."""
        for known in orders:
            self._asking.changing.add(known.order_id)
        try:
            for known in orders:
                await self._delete(known)
        except (Refused, Unanswered, Paused):
            self._release(orders)
            raise
        self._release([known for known in orders if is_final(known.state)])
        return [known for known in orders if not is_final(known.state)]

    async def _delete(self, known: KnownOrder) -> None:
        """Cancel an order; one that has ended by itself is asked about, unless it went with its partner."""
        try:
            body = await self._rest.ask(CANCEL, {"symbol": known.symbol, "orderId": known.venue_id})
        except Refused as refusal:
            if refusal.code not in UNKNOWN_ORDER:
                raise
            await self._asking.order_unless_canceled(known)
        else:
            reports = body.get("orderReports", [body])
            mine = next((each for each in reports if str(each["orderId"]) == known.venue_id), None)
            if mine is not None and Decimal(mine["executedQty"]) > known.filled:
                await self._asking.trades_of_order(known.symbol, known.venue_id, known.order_id)

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
            self._tell_terms(known, row)

    async def _put_back(self, orders: Sequence[KnownOrder]) -> None:
        """Place exits anew that were taken back; those that cannot be are gone."""
        if not orders:
            return
        try:
            await self._send(orders)
        except (Refused, Paused) as error:
            for known in orders:
                self._tell(known, OrderState.CANCELED, f"it could not be put back: {error.fact}")
        except Unanswered as error:
            self._tell(orders[0], OrderState.UNKNOWN, error.fact)

    def _release(self, orders: Sequence[KnownOrder]) -> None:
        for known in orders:
            self._asking.changing.discard(known.order_id)

    def _tell_terms(self, known: KnownOrder, row: dict[str, Any]) -> None:
        terms = {"quantity": known.filled + Decimal(row["origQty"])}
        ts, venue_id = self._rest.now(), str(row["orderId"])
        self._telling.state(
            ts, known.order_id, known.symbol, OrderState.ACCEPTED, venue_id=venue_id, terms=terms, asked=True
        )

    def _tell(self, known: KnownOrder, state: OrderState, reason: str) -> None:
        self._telling.state(self._rest.now(), known.order_id, known.symbol, state, reason=reason, asked=True)
