"""The words of spot's user stream, and what no stream tells."""

from __future__ import annotations

import asyncio
import logging
from decimal import Decimal
from functools import partial
from typing import Any, Final

from tradebot.brokers.binance import reports
from tradebot.brokers.binance.hearing import Hearing
from tradebot.brokers.binance.names import KnownOrder, OrderNames, our_id
from tradebot.brokers.binance.rest import BinanceRest
from tradebot.brokers.binance.rules import MarketRules, renew
from tradebot.brokers.binance.spot import words
from tradebot.brokers.binance.spot.account import market_rules
from tradebot.brokers.binance.spot.asking import SpotAsking
from tradebot.brokers.binance.spot.bareness import tell_bareness
from tradebot.brokers.binance.spot.sales import Sales
from tradebot.brokers.binance.telling import Telling
from tradebot.brokers.binance.user_stream import UserStream

_log: Final = logging.getLogger(__name__)
_CLOCK_S: Final = 60.0


class SpotWords:
    """Tells what spot's user stream says.

    Parameters
    ----------
    rest, rules : the requests, and the markets by symbol, whose status is kept up to date.
    stream : the messages.
    names, telling, asking : whose orders there are, to whom it is told, and where it is asked.
    sales : knows which orders are off the venue for the moment.

    Attributes
    ----------
    hearing : listens.
    """

    def __init__(
        self,
        rest: BinanceRest,
        rules: dict[str, MarketRules],
        stream: UserStream,
        names: OrderNames,
        telling: Telling,
        asking: SpotAsking,
        sales: Sales,
    ) -> None:
        self.hearing = Hearing(stream, telling, self._take, asking.resync)
        self._rest = rest
        self._rules = rules
        self._names = names
        self._telling = telling
        self._asking = asking
        self._sales = sales

    async def watch(self, rules_s: float) -> None:
        """Ask now and then for what no stream tells, the rules and the time; and say where no stop rests."""
        read_rules = partial(renew, self._rest, self._rules, market_rules)
        await asyncio.gather(
            self.hearing.every(rules_s, read_rules, asyncio.Event()),
            self.hearing.every(_CLOCK_S, self._rest.time, asyncio.Event()),
            tell_bareness(self._rest, self._sales, self._telling),
        )

    async def _take(self, message: dict[str, Any]) -> None:
        if message.get("e") == "executionReport":
            # A cancellation has a name of its own, and beside it that of the order.
            client_id = message["C"] or message["c"]
            if self._asking.is_ours(client_id):
                await self._on_order(message, client_id)
        else:
            _log.debug("binance user stream: %s is not used", message.get("e"))

    async def _on_order(self, told: dict[str, Any], client_id: str) -> None:
        symbol, venue_id, order_id = told["s"], str(told["i"]), our_id(client_id)
        known = self._names.get(order_id)
        fill = words.fill_of_report(told, order_id)
        if fill is None:
            # A trade whose message was lost would be sold again once its order is told to have ended.
            await self._asking.catch_up(symbol, venue_id, order_id, Decimal(told["z"]))
            if self._speaks_for(known, client_id):
                if known is not None:
                    await self._asking.before_end(known, reports.order_state(told["X"]))
                self._on_state(told, order_id, venue_id)
            return
        earlier = Decimal(told["z"]) - fill.quantity
        state = reports.order_state(told["X"])
        await self._asking.catch_up(symbol, venue_id, order_id, earlier)
        if await self._asking.tell_trade(fill, venue_id, state):
            self._names.link(symbol, venue_id, order_id)
        elif self._speaks_for(known, client_id):
            # The trade was told by an answer, which did not say where its order is.
            self._on_state(told, order_id, venue_id)

    def _on_state(self, told: dict[str, Any], order_id: str, venue_id: str) -> None:
        state = reports.order_state(told["X"])
        self._names.link(told["s"], venue_id, order_id)
        reason = "" if told.get("r") in (None, "NONE") else str(told["r"])
        ts = reports.instant(told["T"])
        self._telling.state(ts, order_id, told["s"], state, venue_id=venue_id, reason=reason)

    def _speaks_for(self, known: KnownOrder | None, client_id: str) -> bool:
        """Whether what is said of an order is said of ours: not of one that it has replaced or is replacing now."""
        if known is None:
            return True
        return known.client_id == client_id and not self._sales.is_away(known)
