"""A trader, the spot broker and the local exchange in one process, on virtual time: no sockets, any answer may fail.

``Street`` is the whole of it. Each request meets the fate that is written down for its number, each stretch of silence
keeps the stream's messages from the bot, and after each step of the exchange its ``watch`` holds what must always hold.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any, Final

import msgspec
from tradebot_native import Signal, Tick

from local_exchange import SPOT, START
from tradebot.brokers.binance import BinanceSpotBroker
from tradebot.brokers.binance.refusals import Paused, Refused, Unanswered, judged
from tradebot.brokers.binance.rest import Endpoint
from tradebot.brokers.binance.settings import BinanceSettings
from tradebot.brokers.binance.spot import account
from tradebot.brokers.binance.user_stream import UserStreamPatience
from tradebot.core.bar import Bar
from tradebot.core.event import BarClosed, Cancel, Notify, Query, Replace, Resumed, Submit, TickSeen, Timer
from tradebot.core.interval import MINUTE, SECOND, Interval
from tradebot.core.order import exit_of
from tradebot.core.redaction import Redactor
from tradebot.engine.live.brokerage import Brokerage, Rhythm
from tradebot.engine.plan import Plan
from tradebot.engine.trader import Trader
from tradebot.exchange import server
from tradebot.exchange.params import Params
from tradebot.exchange.refusals import Refusal
from tradebot.exchange.settings import ExchangeSettings
from tradebot.exchange.streams import Connection
from tradebot.exchange.venue import Venue
from tradebot.sizing import FixedQuantity
from tradebot.strategies import Strategy
from tradebot.venues.binance import BinanceHost

OWNERS: Final = Decimal(5)
"""Coins of another hand, which no fault may make the bot sell."""
MOST_COMMANDS: Final = 1_000
FATES: Final = ("refused", "dropped", "lost", "late", "slow", "paused", "lagging")
_CALL: Final = re.compile(r"(?:private|public)(Get|Post|Delete)(.+)")
_LATENCY_S: Final = 0.01
_LATE_S: Final = 1.5
# What a broker waits for an answer where it is in no hurry.
_ANSWER_S: Final = 10.0
_WORKS: Final = ("NEW", "PARTIALLY_FILLED")


class Script(Strategy):
    """Says bar by bar what it is told."""

    lines: tuple[str, ...] = ()

    def setup(self, bars: Any) -> None:
        self.row = -1

    def on_bar(self, bar: Bar) -> Any:
        self.row += 1
        said = Script.lines[self.row] if self.row < len(Script.lines) else ""
        if said == "long":
            return Signal("long", stop_loss=90.0, take_profit=110.0)
        return self.exit(float(said)) if said else None


class Street:
    """Everything between a strategy and the exchange's books.

    Parameters
    ----------
    lines : what the strategy says at each minute's bar: ``long``, the fraction to sell, or nothing.
    fates : what goes wrong with the request of a number, counted from the first order on.
    silences : from when on, and how long, the stream's messages are lost, seconds.
    delays : from when on, and how long, they are held up.
    """

    def __init__(
        self,
        lines: tuple[str, ...],
        fates: Mapping[int, str],
        silences: tuple[tuple[float, float], ...] = (),
        delays: tuple[tuple[float, float], ...] = (),
    ) -> None:
        Script.lines = lines
        settings = ExchangeSettings(instruments=(SPOT,), balances={"BTC": OWNERS}, participation=1.0)
        self.venue = Venue(settings, START)
        self.fates = fates
        self.silences = silences
        self.delays = delays
        self.requests: int | None = None
        self.commands = 0
        self.broken: list[str] = []
        self.notices: list[str] = []
        self._loop = asyncio.get_running_loop()
        self.price(100.0)

    def now(self) -> int:
        return START + int(self._loop.time() * SECOND)

    def price(self, price: float, size: float = 1e6) -> None:
        """A trade happens at the exchange."""
        self.venue.tape.on_tick(TickSeen("BTCUSDT", Tick(self.now(), price, size)))
        self.watch()

    @property
    def is_silent(self) -> bool:
        return any(start <= self._loop.time() < start + length for start, length in self.silences)

    @property
    def delay(self) -> float:
        """How long a message that comes now is held up yet, seconds."""
        now = self._loop.time()
        return max((start + length - now for start, length in self.delays if start <= now), default=0.0)

    def working(self) -> list[Any]:
        """Orders that work at the exchange."""
        return [each for each in self.venue.spot.account.orders.open() if each.status in _WORKS]

    @property
    def coins(self) -> Decimal:
        """What the bot has at the exchange."""
        return self.venue.spot.account.wallet.totals["BTC"] - OWNERS

    def watch(self) -> None:
        """What must hold at every moment."""
        stops = [exit_of(each.client_id.partition("__")[0]) for each in self.working() if each.kind == "STOP_LOSS"]
        if len(set(stops)) < len(stops) and not self.broken:
            self.broken.append(f"{self._loop.time():.2f}: two stops for one entry: {self.told()}")
        if self.coins < 0 and not self.broken:
            self.broken.append(f"{self._loop.time():.2f}: coins of another hand are sold: {self.coins}")

    def told(self) -> list[tuple[str, str, str]]:
        return [(each.client_id, each.kind, f"{each.quantity:f}") for each in self.working()]

    @asynccontextmanager
    async def trading(self, *, again: bool = False) -> AsyncGenerator[Trader]:
        """The bot, for the block; it is settled and closed in good order behind it.

        Where it is not the first, ``again``, another process takes up the books of the one before.
        """
        rest: Any = Wire(self)
        rules = await account.with_fees(rest, await account.market_rules(rest, ("BTCUSDT",)))
        host = BinanceHost.of("local", url="http://127.0.0.1:1", market="spot")
        settings = BinanceSettings(stream=UserStreamPatience(first_s=0.1, longest_s=0.5))
        self.broker = broker = BinanceSpotBroker(rest, host, rules, settings, ("run-",), START if again else None)
        broker._stream._access = Line(self)
        await broker._asking.begin()
        plan = Plan(
            run_id="run",
            instruments=[rules["BTCUSDT"].instrument],
            interval="1m",
            strategy=Script(),
            cash=10_000.0,
            sizer=FixedQuantity(1.0),
            abilities=broker.abilities,
        )
        if not again:
            self.trader = Trader(plan)
        brokerage = Brokerage(broker, Rhythm(compare_s=10.0))
        brokerage.market_of = self.trader.market_of
        self._brokerage = brokerage
        if again:
            self.give(Resumed(self.now()))
        first = await brokerage.snapshot()
        assert first is not None
        self.give(first)
        tasks = [asyncio.create_task(work) for work in (self._hear(), self._compare(), self._bars(), self._timers())]
        try:
            yield self.trader
            for task in tasks:
                if task.done():
                    task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await brokerage.close()
            await broker.close()

    def move_stops(self, trigger: float) -> None:
        """Somebody moves the stops that the books have."""
        for order in self.trader.status()["orders"]:
            if order["client_id"].endswith("-sl"):
                self._brokerage.send(Replace(order["client_id"], trigger=trigger))

    def give(self, event: Any) -> None:
        """Let the trader handle an event, and send what it wants done."""
        outputs = self.trader.handle(event)
        if self.trader.portfolio.quantity("BTCUSDT") < 0 and not self.broken:
            self.broken.append(f"{self._loop.time():.2f}: the books owe coins: {event}")
        for output in outputs:
            if isinstance(output, Submit | Cancel | Replace | Query):
                self.commands += 1
                self.requests = self.requests or 0
                assert self.commands < MOST_COMMANDS, (output, self.notices[-5:])
                self._brokerage.send(output)
            elif isinstance(output, Notify):
                self.notices.append(f"{self._loop.time():.2f}: {output.text}")

    async def _hear(self) -> None:
        async for event in self._brokerage.events():
            self.give(event)

    async def _compare(self) -> None:
        async for snapshot in self._brokerage.comparisons():
            told = {order.order_id for order in snapshot.orders}
            aside = self.broker._sales.asides.get("BTCUSDT")
            if lost := {known.order_id for known in aside.exits} - told if aside else set():
                self.broken.append(f"{self._loop.time():.2f}: exits that are aside are lost: {lost}")
            self.give(snapshot)

    async def _bars(self) -> None:
        minute = int(self._loop.time() // 60.0)
        while True:
            await asyncio.sleep(60.0 * (minute + 1) - self._loop.time())
            price = float(self.venue.state.mark("BTCUSDT"))
            bar = Bar(START + minute * MINUTE, price, price, price, price, volume=1.0)
            self.give(BarClosed("BTCUSDT", Interval(1, "m"), bar))
            minute += 1

    async def _timers(self) -> None:
        while True:
            await asyncio.sleep(0.1)
            due = sorted((ts, name) for name, ts in self.trader.timers.items() if ts <= self.now())
            for _, name in due:
                self.give(Timer(self.now(), name))


class Wire:
    """Stands for the broker's REST: its requests go straight to the exchange's endpoints, each to its fate."""

    def __init__(self, street: Street) -> None:
        self._street = street
        self.redactor = Redactor()
        self.skew = 0
        self.budget = self

    def set_limits(self, limits: Any) -> None:
        """The venue's limits do not matter here."""

    def now(self) -> int:
        return self._street.now()

    async def time(self) -> int:
        return self._street.now()

    async def close(self) -> None:
        """Nothing is open."""

    async def ask(self, endpoint: Endpoint, params: Mapping[str, Any] | None = None) -> Any:
        fate = ""
        if self._street.requests is not None:
            fate = self._street.fates.get(self._street.requests, "")
            self._street.requests += 1
        if fate == "paused":
            raise Paused("the budget is used up", 1.0)
        await asyncio.sleep(_LATENCY_S)
        if fate == "refused":
            raise Refused(-1100, 400, "it is refused")
        if fate == "late":
            self._street._loop.call_later(_LATE_S, self._tried, endpoint, params)
        if fate in ("late", "dropped"):
            await asyncio.sleep(endpoint.answer_s or _ANSWER_S)
            raise Unanswered("no answer", place="binance")
        if fate == "slow":
            await asyncio.sleep(1.0)
        told = self._done(endpoint, params)
        await asyncio.sleep(_LATENCY_S)
        if fate == "lost":
            await asyncio.sleep(endpoint.answer_s or _ANSWER_S)
            raise Unanswered("no answer", place="binance")
        if fate == "lagging" and endpoint.call == "privateGetMyTrades":
            # The venue's record of trades is behind its matching engine.
            return []
        if isinstance(told, Exception):
            raise told
        return told

    def _done(self, endpoint: Endpoint, params: Mapping[str, Any] | None) -> Any:
        found = _CALL.fullmatch(endpoint.call)
        assert found is not None, endpoint.call
        name = found[2][0].lower() + found[2][1:]
        path = {"orderListOco": "orderList/oco", "accountCommission": "account/commission"}.get(name, name)
        handler = server._SPOT[found[1].upper(), f"/api/v3/{path}"].handler
        try:
            told = handler(self._street.venue, Params({key: str(value) for key, value in (params or {}).items()}))
        except Refusal as refusal:
            return judged(refusal.status, refusal.body["code"], refusal.body["msg"])
        finally:
            self._street.watch()
        return msgspec.json.decode(msgspec.json.encode(told))

    def _tried(self, endpoint: Endpoint, params: Mapping[str, Any] | None) -> None:
        self._done(endpoint, params)


class Line:
    """Stands for the way to the user stream: a connection of the exchange's hub."""

    def __init__(self, street: Street) -> None:
        self._street = street

    @asynccontextmanager
    async def open(self) -> AsyncGenerator[Any]:
        connection = Connection("private", combined=False)
        connection.subscription, connection.keys = 1, {"subscription-1"}
        self._street.venue.hub.open(connection)
        try:
            yield _Messages(self._street, connection)
        finally:
            self._street.venue.hub.close(connection)

    async def keep_alive(self) -> None:
        await asyncio.Event().wait()

    def event(self, message: dict[str, Any]) -> dict[str, Any] | None:
        return message["event"]


class _Messages:
    def __init__(self, street: Street, connection: Connection) -> None:
        self._street = street
        self._connection = connection

    async def next(self, patience_s: float | None = None) -> Any:
        while True:
            message = await self._connection.queue.get()
            assert message is not None
            await asyncio.sleep(max(self._street.delay, 0.0))
            if not self._street.is_silent:
                return msgspec.json.decode(message)
