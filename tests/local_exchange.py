"""A local exchange for tests: a server in a thread of its own, on a free port of the loopback.

``running`` starts one and stops it at the end of the block::

    from local_exchange import INSTRUMENT, bar, running

    with running(events=[bar(0, 100, 101, 99, 100)], stepped=True) as exchange:
        exchange.url, exchange.ws_url      # where clients connect
        exchange.key, exchange.secret      # of the one account
        exchange.step()                    # next phase: {"phase": "open" | "rest" | "tick" | "quote", "endsStep": ...}
        exchange.step_bar()                # both phases of the next bar
        exchange.ledger()                  # the oracle: what truly happened
        exchange.rest("POST", "order", symbol="BTCUSDT", ...)   # a signed request: status, body, headers
        exchange.control("faults", {...})  # POST /control/faults; see docs/local-exchange.md

The server has a thread of its own, so these calls may block; in a coroutine whose loop must go on meanwhile, call them
by ``asyncio.to_thread``. ``step`` tells how many messages the user stream was sent so far (``userMessages``).

Without ``events`` the market is one bar at 100 and stands still. ``binance_client(exchange)`` gives a ccxt client (of
``ccxt.async_support`` or ``ccxt.pro``) whose every address leads there.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from email.message import Message
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

import msgspec

from tradebot.core.bar import Bar, BarArray
from tradebot.core.event import BarClosed, MarketEvent
from tradebot.core.instrument import Instrument
from tradebot.core.interval import MINUTE, Interval
from tradebot.exchange.pacing import Pacer
from tradebot.exchange.replaying import replayed
from tradebot.exchange.server import LocalExchange
from tradebot.exchange.settings import DEMO_KEY, DEMO_SECRET, ExchangeSettings
from tradebot.exchange.venue import Venue

# Orders as Binance's clients send them.
BUY = {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": 1}
LIMIT = BUY | {"type": "LIMIT", "price": 99, "timeInForce": "GTC"}
STOP = {
    "algoType": "CONDITIONAL",
    "symbol": "BTCUSDT",
    "side": "SELL",
    "type": "STOP_MARKET",
    "quantity": 1,
    "triggerPrice": 95,
}
INSTRUMENT = msgspec.structs.replace(
    Instrument.binance_perpetual("BTCUSDT"), tick_size=Decimal("0.1"), min_notional=Decimal(5)
)
SPOT = Instrument.binance_spot("BTCUSDT")
START = 1_704_067_200_000_000_000  # 2024-01-01


def bar(n: int, open: float, high: float, low: float, close: float, volume: float = 100.0, *, symbol: str = "BTCUSDT"):
    """The event of the minute bar ``n`` minutes after the start."""
    return BarClosed(symbol, Interval(1, "m"), Bar(START + n * MINUTE, open, high, low, close, volume, 10, close))


def flat(count: int, price: float = 100.0) -> list[MarketEvent]:
    """Bars that stand still."""
    return [bar(n, price, price, price, price) for n in range(count)]


class Answer(NamedTuple):
    """What the exchange answered; header names in small letters."""

    status: int
    body: Any
    headers: dict[str, str]


def _named(headers: Message) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


class Running:
    """A local exchange that runs in a thread of its own."""

    key = DEMO_KEY
    secret = DEMO_SECRET

    def __init__(self, exchange: LocalExchange, loop: asyncio.AbstractEventLoop) -> None:
        self.exchange = exchange
        self.loop = loop
        self.url = exchange.url
        self.ws_url = exchange.ws_url

    def rest(self, method: str, path: str, *, signed: bool = True, at: int | None = None, **params: Any) -> Answer:
        """A request as a client sends it, with its status and headers; ``at`` is another timestamp than now."""
        if signed:
            params["timestamp"] = at if at is not None else time.time_ns() // 1_000_000
        query = urlencode(params)
        if signed:
            query += "&signature=" + hmac.new(self.secret.encode(), query.encode(), hashlib.sha256).hexdigest()
        full = path if path.startswith("/") else f"/fapi/v1/{path}"
        request = urllib.request.Request(f"{self.url}{full}?{query}", method=method)
        request.add_header("X-MBX-APIKEY", self.key)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return Answer(answer.status, json.load(answer), _named(answer.headers))
        except urllib.error.HTTPError as error:
            return Answer(error.code, json.load(error), _named(error.headers))

    def control(self, path: str, body: Any = None) -> Any:
        """POST to a control endpoint."""
        data = json.dumps(body or {}).encode()
        request = urllib.request.Request(f"{self.url}/control/{path}", data, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def step(self) -> dict[str, Any]:
        """Let the next phase pass."""
        return self.control("step")

    def step_bar(self, count: int = 1) -> None:
        """Let whole bars pass."""
        for _ in range(2 * count):
            self.step()

    def ledger(self) -> dict[str, Any]:
        """What truly happened."""
        with urllib.request.urlopen(f"{self.url}/control/ledger", timeout=10) as answer:
            return json.load(answer)


@contextmanager
def running(
    events: Sequence[MarketEvent] | AsyncIterator[MarketEvent] | None = None,
    *,
    instruments: Sequence[Instrument] = (INSTRUMENT,),
    start: int = START,
    stepped: bool = False,
    speed: float | None = None,
    history: dict[str, BarArray] | None = None,
    **settings: Any,
) -> Iterator[Running]:
    """Start a local exchange whose market begins at ``start``; further arguments are those of ``ExchangeSettings``."""
    market = events if isinstance(events, AsyncIterator) else replayed(flat(1) if events is None else list(events))
    chosen = ExchangeSettings(
        instruments=tuple(instruments), matching="next_price" if stepped else "at_once", **settings
    )
    ready: threading.Event = threading.Event()
    found: list[Any] = []

    async def serve() -> None:
        stop = asyncio.Event()
        venue = Venue(chosen, start, history)
        pacer = Pacer(venue.tape, market, speed=speed)
        try:
            async with LocalExchange(venue, pacer, stepped=stepped) as exchange:
                found.extend((exchange, asyncio.get_running_loop(), stop))
                ready.set()
                await stop.wait()
        finally:
            ready.set()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    assert ready.wait(20)
    exchange, loop, stop = found
    try:
        yield Running(exchange, loop)
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(20)


def binance_client(exchange: Running, kind: type[Any], **config: Any) -> Any:
    """A ccxt client of the local exchange; ``kind`` is ccxt's class."""

    def remapped(node: Any) -> Any:
        if isinstance(node, dict):
            return {name: remapped(each) for name, each in node.items()}
        parts = urlsplit(node)
        return (exchange.ws_url if parts.scheme.startswith("ws") else exchange.url) + parts.path

    client = kind({"apiKey": exchange.key, "secret": exchange.secret, "options": {"fetchCurrencies": False}, **config})
    client.urls["api"] = remapped(client.urls["api"])
    return client
