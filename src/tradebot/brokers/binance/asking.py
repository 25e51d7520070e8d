"""Questions about orders, trades and money, whose answers are told as events."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from tradebot.brokers.binance import reports
from tradebot.brokers.binance.account import INFO
from tradebot.brokers.binance.arrival import BELIEVED_NS
from tradebot.brokers.binance.fees import FeeWorth
from tradebot.brokers.binance.income import Income
from tradebot.brokers.binance.listed import Listed
from tradebot.brokers.binance.names import KnownOrder, OrderNames, foreign_id, our_id
from tradebot.brokers.binance.refusals import UNKNOWN_ORDER, Refused
from tradebot.brokers.binance.rest import BinanceRest, Endpoint
from tradebot.brokers.binance.rules import MarketRules
from tradebot.brokers.binance.telling import Telling
from tradebot.core.event import OrderNotFound
from tradebot.core.order import OrderState, is_final

ORDER: Final = Endpoint("fapiPrivateGetOrder")
ALGO: Final = Endpoint("fapiPrivateGetAlgoOrder")
ALGOS: Final = Endpoint("fapiPrivateGetAllAlgoOrders", 5)
OPEN_ORDERS: Final = Endpoint("fapiPrivateGetOpenOrders")
OPEN_ALGOS: Final = Endpoint("fapiPrivateGetOpenAlgoOrders")
TRADES: Final = Endpoint("fapiPrivateGetUserTrades", 5)
CANCEL_ALGO: Final = Endpoint("fapiPrivateDeleteAlgoOrder", urgent=True, repeats=False)
_PAGE: Final = 1_000
_MILLISECOND: Final = 1_000_000
# Trades are asked by time for at most seven days; from a known one on, by its number, without an end.
_LONGEST_MS: Final = 7 * 86_400_000 - 1

Body = Mapping[str, Any]


class Asking:
    """What Binance knows, asked and told.

    Parameters
    ----------
    rest, names, telling : where it is asked, whose orders there are, and to whom it is told.
    fees : gives trades the worth of their fee.
    rules : of the markets, by symbol.
    since : time from which trades and money are of interest, int64 ns UTC; ``None`` for what is to come.

    Attributes
    ----------
    changing : orders that are being made anew at this moment.
    income : money that moved without a trade.
    """

    def __init__(
        self,
        rest: BinanceRest,
        names: OrderNames,
        telling: Telling,
        fees: FeeWorth,
        rules: Mapping[str, MarketRules],
        since: int | None,
    ) -> None:
        self._rest = rest
        self._names = names
        self._telling = telling
        self._fees = fees
        self._symbols = tuple(rules)
        self._listed = Listed(rest, telling, INFO)
        self._since = None if since is None else since // _MILLISECOND
        quotes = frozenset(each.instrument.quote for each in rules.values())
        self.income = Income(rest, telling, quotes, self._since)
        # Up to which trade everything was asked for. What the stream tells moves none of it: it may have lost some.
        self._complete: dict[str, int] = {}
        self.changing: set[str] = set()

    async def begin(self) -> None:
        """Pass over what has happened before, where only what is to come is of interest."""
        if self._since is not None:
            return
        for symbol in self._symbols:
            rows: list[Body] = await self._rest.ask(TRADES, {"symbol": symbol, "limit": 1})
            self._complete[symbol] = max((int(row["id"]) for row in rows), default=0)
        await self.income.pass_over()

    async def order(self, order_id: str) -> KnownOrder | None:
        """What became of an order; ``None`` (and an ``OrderNotFound``) where Binance does not know it.

        One that closes a position, and cannot arrive any more, has not been taken: it is to be given again.
        """
        known, asked = self._names.get(order_id), self._rest.now()
        found = await self._look_up(known) if known else await self._search(order_id)
        if found is None:
            self._telling.put(OrderNotFound(self._rest.now(), order_id))
            if known is not None and known.closes and _has_not_arrived(known, asked):
                # Whoever asked for it waits much longer before he believes it.
                self._telling.state(
                    asked, order_id, known.symbol, OrderState.REJECTED, reason="it has not arrived", asked=True
                )
        return found

    async def trades(self) -> int:
        """Tell of the trades that were not told yet; returns how many there were."""
        found = await asyncio.gather(*map(self._trades_of, self._symbols), return_exceptions=True)
        for each in found:
            # One market that gets no answer keeps no other waiting.
            if isinstance(each, BaseException):
                raise each
        return sum(each for each in found if isinstance(each, int))

    async def open_now(self) -> tuple[list[Body], list[Body]]:
        """Working orders and waiting conditional orders of the markets."""
        orders: list[Body] = []
        algos: list[Body] = []
        asked = {known.order_id: known.client_id for known in self._names}
        for symbol in self._symbols:
            orders += await self._listed.rows(OPEN_ORDERS, {"symbol": symbol})
            algos += await self._listed.rows(OPEN_ALGOS, {"symbol": symbol})
        for row in orders:
            await self.owner(row["symbol"], str(row["orderId"]), row["clientOrderId"], row["origType"])
        return orders, await self._without_forerunners(algos, asked)

    async def _without_forerunners(self, algos: list[Body], asked: Mapping[str, str]) -> list[Body]:
        """Conditional orders of which each stands for one of ours.

        One that is made anew is placed before its forerunner is canceled; whoever died between the two left both.
        """
        latest: dict[str, Body] = {}
        for row in algos:
            known = self._meet(row)
            name, before = known.order_id, latest.get(known.order_id)
            if name not in self.changing and known.venue_id:
                # Its forerunner has triggered, and what that has placed is the order.
                await self._found(CANCEL_ALGO, {"clientAlgoId": row["clientAlgoId"]})
                continue
            if before is None or name in self.changing:
                latest[name] = row
                continue
            older, newer = sorted((before, row), key=lambda each: int(each["algoId"]))
            latest[name] = newer
            # Before the older one goes, for the stream may tell of that first, and it is not the end of the order.
            self._stands_for(name, newer, asked)
            await self._found(CANCEL_ALGO, {"clientAlgoId": older["clientAlgoId"]})
        for name, row in latest.items():
            self._stands_for(name, row, asked)
        return list(latest.values())

    def _stands_for(self, name: str, row: Body, asked: Mapping[str, str]) -> None:
        """Note which conditional order is ours now; an answer from before a change of it says nothing of that."""
        known, client_id = self._names.get(name), row["clientAlgoId"]
        if known is None or name in self.changing or known.is_before(client_id):
            return
        if known.client_id == asked.get(name, known.client_id):
            known.stand_as(client_id)

    async def resync(self) -> None:
        """Tell of everything that a stream which was not open has missed."""
        await self.trades()
        orders, algos = await self.open_now()
        open_ids = {str(row["orderId"]) for row in orders}
        waiting = {row["clientAlgoId"] for row in algos}
        for known in self._names:
            works = known.venue_id in open_ids or known.client_id in waiting or not self._listed.has(known.symbol)
            if not is_final(known.state) and not works and known.state is not OrderState.SUBMITTED:
                await self.order(known.order_id)

    async def owner(self, symbol: str, venue_id: str, client_id: str, original_type: str) -> str:
        """Our name of an order of the matching engine.

        A conditional order places one with a number of its own, and whatever client id, when it triggers.
        """
        found = self._names.owner(symbol, venue_id)
        if found is not None:
            return found
        name = our_id(client_id)
        if self._names.get(name) is None:
            name = await self._parent(symbol, venue_id, original_type) or name
        self._names.link(symbol, venue_id, name or foreign_id(client_id, venue_id))
        return self._names.owner(symbol, venue_id) or name

    async def tell(self, body: Body, order_id: str, *, reason: str = "", asked: bool = True) -> None:
        """Tell what an answer says of an order of the matching engine, its trades first."""
        symbol, venue_id = body["symbol"], str(body["orderId"])
        self._names.link(symbol, venue_id, order_id)
        state = reports.order_state(body["status"])
        known = self._names.get(order_id)
        if known is None or known.filled < Decimal(body["executedQty"]):
            rows: list[Body] = await self._rest.ask(TRADES, {"symbol": symbol, "orderId": venue_id, "limit": _PAGE})
            for row in rows:
                fill = await self._fees.told(reports.fill_of_trade(row, order_id))
                self._telling.fill(fill, OrderState.PARTIALLY_FILLED, venue_id=venue_id)
        terms = reports.terms(body["origQty"], body["price"])
        ts = reports.instant(body["updateTime"])
        self._telling.state(
            ts, order_id, symbol, state, venue_id=venue_id, reason=reason, terms=terms if asked else None, asked=asked
        )

    async def _look_up(self, known: KnownOrder) -> KnownOrder | None:
        """Ask about an order that was sent from here."""
        try:
            if known.is_conditional and not known.venue_id:
                await self.settle_successor(known)
                return await self._told_algo(await self._rest.ask(ALGO, {"clientAlgoId": known.client_id}))
            name = {"orderId": known.venue_id} if known.venue_id else {"origClientOrderId": known.client_id}
            await self.tell(await self._rest.ask(ORDER, {"symbol": known.symbol} | name), known.order_id)
        except Refused as refusal:
            if refusal.code in UNKNOWN_ORDER:
                return None
            raise
        return known

    async def settle_successor(self, known: KnownOrder) -> None:
        """Whether what was to take an order's place has arrived; then that goes. A change settles its own."""
        forerunner, successor = known.client_id, known.successor
        if not successor or known.order_id in self.changing:
            return
        if await self._found(ALGO, {"clientAlgoId": successor}) is not None and known.successor == successor:
            known.stand_as(successor)
            await self._found(CANCEL_ALGO, {"clientAlgoId": forerunner})

    async def _search(self, order_id: str) -> KnownOrder | None:
        """Ask about an order that an earlier process has sent: its market and kind are not known here."""
        for symbol in self._symbols:
            found = await self._found(ORDER, {"symbol": symbol, "origClientOrderId": order_id})
            if found is not None and found["origType"] not in reports.CONDITIONAL_TYPES:
                known = self._names.remember(reports.known(order_id, found, is_conditional=False))
                await self.tell(found, order_id)
                return known
        found = await self._found(ALGO, {"clientAlgoId": order_id})
        return await self._told_algo(found) if found is not None else None

    async def _found(self, endpoint: Endpoint, params: dict[str, Any]) -> Body | None:
        try:
            return await self._rest.ask(endpoint, params)
        except Refused as refusal:
            if refusal.code in UNKNOWN_ORDER:
                return None
            raise

    async def _told_algo(self, row: Body) -> KnownOrder:
        """Tell what an answer says of a conditional order, or of the order it has placed."""
        known = self._meet(row)
        placed = reports.placed_by(row.get("actualOrderId"))
        state = reports.algo_state(row["algoStatus"])
        if placed:
            self._names.link(known.symbol, placed, known.order_id)
            await self.tell(await self._rest.ask(ORDER, {"symbol": known.symbol, "orderId": placed}), known.order_id)
            return known
        terms = {"quantity": Decimal(row["quantity"] or 0), "trigger": Decimal(row["triggerPrice"] or 0)}
        self._telling.state(
            reports.instant(row["updateTime"]),
            known.order_id,
            known.symbol,
            state or OrderState.EXPIRED,  # finished without having placed an order
            venue_id=str(row["algoId"]),
            terms={name: value for name, value in terms.items() if value},
            asked=True,
        )
        return known

    def _meet(self, row: Body) -> KnownOrder:
        """Remember a conditional order."""
        return self._names.remember(reports.known(our_id(row["clientAlgoId"]), row, is_conditional=True))

    async def _parent(self, symbol: str, venue_id: str, original_type: str) -> str:
        """Our name of the conditional order that has placed an order; empty where none did."""
        if original_type not in reports.CONDITIONAL_TYPES:
            return ""
        for row in await self._rest.ask(ALGOS, {"symbol": symbol, "limit": _PAGE}):
            if reports.placed_by(row.get("actualOrderId")) == venue_id:
                return self._meet(row).order_id
        return ""

    async def _trades_of(self, symbol: str) -> int:
        count = 0
        while True:
            complete = self._complete.get(symbol)
            earliest = max(self._since or 0, self._rest.now() // _MILLISECOND - _LONGEST_MS)
            begin = {"fromId": complete + 1} if complete is not None else {"startTime": earliest}
            rows = await self._listed.rows(TRADES, {"symbol": symbol, "limit": _PAGE} | begin)
            for row in rows:
                fill = await self._fees.told(reports.fill_of_trade(row, await self._owner_of_trade(row)))
                count += self._telling.fill(fill, OrderState.PARTIALLY_FILLED, venue_id=str(row["orderId"]))
                self._complete[symbol] = max(self._complete.get(symbol, 0), int(row["id"]))
            if len(rows) < _PAGE:
                return count

    async def _owner_of_trade(self, row: Body) -> str:
        symbol, venue_id = row["symbol"], str(row["orderId"])
        found = self._names.owner(symbol, venue_id)
        if found is not None:
            return found
        body = await self._found(ORDER, {"symbol": symbol, "orderId": venue_id})
        if body is None:
            return foreign_id("", venue_id)
        return await self.owner(symbol, venue_id, body["clientOrderId"], body["origType"])


def _has_not_arrived(known: KnownOrder, asked: int) -> bool:
    """Whether an order that was not found at a time is believed not to have arrived."""
    return not known.venue_id and 0 < known.arrived_by <= asked - BELIEVED_NS
