"""The paper broker: the simulated exchange on live data, or on data that is played."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Final

import msgspec
import tradebot_native as native

from tradebot.brokers.paper.names import PaperNames
from tradebot.brokers.paper.words import answer_of, decimal, fill_of, open_order_of, update_of
from tradebot.core.account import AccountSnapshot, OpenPosition
from tradebot.core.asset_class import AssetClass
from tradebot.core.errors import OrderError
from tradebot.core.event import (
    AccountEvent,
    BarClosed,
    Cancel,
    CashFlow,
    CashFlowKind,
    MarketEvent,
    OrderNotFound,
    Query,
    QuoteSeen,
    Replace,
    Submit,
    TickSeen,
)
from tradebot.core.fill import Fill
from tradebot.core.instrument import Instrument
from tradebot.core.order import OrderIntent
from tradebot.core.protocols import BrokerAbilities

# Ended orders that are kept at least.
KEPT: Final = 1_000

Errand = Submit | Cancel | Replace | Query


class PaperBroker:
    """Trades on a :class:`tradebot_native.SimExchange`; no keys, no network, nothing at stake.

    Orders that were working before a bar are matched within it, exactly as in a backtest; an order decided on a bar can
    fill from the next one's open. On quotes and ticks they are matched as those come.

    Parameters
    ----------
    instruments : the markets, in the order of the exchange's.
    exchange : the exchange, fresh; :meth:`restore` brings an earlier state back.
    """

    abilities = BrokerAbilities(attaches_exits=True, links_orders=True)

    def __init__(self, instruments: Sequence[Instrument], exchange: native.SimExchange) -> None:
        self._instruments = {instrument.symbol: instrument for instrument in instruments}
        self._exchange = exchange
        self._names = PaperNames({})
        self._fills: list[Fill] = []
        # How many of them the latest snapshot has shown.
        self._shown = 0
        self._paid = (0.0, 0.0)
        self._flows = 0
        self._now = 0
        self._told: asyncio.Queue[AccountEvent] = asyncio.Queue()

    # In this process --------------------------------------------------------------------------------------------------

    def on_market(self, event: MarketEvent) -> list[AccountEvent]:
        """Let market data pass; returns what it did to the orders, the money and the positions.

        A price that is none (zero, NaN, crossed, of the past) moves nothing; the trader, which meets it next, tells so.
        """
        try:
            self._now = self._pass(event)
        except ValueError:
            return []
        told = [*self._cash_flows(event.symbol), *self._updates()]
        self._forget()
        return told

    def _forget(self) -> None:
        """Let go of orders that ended long ago, so that a bot may run for years."""
        exchange = self._exchange
        if exchange.forget(KEPT, ended_before=self._now, told=exchange.fill_count):
            self._names.forget(exchange)

    def _pass(self, event: MarketEvent) -> int:
        """Bring market data to the exchange; returns its time."""
        match event:
            case BarClosed(symbol, interval, bar):
                ts = interval.close_of(bar.ts)
                self._exchange.on_bar(symbol, bar, ts)
            case TickSeen(symbol, tick):
                ts = tick.ts
                self._exchange.on_tick(symbol, tick)
            case QuoteSeen(symbol, quote):
                ts = quote.ts
                self._exchange.on_quote(symbol, quote)
        return ts

    def apply(self, errand: Errand) -> list[AccountEvent]:
        """Take a command; returns its answer."""
        match errand:
            case Submit(order_id, intent):
                if order_id in self._names.numbers:
                    raise OrderError("the client id was used before", place=f"order {order_id}")
                number = self._exchange.submit(self._names.renumbered(order_id, intent))
                self._names.give(order_id, number)
            case Cancel(order_id):
                number = self._names.numbers.get(order_id)
                if number is None or not self._exchange.cancel(number):
                    return [self._told_of(order_id)]
            case Replace(order_id, quantity, price, trigger):
                return self._replaced(order_id, quantity, price, trigger)
            case Query(order_id):
                return [self._told_of(order_id)]
        return self._updates()

    def account(self) -> AccountSnapshot:
        """Orders, positions, balances, and the fills since the snapshot before the last.

        A snapshot goes on record: with all fills in each, a record would grow by their square.
        """
        exchange = self._exchange
        orders = [open_order_of(order, self._name_of(order.id)) for order in exchange.open_orders()]
        positions = [
            OpenPosition(symbol=held.symbol, quantity=decimal(held.quantity), entry_price=decimal(held.entry_price))
            for held in exchange.portfolio.positions()
        ]
        quote = next(iter(self._instruments.values())).quote
        # The exchange takes a perpetual's price off the cash; a venue's balance has what was realised alone.
        margined = sum(
            held.quantity * held.entry_price * float(instrument.multiplier)
            for held in exchange.portfolio.positions()
            if (instrument := self._instruments[held.symbol]).asset_class is AssetClass.PERPETUAL
        )
        fills = tuple(self._fills)
        self._fills = self._fills[self._shown :]
        self._shown = len(self._fills)
        return AccountSnapshot(
            ts=self._now,
            orders=tuple(orders),
            positions=tuple(positions),
            balances={quote: decimal(exchange.portfolio.cash + margined)},
            fills=fills,
        )

    def state(self) -> bytes:
        """Everything :meth:`restore` needs."""
        kept = _Kept(
            exchange=self._exchange.save(),
            numbers=self._names.numbers,
            fills=self._fills,
            paid=self._paid,
            flows=self._flows,
            now=self._now,
        )
        return msgspec.msgpack.encode(kept)

    def restore(self, state: bytes) -> None:
        """Go on from a saved state."""
        kept = msgspec.msgpack.decode(state, type=_Kept)
        self._exchange = native.SimExchange.restore(kept.exchange)
        self._names = PaperNames(kept.numbers)
        self._fills, self._shown = list(kept.fills), 0
        self._paid, self._flows, self._now = kept.paid, kept.flows, kept.now

    # As any other broker ----------------------------------------------------------------------------------------------

    async def submit(self, order_id: str, intent: OrderIntent) -> None:
        """Take an order."""
        self._tell(self.apply(Submit(order_id, intent)))

    async def cancel(self, order_id: str) -> None:
        """Take an order back."""
        self._tell(self.apply(Cancel(order_id)))

    async def replace(
        self,
        order_id: str,
        *,
        quantity: float | None = None,
        price: float | None = None,
        trigger: float | None = None,
    ) -> None:
        """Change an order."""
        self._tell(self.apply(Replace(order_id, quantity, price, trigger)))

    async def query(self, order_id: str) -> None:
        """Say what became of an order."""
        self._tell(self.apply(Query(order_id)))

    async def stream_events(self) -> AsyncIterator[AccountEvent]:
        """Answers to what was asked by the methods above."""
        while True:
            yield await self._told.get()

    async def snapshot(self) -> AccountSnapshot:
        """The account now."""
        return self.account()

    # ------------------------------------------------------------------------------------------------------------------

    def _tell(self, events: Sequence[AccountEvent]) -> None:
        for event in events:
            self._told.put_nowait(event)

    def _name_of(self, number: int) -> str:
        return self._names.of(number, self._exchange)

    def _updates(self) -> list[AccountEvent]:
        return [self._update(event) for event in self._exchange.take_events()]

    def _update(self, event: native.ExecutionEvent) -> AccountEvent:
        order_id = self._name_of(event.order)
        if event.fill_id is None:
            return update_of(event, order_id, None)
        fill = fill_of(event, order_id, self._instruments[event.symbol].quote)
        self._fills.append(fill)
        return update_of(event, order_id, fill)

    def _cash_flows(self, symbol: str) -> list[AccountEvent]:
        """Funding and borrow fees paid since the last look."""
        portfolio = self._exchange.portfolio
        paid = (portfolio.funding, portfolio.borrow)
        found: list[AccountEvent] = []
        for kind, now, before in zip((CashFlowKind.FUNDING, CashFlowKind.BORROW), paid, self._paid, strict=True):
            if now != before:
                self._flows += 1
                found.append(
                    CashFlow(
                        ts=self._now,
                        flow_id=f"{kind}-{self._flows}",
                        kind=kind,
                        amount=decimal(before - now),
                        currency=self._instruments[symbol].quote,
                        symbol=symbol,
                    )
                )
        self._paid = paid
        return found

    def _replaced(
        self, order_id: str, quantity: float | None, price: float | None, trigger: float | None
    ) -> list[AccountEvent]:
        number = self._names.numbers.get(order_id)
        if number is not None:
            try:
                self._exchange.replace(number, quantity=quantity, price=price, trigger=trigger)
            except ValueError:
                return [self._told_of(order_id)]
        return self._updates() if number is not None else [OrderNotFound(self._now, order_id)]

    def _told_of(self, order_id: str) -> AccountEvent:
        """What the exchange knows of an order."""
        number = self._names.numbers.get(order_id)
        if number is None:
            return OrderNotFound(self._now, order_id)
        return answer_of(self._exchange.order(number), order_id, self._now)


class _Kept(msgspec.Struct, kw_only=True):
    exchange: bytes
    numbers: Mapping[str, int]
    fills: list[Fill]
    paid: tuple[float, float]
    flows: int
    now: int
