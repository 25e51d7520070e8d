"""Questions about spot orders and trades, whose answers are told as events."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from tradebot.brokers.binance import reports
from tradebot.brokers.binance.arrival import BELIEVED_NS
from tradebot.brokers.binance.fees import FeeWorth
from tradebot.brokers.binance.listed import Listed
from tradebot.brokers.binance.names import KnownOrder, OrderNames, our_id
from tradebot.brokers.binance.refusals import Unanswered
from tradebot.brokers.binance.rest import BinanceRest, Endpoint
from tradebot.brokers.binance.rules import MarketRules
from tradebot.brokers.binance.spot import words
from tradebot.brokers.binance.spot.account import INFO
from tradebot.brokers.binance.spot.commission import Commissions
from tradebot.brokers.binance.spot.lookup import ANSWER_S, ORDER, Lookup
from tradebot.brokers.binance.spot.sales import Sales, is_live, is_sale
from tradebot.brokers.binance.telling import Telling
from tradebot.core.event import OrderNotFound
from tradebot.core.fill import Fill
from tradebot.core.order import OrderState, is_final

OPEN_ORDERS: Final = Endpoint("privateGetOpenOrders", 6)
TRADES: Final = Endpoint("privateGetMyTrades", 20)
TRADES_OF: Final = Endpoint("privateGetMyTrades", 5, urgent=True, answer_s=ANSWER_S)
_PAGE: Final = 1_000
_MILLISECOND: Final = 1_000_000

Body = Mapping[str, Any]


class SpotAsking:
    """What Binance knows, asked and told.

    The account may hold coins and orders of another hand. They are no concern of the bot's: only orders whose client id
    begins with one of its own prefixes are told.

    Parameters
    ----------
    rest, names, telling : where it is asked, whose orders there are, and to whom it is told.
    fees, commissions : give trades the worth of their fee, and the coins it took.
    sales : knows which orders are off the venue for the moment.
    rules : of the markets.
    prefixes : what the client ids of the bot's orders begin with.
    since : time from which trades are of interest, int64 ns UTC; ``None`` for what is to come.

    Attributes
    ----------
    doubles : rows of working orders in whose place a later one of the same name works too.
    surplus : orders that have ended by what was told, and work all the same by the latest look at all that do.
    """

    def __init__(
        self,
        rest: BinanceRest,
        names: OrderNames,
        telling: Telling,
        fees: FeeWorth,
        commissions: Commissions,
        sales: Sales,
        rules: Mapping[str, MarketRules],
        prefixes: tuple[str, ...],
        since: int | None,
    ) -> None:
        self._rest = rest
        self._names = names
        self._telling = telling
        self._fees = fees
        self._commissions = commissions
        self._sales = sales
        self._rules = rules
        self._prefixes = prefixes
        self._since = None if since is None else since // _MILLISECOND
        self._lookup = Lookup(rest, rules)
        self._listed = Listed(rest, telling, INFO)
        self._complete: dict[str, int] = {}
        self.surplus: set[str] = set()
        self.doubles: list[Body] = []
        # Orders of another hand whose trades were met, the latest of them.
        self._others: deque[tuple[str, str]] = deque(maxlen=_PAGE)

    async def begin(self) -> None:
        """Pass over what has happened before, where only what is to come is of interest."""
        if self._since is not None:
            return
        for symbol in self._rules:
            rows: list[Body] = await self._rest.ask(TRADES, {"symbol": symbol, "limit": 1})
            self._complete[symbol] = max((int(row["id"]) for row in rows), default=0)

    def is_ours(self, client_id: str) -> bool:
        """Whether an order was sent by the bot, now or by an earlier process."""
        return self._names.get(our_id(client_id)) is not None or client_id.startswith(self._prefixes)

    async def order(self, order_id: str, symbol: str = "") -> KnownOrder | None:
        """What became of an order; ``None`` (and an ``OrderNotFound``) where Binance does not know it.

        One that is not known is looked for in ``symbol``, or in every market.

        "Not found" ends an order for the broker once it cannot arrive any more; whoever is told judges for himself. Of
        one that was taken back or placed anew since it was asked, the answer says nothing.

        Raises
        ------
        Unanswered : not all of its trades are told yet, or it has a number of Binance's which it does not show.
        Refused, Paused : as the question ended.
        """
        known, asked, move = self._names.get(order_id), self._rest.now(), self._sales.moves
        found = await (
            self._lookup.by_number(known) if known and known.venue_id else self._lookup.by_name(order_id, known, symbol)
        )
        if known is not None and self._sales.has_moved(known, move):
            if found is not None:
                await self.catch_up(known.symbol, str(found["orderId"]), order_id, Decimal(found["executedQty"]))
            self._telling.state(self._rest.now(), order_id, known.symbol, known.state, asked=True)
            return known
        if found is None:
            self._lookup.require_gone(known, asked)
            self._telling.put(OrderNotFound(self._rest.now(), order_id))
            if known is not None and 0 < known.arrived_by <= asked:
                known.is_absent = True
                self._telling.ended(order_id)
                if is_sale(known) and asked >= known.arrived_by + BELIEVED_NS:
                    # Whoever asked for it waits much longer before he believes it, and a sale is urgent.
                    self._telling.state(
                        asked, order_id, known.symbol, OrderState.REJECTED, reason="it has not arrived", asked=True
                    )
            return None
        known = self._names.remember(words.known_order(order_id, found))
        await self.tell(found, order_id)
        return known

    async def order_unless_canceled(self, known: KnownOrder) -> Body | None:
        """Tell what became of an order that works no more, unless it was taken back, as the partner of another is.

        Returns
        -------
        Binance's answer; ``None`` where it does not know the order.
        """
        found = await self._lookup.by_number(known)
        if found is not None and found["status"] != "CANCELED":
            await self.tell(found, known.order_id)
        elif found is not None:
            await self.catch_up(known.symbol, known.venue_id, known.order_id, Decimal(found["executedQty"]))
        return found

    async def trades(self) -> int:
        """Tell of the trades that were not told yet; returns how many there were."""
        found = await asyncio.gather(*map(self._trades_of, self._rules), return_exceptions=True)
        for each in found:
            if isinstance(each, BaseException):
                raise each
        return sum(each for each in found if isinstance(each, int))

    async def working(self) -> Mapping[str, Body]:
        """The bot's working orders by their names, of each the latest that stands for it; they are known from then on.

        Of one that was met here first the trades are not told yet.
        """
        rows: dict[str, list[Body]] = {}
        for symbol in self._rules:
            for row in await self._listed.rows(OPEN_ORDERS, {"symbol": symbol}):
                if self.is_ours(row["clientOrderId"]):
                    rows.setdefault(our_id(row["clientOrderId"]), []).append(row)
        for each in rows.values():
            each.sort(key=lambda row: int(row["orderId"]))
        self.doubles = [row for each in rows.values() for row in each[:-1]]
        latest = {name: each[-1] for name, each in rows.items()}
        for name, row in latest.items():
            known = self._names.remember(words.known_order(name, row))
            if not self._sales.is_away(known) and int(row["orderId"]) >= int(known.venue_id or 0):
                self._sales.trust(known)
                known.client_id = row["clientOrderId"]
                self._names.link(row["symbol"], str(row["orderId"]), name)
        return latest

    async def open_now(self) -> Mapping[str, Body]:
        """:meth:`working`, with what was traded of each."""
        met = {known.order_id for known in self._names}
        latest = await self.working()
        for name in latest.keys() - met:
            # What it has left is known only with its trades, also those of an earlier process.
            row = latest[name]
            await self.catch_up(row["symbol"], str(row["orderId"]), name, Decimal(row["executedQty"]))
        self.surplus = {known.order_id for known in self._names if known.order_id in latest and is_final(known.state)}
        return latest

    async def resync(self) -> None:
        """Tell of everything that a stream which was not open has missed."""
        await self.trades()
        open_ids = {str(row["orderId"]) for row in (await self.open_now()).values()}
        for known in self._names:
            waits = not known.arrived_by or self._sales.is_away(known)
            missing = is_live(known) and known.venue_id not in open_ids and not waits
            if missing and self._listed.has(known.symbol):
                await self.order(known.order_id)

    async def tell(self, body: Body, order_id: str, *, reason: str = "", asked: bool = True) -> None:
        """Tell what an answer says of an order, its trades first."""
        symbol, venue_id = body["symbol"], str(body["orderId"])
        self._names.link(symbol, venue_id, order_id)
        await self.catch_up(symbol, venue_id, order_id, Decimal(body["executedQty"]))
        known = self._names.get(order_id)
        before = (known.filled if known else Decimal(0)) - Decimal(body["executedQty"])
        terms = reports.terms(Decimal(body["origQty"]) + max(before, Decimal(0)), body["price"])
        state, ts = reports.order_state(body["status"]), reports.instant(body["updateTime"])
        if known is not None:
            self._sales.trust(known)
            await self.before_end(known, state)
        self._telling.state(
            ts, order_id, symbol, state, venue_id=venue_id, reason=reason, terms=terms if asked else None, asked=asked
        )

    async def before_end(self, known: KnownOrder, state: OrderState) -> None:
        """Tell of the trades by which the partner of an exit has ended it, before its end is told.

        Whoever puts another exit in its place must know what is left.
        """
        if known.entry and state is OrderState.EXPIRED:
            for other in self._sales.exits(known.symbol, known.entry):
                if other is not known and other.venue_id:
                    await self.trades_of_order(known.symbol, other.venue_id, other.order_id)

    async def catch_up(self, symbol: str, venue_id: str, order_id: str, executed: Decimal) -> None:
        """Tell of an order's trades where more of it has executed than was told.

        Raises
        ------
        Unanswered : the venue does not know all of them yet; whoever counts coins must not go on without them.
        """
        if self._commissions.of(symbol, venue_id).quantity < executed:
            rows = await self.trades_of_order(symbol, venue_id, order_id)
            if len(rows) < _PAGE and sum(Decimal(row["qty"]) for row in rows) < executed:
                raise Unanswered(f"{order_id} has traded {executed:f}, and not all of it is told yet", place="binance")

    async def trades_of_order(self, symbol: str, venue_id: str, order_id: str) -> Sequence[Body]:
        """Tell of every trade of an order, in their order; returns them as the venue gives them."""
        rows: list[Body] = await self._rest.ask(TRADES_OF, {"symbol": symbol, "orderId": venue_id, "limit": _PAGE})
        for row in sorted(rows, key=lambda row: int(row["id"])):
            await self.tell_trade(words.fill_of_trade(row, order_id), venue_id, OrderState.PARTIALLY_FILLED)
        return rows

    async def tell_trade(self, fill: Fill, venue_id: str, state: OrderState) -> bool:
        """Tell of a trade and of the coins its fee took, once."""
        if self._telling.knows(fill.symbol, fill.trade_id):
            return False
        told = await self._fees.told(fill)
        # Between the two no other trade may be told: what was told before this one counts for its fee.
        if not self._telling.fill(told, state, venue_id=venue_id):
            return False
        taken = self._commissions.after(fill, venue_id, self._rules[fill.symbol].instrument)
        if taken is not None:
            self._telling.fill(taken, OrderState.FILLED)
        return True

    async def _trades_of(self, symbol: str) -> int:
        count = 0
        while True:
            complete = self._complete.get(symbol)
            begin = {"fromId": complete + 1} if complete is not None else {"startTime": self._since or 0}
            rows = await self._listed.rows(TRADES, {"symbol": symbol, "limit": _PAGE} | begin)
            for row in rows:
                count += await self._take_trade(row)
                self._complete[symbol] = max(self._complete.get(symbol, 0), int(row["id"]))
            if len(rows) < _PAGE:
                return count

    async def _take_trade(self, row: Body) -> bool:
        """Tell of a trade that a look-up has found; of an order that is met here first, every trade."""
        symbol, venue_id = row["symbol"], str(row["orderId"])
        if (symbol, venue_id) in self._others or self._telling.knows(symbol, str(row["id"])):
            return False
        owner = self._names.owner(symbol, venue_id)
        if owner is None:
            body: Body = await self._rest.ask(ORDER, {"symbol": symbol, "orderId": venue_id})
            if not self.is_ours(body["clientOrderId"]):
                self._others.append((symbol, venue_id))
                return False
            owner = our_id(body["clientOrderId"])
            self._names.remember(words.known_order(owner, body))
        if not self._commissions.of(symbol, venue_id).quantity:
            await self.trades_of_order(symbol, venue_id, owner)
            return True
        return await self.tell_trade(words.fill_of_trade(row, owner), venue_id, OrderState.PARTIALLY_FILLED)
