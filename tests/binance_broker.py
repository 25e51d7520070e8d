"""A Binance broker on a local exchange, and what it tells, collected."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

from tradebot_native import OrderIntent

from local_exchange import Running, flat, running
from tradebot.brokers.binance import BinanceBroker, BinanceSettings, BinanceSpotBroker
from tradebot.brokers.binance.user_stream import UserStreamPatience
from tradebot.core.event import AccountEvent, BarClosed, OrderNotFound, OrderUpdate
from tradebot.core.fill import Fill
from tradebot.core.holdings import Holdings
from tradebot.venues.binance import BinanceHost

POST = "POST /fapi/v1/order"
UPDATE = "ORDER_TRADE_UPDATE"
LONGEST_S = 15.0
PROMPT = UserStreamPatience(first_s=0.05, longest_s=0.2, evidence_s=1.0)


class Told:
    """Everything a broker has told since its stream was opened."""

    def __init__(self, broker: BinanceBroker | BinanceSpotBroker) -> None:
        self.broker = broker
        self.events: list[AccountEvent] = []
        self._changed = asyncio.Event()
        self._task = asyncio.create_task(self._listen())

    async def _listen(self) -> None:
        try:
            async for event in self.broker.stream_events():
                self.events.append(event)
                self._changed.set()
        finally:
            self._changed.set()

    async def until(self, holds: Callable[[], Any]) -> None:
        """Wait until something holds; what the stream raised is raised here."""
        ends = asyncio.get_running_loop().time() + LONGEST_S
        while not holds():
            if self._task.done():
                self._task.result()
            assert asyncio.get_running_loop().time() < ends, [(type(each).__name__, each) for each in self.events[-8:]]
            self._changed.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0.05):
                    await self._changed.wait()

    def updates(self, order_id: str) -> list[OrderUpdate]:
        return [event for event in self.events if isinstance(event, OrderUpdate) and event.order_id == order_id]

    def states(self, order_id: str) -> list[str]:
        """States of an order as they were told, without repetitions in a row."""
        told = [str(update.state) for update in self.updates(order_id)]
        return [state for n, state in enumerate(told) if n == 0 or told[n - 1] != state]

    def fills(self, order_id: str = "") -> list[Fill]:
        """Fills as a trader books them: each once by its id."""
        found = {
            (event.fill.symbol, event.fill.trade_id): event.fill
            for event in self.events
            if isinstance(event, OrderUpdate) and event.fill is not None and order_id in ("", event.order_id)
        }
        return list(found.values())

    async def state(self, order_id: str, state: str) -> None:
        """Wait until an order was told to be in a state."""
        await self.until(lambda: state in self.states(order_id))

    @property
    def position(self) -> Decimal:
        return sum((fill.signed_quantity for fill in self.fills()), Decimal(0))

    async def close(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)


@asynccontextmanager
async def connected(
    exchange: Running, *, symbols: tuple[str, ...] = ("BTCUSDT",), since: int | None = None, **settings: Any
) -> AsyncIterator[Told]:
    """A broker with an open user stream."""
    chosen = BinanceSettings(**({"timeout_s": 2.0, "stream": PROMPT} | settings))
    host = BinanceHost.of("local", url=exchange.url)
    broker = await BinanceBroker.connect(host, exchange.key, exchange.secret, symbols, settings=chosen, since=since)
    told = Told(broker)
    try:
        await told.until(lambda: broker.is_hearing)
        yield told
    finally:
        await told.close()
        await broker.close()


@asynccontextmanager
async def connected_to_spot(
    exchange: Running,
    *,
    symbols: tuple[str, ...] = ("BTCUSDT",),
    prefixes: tuple[str, ...] = ("run-",),
    since: int | None = None,
    holdings: Holdings | None = None,
    **settings: Any,
) -> AsyncIterator[Told]:
    """A broker of spot with an open user stream."""
    chosen = BinanceSettings(**({"timeout_s": 2.0, "stream": PROMPT} | settings))
    host = BinanceHost.of("local", url=exchange.url, market="spot")
    broker = await BinanceSpotBroker.connect(
        host,
        exchange.key,
        exchange.secret,
        symbols,
        prefixes=prefixes,
        settings=chosen,
        since=since,
        holdings=holdings,
    )
    told = Told(broker)
    try:
        await told.until(lambda: broker.is_hearing)
        yield told
    finally:
        await told.close()
        await broker.close()


def order(side: str, quantity: float, **terms: Any) -> OrderIntent:
    return OrderIntent("BTCUSDT", side, quantity, **terms)


def stop(quantity: float = 1.0, trigger: float = 90.0) -> OrderIntent:
    """A stop that closes a part of what was bought."""
    return order("sell", quantity, type="stop", trigger=trigger, reduce_only=True)


@asynccontextmanager
async def protected(exchange: Running) -> AsyncIterator[Told]:
    """A broker that has bought two units as ``run-1`` and has a stop for one of them, ``run-1-sl``."""
    async with connected(exchange) as told:
        await told.broker.submit("run-1", order("buy", 2))
        await told.state("run-1", "filled")
        await told.broker.submit("run-1-sl", stop())
        yield told


@asynccontextmanager
async def bought(quantity: float, *coming: BarClosed) -> AsyncIterator[tuple[Running, Told]]:
    """A stepped market at 100, and a broker that has bought as ``run-1`` when the bar before ``coming`` opened."""
    with running([*flat(2), *coming], stepped=True) as exchange:
        exchange.step_bar()
        async with connected(exchange) as told:
            await told.broker.submit("run-1", order("buy", quantity))
            exchange.step()
            await told.state("run-1", "filled")
            yield exchange, told


def fault(exchange: Running, action: str, **more: Any) -> None:
    """Let requests of the exchange fail."""
    exchange.control("faults", {"action": action, **more})


def placed(exchange: Running) -> dict[str, int]:
    """How often an order of each client id was placed."""
    return exchange.ledger()["placedByClientId"]


def absences(told: Told, order_id: str) -> int:
    """How often it was told that an order is not there."""
    return sum(isinstance(event, OrderNotFound) and event.order_id == order_id for event in told.events)
