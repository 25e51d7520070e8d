"""The exchange as a whole: its state, and the parts that work on it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping

from tradebot.core.bar import BarArray
from tradebot.core.errors import ConfigError
from tradebot.core.interval import Interval
from tradebot.exchange.algo_desk import AlgoDesk
from tradebot.exchange.clock import Clock
from tradebot.exchange.desk import Desk
from tradebot.exchange.executions import Executions
from tradebot.exchange.limits import Budgets
from tradebot.exchange.listen_keys import ListenKeys
from tradebot.exchange.orders import Order
from tradebot.exchange.refusals import Refusal
from tradebot.exchange.settings import ExchangeSettings
from tradebot.exchange.signing import Gatekeeper
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
        self.hub = Hub(self._track)
        self.executions = Executions(self.state, self.hub)
        self.tape = Tape(self.state, self.hub, self.executions)
        self.desk = Desk(self.state, self.executions, self.tape)
        self.algo_desk = AlgoDesk(self.state, self.executions)
        self.budgets = Budgets(settings.limits, self.clock)
        self.gatekeeper = Gatekeeper(settings.key, settings.secret, self.clock)
        self.listen_keys = ListenKeys(self.clock, settings.listen_key_minutes)
        self._countdowns: dict[str, asyncio.TimerHandle] = {}

    def sees(self, order: Order) -> bool:
        """Whether queries find an order yet."""
        return bool(order.order_id)

    def visible(self, order: Order) -> Order:
        """An order that queries find.

        Raises
        ------
        Refusal : not yet.
        """
        if not self.sees(order):
            raise Refusal(-2013)
        return order

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

    def stop(self) -> None:
        """End what would happen later, and every connection."""
        for timer in self._countdowns.values():
            timer.cancel()
        connections: Iterable = list(self.hub.connections)  # type: ignore[type-arg]
        for connection in connections:
            connection.close()

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
