"""The broker: sends each order once, tells its fate, and answers for the account."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final, Self

from tradebot.brokers.binance import account
from tradebot.brokers.binance.arrival import ARRIVED_NS, learn
from tradebot.brokers.binance.asking import CANCEL_ALGO, Asking
from tradebot.brokers.binance.changing import Changing
from tradebot.brokers.binance.connected import Connected
from tradebot.brokers.binance.dead_man import DeadMan
from tradebot.brokers.binance.fees import FeeWorth
from tradebot.brokers.binance.futures_words import FuturesWords
from tradebot.brokers.binance.listen_key import ListenKey
from tradebot.brokers.binance.marks import Marks
from tradebot.brokers.binance.names import KnownOrder, OrderNames, our_id
from tradebot.brokers.binance.placing import placed
from tradebot.brokers.binance.refusals import REDUCE_ONLY, UNKNOWN_ORDER, Paused, Refused, Unanswered, understood
from tradebot.brokers.binance.requests import TRAIL_PCT, OrderRequest, request_of
from tradebot.brokers.binance.rest import BinanceRest, Endpoint
from tradebot.brokers.binance.rules import MarketRules
from tradebot.brokers.binance.settings import BinanceSettings
from tradebot.brokers.binance.snapshots import Snapshots
from tradebot.brokers.binance.telling import Telling
from tradebot.brokers.binance.user_stream import UserStream
from tradebot.core.account import AccountSnapshot
from tradebot.core.decimals import exact
from tradebot.core.errors import OrderError
from tradebot.core.event import Alarm, Severity
from tradebot.core.order import OrderIntent, OrderState, exit_of
from tradebot.core.protocols import BrokerAbilities
from tradebot.venues.binance import BinanceHost

_CANCEL: Final = Endpoint("fapiPrivateDeleteOrder", urgent=True, repeats=False, answer_s=2.0)

# Whoever closes waits for them.
_HELD: Final = Endpoint("fapiPrivateV3GetPositionRisk", 5, urgent=True, repeats=False, patience_s=2.0, answer_s=2.0)
_RESTING: Final = Endpoint("fapiPrivateGetOpenOrders", urgent=True, repeats=False, patience_s=2.0, answer_s=2.0)

_DUPLICATE: Final = -4116
_MARGIN: Final = -2019
_CLOSED: Final = (-4140, -4141)


class BinanceBroker(Connected):
    """Binance USD-M futures as an :class:`tradebot.core.protocols.ExecutionEngine`. Made by :meth:`connect`.

    Conditional orders rest at Binance's algo service under our client ids. One that is to be changed is made anew under
    the same name with a count behind it, placed before its forerunner is canceled: no position is without its stop.
    """

    abilities = BrokerAbilities(trail_pct=TRAIL_PCT)

    def __init__(
        self,
        rest: BinanceRest,
        host: BinanceHost,
        rules: dict[str, MarketRules],
        settings: BinanceSettings,
        since: int | None,
    ) -> None:
        self._settings = settings
        self._names = names = OrderNames()
        telling = Telling(names, rest.redactor)
        self._marks = Marks(rest)
        fees = FeeWorth(self._marks, rules)
        self._asking = Asking(rest, names, telling, fees, rules, since)
        self._changing = Changing(rest, self._asking, telling, rules)
        stream = UserStream(ListenKey(rest, host, settings.stream.keep_alive_s), settings.stream)
        dead_man = DeadMan(rest, rules, settings.dead_man_s)
        self._words = FuturesWords(rest, rules, stream, names, telling, self._asking, fees, dead_man)
        self._snapshots = Snapshots(rest, names, telling, self._asking, stream, dead_man, rules)
        super().__init__(rest, rules, telling, stream, self._words.hearing)

    @classmethod
    async def connect(
        cls,
        host: BinanceHost,
        key: str,
        secret: str,
        symbols: Sequence[str],
        *,
        settings: BinanceSettings | None = None,
        since: int | None = None,
    ) -> Self:
        """Connect, check the key and the account, and read the markets.

        Parameters
        ----------
        host : live, demo or local.
        key, secret : those of the host.
        symbols : the markets.
        since : time up to which all is on record, int64 ns UTC: what happened after it is told. ``None`` tells only
            what is to come.

        Raises
        ------
        TradebotError : the key or the account is not fit for a bot, or Binance does not answer.
        """
        chosen = settings or BinanceSettings()
        rest = BinanceRest(host, key, secret, timeout_s=chosen.timeout_s, closes=settings is None)
        try:
            await rest.time()
            rules = await account.market_rules(rest, symbols)
            if host.account:
                await account.check_key(rest)
            await account.check_mode(rest)
            if settings is not None:
                await account.set_leverage(rest, symbols, settings.leverage, settings.margin_type)
                rules = await account.with_costs(rest, rules)
            broker = cls(rest, host, rules, chosen, since)
            await broker._asking.begin()
        except BaseException:
            await rest.close()
            raise
        return broker

    async def submit(self, order_id: str, intent: OrderIntent) -> None:
        """Send an order, once."""
        symbol = self._symbol(intent)
        try:
            self._words.check_mode(reduces=intent.reduce_only)
            request = request_of(order_id, intent, self._rules[symbol])
            await self._marks.check(intent, request, self._rules[symbol])
        except (OrderError, Refused, Unanswered, Paused) as error:
            self._tell(order_id, symbol, OrderState.REJECTED, str(error))
            return
        known, wished = self._names.remember(request.known(order_id)), exact(intent.quantity)
        try:
            body = await self._placed(request, wished, closes=intent.reduce_only)
        except Paused as pause:
            self._tell(order_id, symbol, OrderState.REJECTED, f"not sent: {pause.fact}")
        except Unanswered as error:
            known.arrived_by = self._rest.now() + ARRIVED_NS
            self._tell(order_id, symbol, OrderState.UNKNOWN, error.fact)
            if known.closes:
                self._learning.begin(learn(known, self._rest, self._ask))
        except Refused as refusal:
            await self._refused(order_id, symbol, refusal)
        else:
            if not request.is_conditional:
                self._names.link(symbol, str(body["orderId"]), order_id)
            venue_id = str(body["algoId"] if request.is_conditional else body["orderId"])
            is_cut = request.quantity <= wished - self._rules[symbol].instrument.lot_size
            if is_cut and known.closes:
                self._tell_rest(symbol, request, wished)
            terms = {"quantity": request.quantity} if is_cut else None
            self._telling.state(self._rest.now(), order_id, symbol, OrderState.ACCEPTED, venue_id=venue_id, terms=terms)
            self._stream.expect()
            if not self._stream.is_open:
                # It may have filled already, and nobody would say so; its exits wait for that.
                await self.query(order_id)

    async def cancel(self, order_id: str) -> None:
        """Take an order back. One that has ended meanwhile tells how."""
        known = self._names.get(order_id)
        try:
            if known is None:
                known = await self._asking.order(order_id)
            if known is not None:
                await self._canceled(known)
        except (Unanswered, Paused) as error:
            self._tell(order_id, known.symbol if known else "", OrderState.UNKNOWN, error.fact)
        except Refused as refusal:
            self._tell(order_id, known.symbol if known else "", OrderState.ACCEPTED, refusal.fact, asked=True)

    async def replace(
        self,
        order_id: str,
        *,
        quantity: float | None = None,
        price: float | None = None,
        trigger: float | None = None,
    ) -> None:
        """Change an open order."""
        known = self._names.get(order_id)
        try:
            if known is None or not known.params:
                known = await self._asking.order(order_id)
            if known is not None:
                await self._changing.change(known, quantity=quantity, price=price, trigger=trigger)
        except (Unanswered, Paused) as error:
            self._tell(order_id, known.symbol if known else "", OrderState.UNKNOWN, error.fact)
        except (Refused, OrderError) as error:
            self._tell(order_id, known.symbol if known else "", OrderState.ACCEPTED, str(error), asked=True)

    async def query(self, order_id: str) -> None:
        """Ask what became of an order. No answer tells nothing: whoever asks will ask again."""
        try:
            await self._asking.order(order_id)
        except (Refused, Unanswered, Paused) as error:
            self._hearing.fault = str(error)

    async def snapshot(self) -> AccountSnapshot:
        """Open orders, positions, balances, and the trades since the snapshot before the last."""
        with understood("what it says of the account"):
            return await self._snapshots.take()

    # ------------------------------------------------------------------------------------------------------------------

    async def _watch(self) -> None:
        await self._words.watch(self._settings.income_s, self._settings.rules_s)

    async def _ask(self, known: KnownOrder) -> None:
        await self.query(known.order_id)

    async def _placed(self, request: OrderRequest, wished: Decimal, *, closes: bool) -> dict[str, Any]:
        params = request.params
        try:
            return await placed(self._rest, params, closes=closes)
        except Refused as refusal:
            at_market = closes and params["type"] == "MARKET"
            if not (at_market and refusal.code in REDUCE_ONLY and await self._make_way(params["symbol"], wished)):
                raise
        return await placed(self._rest, params, closes=closes)

    async def _make_way(self, symbol: str, closing: Decimal) -> bool:
        """Take back our exits that wait in the book, for what is to close all there is; whether there were any.

        Binance may count them against the position, and take nothing else that closes it (-4118, "Please check your
        existing position and open orders"). What is left of a position that is closed in part needs them.
        """
        try:
            held: list[dict[str, Any]] = await self._rest.ask(_HELD, {"symbol": symbol})
            rows: list[dict[str, Any]] = await self._rest.ask(_RESTING, {"symbol": symbol})
        except (Refused, Unanswered, Paused):
            return False
        if any(abs(Decimal(row["positionAmt"])) > closing for row in held):
            return False
        exits = [
            name for row in rows if row["reduceOnly"] and exit_of(name := our_id(row["clientOrderId"])) is not None
        ]
        for name in exits:
            await self.cancel(name)
        return bool(exits)

    def _tell_rest(self, symbol: str, order: OrderRequest, wished: Decimal) -> None:
        fact = f"{symbol}: one order at the market may be of {order.quantity:f} at most"
        text = f"{fact}: of {wished:f} units that were to be closed the rest is held. Close again"
        self._telling.put(Alarm(ts=self._rest.now(), text=text, severity=Severity.CRITICAL))

    async def _refused(self, order_id: str, symbol: str, refusal: Refused) -> None:
        """Binance has not taken an order."""
        if refusal.code == _DUPLICATE:
            # An order of this name works there: it came through before.
            self._tell(order_id, symbol, OrderState.UNKNOWN, refusal.fact)
            return
        self._tell(order_id, symbol, OrderState.REJECTED, refusal.fact)
        if refusal.code in (*REDUCE_ONLY, _MARGIN):
            # Our books do not have what the account has.
            await self._hearing.compare(self._snapshots.take)
        elif refusal.code in _CLOSED:
            await self._words.read_rules()

    async def _canceled(self, known: KnownOrder) -> None:
        try:
            if known.is_conditional and not known.venue_id:
                await self._asking.settle_successor(known)
                await self._rest.ask(CANCEL_ALGO, {"clientAlgoId": known.client_id})
                self._tell(known.order_id, known.symbol, OrderState.CANCELED, "requested")
            else:
                name = {"orderId": known.venue_id} if known.venue_id else {"origClientOrderId": known.client_id}
                body: dict[str, Any] = await self._rest.ask(_CANCEL, {"symbol": known.symbol} | name)
                await self._asking.tell(body, known.order_id, reason="requested")
            self._stream.expect()
        except Refused as refusal:
            if refusal.code not in UNKNOWN_ORDER:
                raise
            waited = known.is_conditional and not known.venue_id
            await self._asking.order(known.order_id)
            if waited and known.venue_id and known.state in (OrderState.TRIGGERED, OrderState.ACCEPTED):
                # It has triggered meanwhile, and what it placed still works.
                await self._canceled(known)
