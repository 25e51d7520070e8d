"""What became of requests without an answer: asked until an order is there, gone, or known not to come any more."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from tradebot.brokers.binance.arrival import ARRIVED_NS, WINDOW_MS
from tradebot.brokers.binance.names import KnownOrder, OrderNames
from tradebot.brokers.binance.refusals import UNKNOWN_ORDER, Paused, Refused, Unanswered
from tradebot.brokers.binance.rest import BinanceRest, Endpoint
from tradebot.brokers.binance.spot.asking import SpotAsking
from tradebot.brokers.binance.spot.sales import is_live

CANCEL: Final = Endpoint("privateDeleteOrder", urgent=True, repeats=False, answer_s=2.0)
_SECOND: Final = 1_000_000_000
# Times that a cancellation is sent.
_ATTEMPTS: Final = 3
_WORKS: Final = ("NEW", "PARTIALLY_FILLED")
_SOON_S: Final = 0.2
# Between questions that fail, each of which was repeated already.
_WAITS_S: Final = (0.5, 1.0, 2.0)

Body = Mapping[str, Any]


class Settling:
    """Brings what was sent to a certain end, in the market's turn: nothing is built on what nobody knows.

    Parameters
    ----------
    rest, names, asking : where it is asked, and whose orders there are.
    """

    def __init__(self, rest: BinanceRest, names: OrderNames, asking: SpotAsking) -> None:
        self._rest = rest
        self._names = names
        self._asking = asking

    async def arrived(self, orders: Sequence[KnownOrder]) -> None:
        """Ask about orders whose answer did not come, until each is known to be there or not to come any more.

        Raises
        ------
        Refused, Unanswered, Paused : as the question ended.
        """
        for known in orders:
            while is_live(known) and not known.venue_id:
                await self._asking.order(known.order_id)
                if is_live(known) and not known.venue_id:
                    await asyncio.sleep((known.arrived_by - self._rest.now()) / _SECOND)

    async def arrived_at_last(self, orders: Sequence[KnownOrder]) -> None:
        """As :meth:`arrived`, though questions fail for a while."""
        for wait in _WAITS_S:
            try:
                await self.arrived(orders)
            except (Refused, Unanswered, Paused):
                await asyncio.sleep(wait)
            else:
                return
        await self.arrived(orders)

    async def ask(self, known: KnownOrder) -> None:
        """Ask what became of an order; no answer tells nothing."""
        with contextlib.suppress(Refused, Unanswered, Paused):
            await self._asking.order(known.order_id)

    async def cancel(self, known: KnownOrder) -> set[str]:
        """Cancel an order, which ends its partner too; returns the venue's numbers of both.

        One that has ended by itself is asked about, and so is one whose cancellation was not answered.

        Raises
        ------
        Refused : it works on.
        Paused : it works on, for the request was not sent, or cannot arrive any more.
        Unanswered : nobody knows whether it does, or how much of it has traded.
        """
        body, arrived_by = await self._canceled(known)
        try:
            body = await self._end(known, arrived_by) if body is None else body
            works = body.get("status") in _WORKS
            reports: list[Body] = body.get("orderReports", [body] if body and not works else [])
            await self._take_reports(known.symbol, reports)
        except (Refused, Paused) as error:
            # Why it works no more, or how much of it has traded, could not be learnt.
            raise Unanswered(error.fact, place="binance") from error
        if works:
            raise Paused("its cancellation has not arrived", 0.0)
        return {known.venue_id, *(str(each["orderId"]) for each in reports)}

    async def _canceled(self, known: KnownOrder) -> tuple[Body | None, int]:
        """Send the cancellation of an order, again and again while that may help: twice it does no more than once.

        Returns
        -------
        Its answer, ``None`` for none or where the order is not at work; and until when it may arrive yet.
        """
        params = {"symbol": known.symbol, "orderId": known.venue_id, "recvWindow": WINDOW_MS}
        arrived_by = 0
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                return await self._rest.ask(CANCEL, params), 0
            except (Refused, Paused) as error:
                if isinstance(error, Refused) and error.passes and attempt < _ATTEMPTS:
                    await asyncio.sleep(_WAITS_S[attempt - 1])
                elif arrived_by or (isinstance(error, Refused) and error.code in UNKNOWN_ORDER):
                    # One before it may have done it.
                    return None, arrived_by
                else:
                    raise
            except Unanswered:
                arrived_by = self._rest.now() + ARRIVED_NS
                with contextlib.suppress(Refused, Unanswered, Paused):
                    body = await self._asking.order_unless_canceled(known)
                    if body is not None and body["status"] not in _WORKS:
                        return body, 0
        return None, arrived_by

    async def _end(self, known: KnownOrder, arrived_by: int) -> Body:
        """What became of an order, as soon as no cancellation of it can arrive any more.

        Binance's answers to questions may be behind what it does: not to know a number of its own ends none.
        """
        shown_by = self._rest.now() + ARRIVED_NS
        while True:
            asked = self._rest.now()
            body = await self._asking.order_unless_canceled(known)
            if body is None and asked >= shown_by:
                raise Unanswered(
                    f"Binance does not show the order {known.venue_id}, a number of its own", place="binance"
                )
            if body is not None and (body["status"] not in _WORKS or asked >= arrived_by):
                return body
            await asyncio.sleep(_SOON_S if body is None else (arrived_by - self._rest.now()) / _SECOND)

    async def _take_reports(self, symbol: str, reports: Sequence[Body]) -> None:
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
