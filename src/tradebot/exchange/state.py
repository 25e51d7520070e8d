"""Everything the exchange knows, in one place."""

from __future__ import annotations

from decimal import Decimal
from typing import Protocol

import numpy as np
from tradebot_native import OrderIntent, SimExchange

from tradebot.core.decimals import exact
from tradebot.core.instrument import Instrument
from tradebot.exchange.account import Account
from tradebot.exchange.clock import Clock
from tradebot.exchange.market import Market
from tradebot.exchange.orders import Algo, Order, Shelf
from tradebot.exchange.refusals import NATIVE, Refusal
from tradebot.exchange.settings import ExchangeSettings
from tradebot.exchange.user_messages import Message


class Outlet(Protocol):
    """Where messages go."""

    def wants(self, stream: str) -> bool:
        """Whether anybody listens to a market stream."""
        ...

    def market(self, stream: str, message: Message | list[Message]) -> None:
        """Send a message on a market stream."""
        ...

    def user(self, message: Message) -> None:
        """Send a message on the user stream."""
        ...


class State:
    """The exchange: its markets, the one account, its orders, and the simulated exchange that matches them.

    Parameters
    ----------
    settings : what is traded, and how.
    clock : the server's clock.
    start : time of the market when the exchange opens, int64 ns UTC.
    """

    def __init__(self, settings: ExchangeSettings, clock: Clock, start: int) -> None:
        self.settings = settings
        self.clock = clock
        self.now = start
        self.instruments = {instrument.symbol: instrument for instrument in settings.instruments}
        self.markets = {each.symbol: Market(each, settings.interval) for each in settings.instruments}
        self.account = Account(settings.instruments, settings.cash, start)
        self.orders: Shelf[Order] = Shelf(8_000_000_001)
        self.algos: Shelf[Algo] = Shelf(2_000_000_001)
        self.owners: dict[int, Order | Algo] = {}
        self.leverage = {
            symbol: min(settings.leverage, int(each.max_leverage)) for symbol, each in self.instruments.items()
        }
        self.margin_types = dict.fromkeys(self.instruments, "cross")
        self.sim = SimExchange(
            [instrument.native() for instrument in settings.matched],
            cash=float(settings.cash + sum(settings.endowment.values())),
            path=settings.path,
            touch=settings.touch,
            participation=settings.participation,
            slippage=settings.slippage,
        )
        for symbol, leverage in self.leverage.items():
            self.sim.set_leverage(symbol, leverage)
        for symbol, schedule in settings.funding.items():
            self.sim.set_funding(symbol, schedule.ts, schedule.rate, schedule.mark)
            self.sim.skip_funding_before(symbol, start)

    def instrument(self, symbol: str) -> Instrument:
        """The instrument of a symbol.

        Raises
        ------
        Refusal : it is not traded here.
        """
        found = self.instruments.get(symbol)
        if found is None:
            raise Refusal(-1121)
        return found

    def mark(self, symbol: str) -> Decimal:
        """The present price; zero before the first."""
        return exact(self.markets[symbol].last)

    def marks(self) -> dict[str, Decimal]:
        """The present price of every symbol."""
        return {symbol: self.mark(symbol) for symbol in self.markets}

    def submit(self, record: Order | Algo, intent: OrderIntent) -> None:
        """Hand an order to the simulated exchange.

        Raises
        ------
        Refusal : it does not take it.
        """
        record.native = self.sim.submit(intent)
        taken = self.sim.order(record.native)
        if taken.state == "rejected":
            least = self.instruments[record.symbol].min_notional
            raise Refusal(NATIVE.get(taken.reason, -1000), limit=least)
        self.owners[record.native] = record

    def next_funding(self, symbol: str) -> tuple[float, int]:
        """Rate and time (ns) of the next funding payment; zeros where none is to come."""
        schedule = self.settings.funding.get(symbol)
        if schedule is None:
            return 0.0, 0
        row = int(np.searchsorted(schedule.ts, self.now, side="right"))
        return (float(schedule.rate[row]), int(schedule.ts[row])) if row < len(schedule.ts) else (0.0, 0)
