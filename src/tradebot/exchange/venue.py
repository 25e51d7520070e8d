"""The exchange as a whole: its state, and the parts that work on it."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Mapping
from decimal import Decimal

from tradebot.core.bar import BarArray
from tradebot.core.errors import ConfigError
from tradebot.core.interval import Interval
from tradebot.exchange.algo_desk import AlgoDesk
from tradebot.exchange.clock import Clock
from tradebot.exchange.desk import Desk
from tradebot.exchange.executions import Executions
from tradebot.exchange.faults import Faults
from tradebot.exchange.limits import Budgets
from tradebot.exchange.listen_keys import ListenKeys
from tradebot.exchange.market_messages import contract_info
from tradebot.exchange.orders import Algo, Order
from tradebot.exchange.refusals import Refusal
from tradebot.exchange.settings import ExchangeSettings
from tradebot.exchange.signing import Gatekeeper
from tradebot.exchange.spot.account import SpotAccount
from tradebot.exchange.spot.desk import SpotDesk
from tradebot.exchange.spot.executions import SpotExecutions
from tradebot.exchange.spot.market import SpotMarket
from tradebot.exchange.state import State
from tradebot.exchange.streams import Hub
from tradebot.exchange.tape import Tape
from tradebot.exchange.user_messages import listen_key_expired


class Venue:
    """One local exchange. Everything happens on one event loop, one thing at a time.

    Parameters
    ----------
    settings : what is traded, and how.
    start : time of the market when the exchange opens, int64 ns UTC.
    history : bars of the past by symbol, for candles that are asked for.
    """

    def __init__(self, settings: ExchangeSettings, start: int, history: Mapping[str, BarArray] | None = None) -> None:
        self.clock = Clock()
        self.state = State(settings, self.clock, start)
        for symbol, bars in (history or {}).items():
            self.state.markets[symbol].load(bars)
        self.faults = Faults(settings.seed, settings.faults)
        self.hub = Hub(self._track, self.faults.of_message)
        self.executions = Executions(self.state, self.hub, self._split)
        self.spot: SpotMarket | None = None
        if settings.is_spot:
            account = SpotAccount(self.state)
            executions = SpotExecutions(self.state, account, self.hub, self._pieces)
            self.tape = Tape(self.state, self.hub, executions)
            self.spot = SpotMarket(account, SpotDesk(self.state, account, executions, self.tape))
        else:
            self.tape = Tape(self.state, self.hub, self.executions)
        self.desk = Desk(self.state, self.executions, self.tape)
        self.algo_desk = AlgoDesk(self.state, self.executions)
        self.budgets = Budgets(settings.budgets, self.clock)
        self.gatekeeper = Gatekeeper(settings.key, settings.secret, self.clock)
        self.listen_keys = ListenKeys(self.clock, settings.listen_key_minutes)
        self._countdowns: dict[str, asyncio.TimerHandle] = {}
        self._late: list[Callable[[], object]] = []
        self._hidden_until: dict[int, float] = {}

    def place(self, order: Order) -> Order:
        """Hand an order to the matching engine; a fault may hide it from queries for a while.

        Raises
        ------
        Refusal : the matching engine does not take it.
        """
        placed = self.desk.place(order)
        self.conceal(placed.order_id)
        return placed

    def place_algo(self, algo: Algo) -> Algo:
        """Hand a conditional order to the algo service; a fault may hide it from queries for a while.

        Raises
        ------
        Refusal : the algo service does not take it.
        """
        placed = self.algo_desk.place(algo)
        self.conceal(placed.algo_id)
        return placed

    def later(self, work: Callable[[], object], seconds: float | None) -> None:
        """Do something after a time, or when it is released; a refusal then reaches nobody."""
        self._late.append(work)
        if seconds is not None:
            asyncio.get_running_loop().call_later(seconds, self._do, work)

    def release(self) -> int:
        """Do now what waits to be done late; returns how much it was."""
        waiting = list(self._late)
        for work in waiting:
            self._do(work)
        return len(waiting)

    def sees(self, identity: int) -> bool:
        """Whether queries find an order yet, by its order or algo id."""
        return time.monotonic() >= self._hidden_until.get(identity, 0.0)

    def check_seen(self, identity: int) -> None:
        """Refuse a query for an order that is hidden still.

        Raises
        ------
        Refusal : it is.
        """
        if not self.sees(identity):
            raise Refusal(-2013)

    def count_down(self, symbol: str, length_ms: int) -> None:
        """Cancel a symbol's plain orders after a time, unless this is called again; zero ends the countdown."""
        running = self._countdowns.pop(symbol, None)
        if running is not None:
            running.cancel()
        if length_ms > 0:
            loop = asyncio.get_running_loop()
            self._countdowns[symbol] = loop.call_later(length_ms / 1000, self.desk.cancel_all, symbol)

    def expire_listen_key(self) -> None:
        """Tell of a listenKey that has run out, and close its streams."""
        key = self.listen_keys.expired()
        if key:
            self.hub.user(listen_key_expired(key, self.clock.now_ms()))
            for connection in self.hub.connections:
                connection.keys.discard(key)

    def set_status(self, symbol: str, status: str) -> None:
        """Give a symbol another contract status, and tell of it.

        Raises
        ------
        Refusal : it is not traded here.
        """
        instrument = self.state.instrument(symbol)
        self.state.markets[symbol].status = status
        self.hub.market("!contractInfo", contract_info(instrument, status, self.clock.now_ms()))

    def stop(self) -> None:
        """End what would happen later, and every connection."""
        for timer in self._countdowns.values():
            timer.cancel()
        self._late.clear()
        self.hub.disconnect()

    def conceal(self, identity: int) -> None:
        """Hide a new order from queries for a while, where a fault wants that."""
        fault = self.faults.of_order()
        if fault is not None:
            self._hidden_until[identity] = time.monotonic() + fault.wait

    def _do(self, work: Callable[[], object]) -> None:
        if work in self._late:
            self._late.remove(work)
            with contextlib.suppress(Refusal):
                work()

    def _split(self, order: Order, quantity: Decimal) -> list[Decimal]:
        return self._pieces(order.symbol, quantity)

    def _pieces(self, symbol: str, quantity: Decimal) -> list[Decimal]:
        return self.faults.pieces(quantity, self.state.instruments[symbol])

    def _track(self, stream: str) -> None:
        """Keep candles of an interval from its first subscription on."""
        symbol, _, kind = stream.partition("@")
        market = self.state.markets.get(symbol.upper())
        if market is None or not kind.startswith("kline_"):
            return
        try:
            interval = Interval.parse(kind.removeprefix("kline_"))
        except ConfigError:
            return
        if market.offers(interval):
            market.candles(interval)
