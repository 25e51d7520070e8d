"""The spot broker: sends each order once, tells its fate, and answers for the account."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import Self

from tradebot.brokers.binance.arrival import learn
from tradebot.brokers.binance.connected import Connected
from tradebot.brokers.binance.fees import FeeWorth
from tradebot.brokers.binance.marks import AVERAGE_PRICE, Marks
from tradebot.brokers.binance.names import KnownOrder, OrderNames
from tradebot.brokers.binance.refusals import REJECTED, Paused, Refused, Unanswered, understood
from tradebot.brokers.binance.rest import BinanceRest
from tradebot.brokers.binance.rules import MarketRules
from tradebot.brokers.binance.settings import BinanceSettings
from tradebot.brokers.binance.spot import account
from tradebot.brokers.binance.spot.asking import SpotAsking
from tradebot.brokers.binance.spot.commission import Commissions
from tradebot.brokers.binance.spot.exits import Exits
from tradebot.brokers.binance.spot.listening import SpotWords
from tradebot.brokers.binance.spot.placing import Placing
from tradebot.brokers.binance.spot.requests import HELD
from tradebot.brokers.binance.spot.room import Room
from tradebot.brokers.binance.spot.sales import Sales, is_sale
from tradebot.brokers.binance.spot.sending import Sending
from tradebot.brokers.binance.spot.settling import Settling
from tradebot.brokers.binance.spot.snapshots import SpotSnapshots
from tradebot.brokers.binance.spot.subscription import Subscription
from tradebot.brokers.binance.spot.terms import Terms
from tradebot.brokers.binance.spot.unshown import NOTHING, Recorded, Unshown
from tradebot.brokers.binance.telling import Telling
from tradebot.brokers.binance.user_stream import UserStream
from tradebot.core.account import AccountSnapshot
from tradebot.core.errors import OrderError
from tradebot.core.holdings import Holdings
from tradebot.core.order import OrderIntent, OrderState, is_final
from tradebot.core.protocols import BrokerAbilities
from tradebot.venues.binance import BinanceHost


class BinanceSpotBroker(Connected):
    """Binance spot as an :class:`tradebot.core.protocols.ExecutionEngine`. Made by :meth:`connect`.

    Stops and targets rest at Binance. Trailing stops do not: their coins would be missing to the stop and the target.
    """

    abilities = BrokerAbilities(order_types=HELD)

    def __init__(
        self,
        rest: BinanceRest,
        host: BinanceHost,
        rules: dict[str, MarketRules],
        settings: BinanceSettings,
        prefixes: tuple[str, ...],
        since: int | None,
        holdings: Holdings | None = None,
        recorded: Recorded = NOTHING,
    ) -> None:
        self._settings = settings
        self._names = names = OrderNames()
        telling = Telling(names, rest.redactor)
        own = holdings or Holdings(prefixes)
        marks, commissions = Marks(rest, AVERAGE_PRICE), Commissions(names, own)
        fees = FeeWorth(marks, rules)
        self._sales = Sales(names, commissions, own, rules)
        self._terms = Terms(self._sales, marks)
        self._asking = SpotAsking(rest, names, telling, fees, commissions, self._sales, rules, prefixes, since)
        self._placing = Placing(rest, names)
        self._settling = Settling(rest, names, self._asking)
        sending = Sending(rest, telling, self._placing, self._settling, self._sales)
        exits = Exits(sending, self._settling, self._sales)
        self._room = Room(exits, sending, self._placing, self._sales, names, self._asking)
        telling.ended = self._room.ended
        stream = UserStream(Subscription(rest, host), settings.stream)
        self._words = SpotWords(rest, rules, stream, names, telling, self._asking, self._sales)
        unshown = Unshown(rest, names, self._asking, self._sales, recorded)
        self._snapshots = SpotSnapshots(
            rest, names, telling, self._asking, self._room, self._sales, unshown, stream, rules
        )
        super().__init__(rest, rules, telling, stream, self._words.hearing)

    @classmethod
    async def connect(
        cls,
        host: BinanceHost,
        key: str,
        secret: str,
        symbols: Sequence[str],
        *,
        prefixes: tuple[str, ...],
        settings: BinanceSettings | None = None,
        since: int | None = None,
        holdings: Holdings | None = None,
        recorded: Recorded = NOTHING,
    ) -> Self:
        """Connect, check the key, and read the markets.

        Parameters
        ----------
        host : live, demo or local.
        key, secret : those of the host.
        symbols : the markets.
        settings : how a bot trades; ``None`` for whoever only looks and closes.
        prefixes : what the client ids of the bot's orders begin with; all others are another's.
        since : time up to which all is on record, int64 ns UTC: what happened after it is told. ``None`` tells only
            what is to come.
        holdings : the coins that the bot's own orders may sell, with those on record; ``None`` for those alone that
            they buy from ``since`` on.
        recorded : orders that other processes have sent: a snapshot waits until it is known what became of each.

        Raises
        ------
        TradebotError : the key is not fit for a bot, or Binance does not answer.
        """
        chosen = settings or BinanceSettings()
        rest = BinanceRest(host, key, secret, timeout_s=chosen.timeout_s, closes=settings is None)
        try:
            await rest.time()
            rules = await account.checked(rest, host, symbols, opens=settings is not None)
            broker = cls(rest, host, rules, chosen, prefixes, since, holdings, recorded)
            await broker._asking.begin()
        except BaseException:
            await rest.close()
            raise
        return broker

    async def close(self) -> None:
        """Close the connections, once what is under way is done."""
        await self._room.close()
        await super().close()

    async def submit(self, order_id: str, intent: OrderIntent) -> None:
        """Send an order, once."""
        symbol = self._symbol(intent)
        try:
            request = await self._terms.of(order_id, intent, self._rules[symbol])
        except (OrderError, Refused, Unanswered, Paused) as error:
            self._tell(order_id, symbol, OrderState.REJECTED, str(error))
            return
        known = self._names.remember(request.known(order_id))
        known.is_conditional = False
        try:
            await self._place(known)
        except OrderError as error:
            self._tell(order_id, symbol, OrderState.REJECTED, str(error))
        except Paused as pause:
            self._tell(order_id, symbol, OrderState.REJECTED, f"not sent: {pause.fact}")
        except Unanswered as error:
            self._tell(order_id, symbol, OrderState.UNKNOWN, error.fact)
            if is_sale(known):
                self._learning.begin(learn(known, self._rest, self._settling.ask))
        except Refused as refusal:
            await self._refused(known, refusal)
        else:
            self._stream.expect()
            if not self._stream.is_open:
                # It may have filled already, and nobody would say so; its exits wait for that.
                await self.query(order_id)

    async def cancel(self, order_id: str) -> None:
        """Take an order back. One that has ended meanwhile tells how."""
        with self._failing(order_id):
            known = await self._found(order_id)
            if known is not None and (not is_final(known.state) or order_id in self._asking.surplus):
                await self._room.cancel(known)
                self._stream.expect()
            elif known is not None:
                self._tell(order_id, known.symbol, known.state, "requested", asked=True)
            elif (absent := self._names.get(order_id)) is not None and absent.is_absent:
                self._tell(order_id, absent.symbol, OrderState.CANCELED, "it has not arrived", asked=True)

    async def replace(
        self, order_id: str, *, quantity: float | None = None, price: float | None = None, trigger: float | None = None
    ) -> None:
        """Change an open order."""
        with self._failing(order_id):
            known = await self._found(order_id)
            if known is not None and not is_final(known.state):
                changes = self._terms.changed(known, self._rules[known.symbol], quantity, price, trigger)
                await self._room.change(known, changes)
                self._stream.expect()

    async def query(self, order_id: str) -> None:
        """Ask what became of an order. No answer tells nothing: whoever asks will ask again."""
        known = self._names.get(order_id)
        try:
            if known is not None and self._sales.is_away(known):
                self._tell(order_id, known.symbol, known.state, "it is placed anew in a moment", asked=True)
                await self._room.inquire()
            else:
                await self._asking.order(order_id)
        except (Refused, Unanswered, Paused) as error:
            self._hearing.fault = str(error)

    async def snapshot(self) -> AccountSnapshot:
        """Open orders, coins, money, and the trades since the snapshot before the last."""
        with understood("what it says of the account"):
            return await self._snapshots.take()

    async def working(self) -> tuple[str, ...]:
        """Client ids of the bot's working orders, for which nothing else is asked."""
        return tuple(await self._asking.working())

    # ------------------------------------------------------------------------------------------------------------------

    async def _watch(self) -> None:
        await self._words.watch(self._settings.rules_s)

    async def _place(self, known: KnownOrder) -> None:
        if known.entry:
            await self._room.add(known)
            return
        wished = known.units
        if known.side == "SELL" and known.params["type"] != "MARKET":
            await self._room.rest(known)
        else:
            if known.side == "SELL":
                await self._room.make(known)
            if await self._placing.place([known]) and known.side == "SELL":
                # Exits wait for its end.
                await self.query(known.order_id)
        ts, venue_id = self._rest.now(), known.venue_id
        terms = {"quantity": known.units} if known.units < wished else None
        self._telling.state(ts, known.order_id, known.symbol, OrderState.ACCEPTED, venue_id=venue_id, terms=terms)

    @contextmanager
    def _failing(self, order_id: str) -> Generator[None]:
        """Tell what the failure of a request about an order means for it."""
        try:
            yield
        except (Refused, OrderError, Unanswered, Paused) as error:
            known = self._names.get(order_id)
            state = OrderState.UNKNOWN if isinstance(error, Unanswered | Paused) else OrderState.ACCEPTED
            self._tell(order_id, known.symbol if known else "", state, error.fact, asked=True)

    async def _found(self, order_id: str) -> KnownOrder | None:
        """An order with its number at Binance; it is asked for where none is known, once nothing is placed anew."""
        known = self._names.get(order_id)
        if known is not None and not known.venue_id:
            await self._room.settle(known.symbol)
        if known is not None and (known.venue_id or self._sales.is_away(known)):
            return known
        return await self._asking.order(order_id)

    async def _refused(self, known: KnownOrder, refusal: Refused) -> None:
        """Binance has not taken an order."""
        if refusal.code == REJECTED and "duplicate order" in refusal.fact.lower():
            # An order of this name works there: it came through before.
            self._tell(known.order_id, known.symbol, OrderState.UNKNOWN, refusal.fact)
            return
        self._tell(known.order_id, known.symbol, OrderState.REJECTED, refusal.fact)
        if refusal.code == REJECTED:
            # Our books may not have what the account has.
            await self._hearing.compare(self._snapshots.take)
