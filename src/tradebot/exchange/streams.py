"""The websocket side: connections, their subscriptions, and what is sent to whom.

Since 2026-04-23 each stream lives on one of three routes. A subscription on the wrong route is acknowledged and stays
silent, and so are the old addresses without a route (binance-public-data issue 472). Spot, which has no routes, stands
under one here.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from typing import Any, Final

import msgspec

from tradebot.exchange.spot import market_data as spot
from tradebot.exchange.user_messages import Message

_PUBLIC: Final = ("bookTicker", "depth", "rpiDepth", "trade")
_MOST_STREAMS: Final = 1024
_QUEUE: Final = 10_000
_MOST_MESSAGES: Final = 10

Filter = Callable[[str, str, Any], list[tuple[float, Any]] | None]
"""What becomes of a message of a route and stream: messages to send after seconds each; ``None`` cuts the line."""


def route_of(stream: str) -> str:
    """The route that carries a market stream."""
    symbol, _, kind = stream.partition("@")
    if symbol.startswith("!"):
        kind = symbol[1:]
    return "public" if kind.startswith(_PUBLIC) else "market"


def carries(route: str, stream: str) -> bool:
    """Whether a market stream can be had on a route."""
    kind = stream.partition("@")[2]
    if route == spot.ROUTE:
        return kind.startswith(spot.KINDS)
    return route_of(stream) == route and kind != "avgPrice"


class _Request(msgspec.Struct):
    method: str
    id: int | str | None = None
    params: list[str] = []


class Connection:
    """One client's socket: what it has subscribed to and what waits to be sent."""

    def __init__(self, route: str, *, combined: bool) -> None:
        self.route = route
        self.combined = combined
        self.streams: dict[str, None] = {}
        self.keys: set[str] = set()
        self.events: frozenset[str] = frozenset()
        self.subscription: int | None = None
        self.queue: asyncio.Queue[bytes | None] = asyncio.Queue(_QUEUE)
        self._asked: deque[float] = deque()

    def may_ask(self) -> bool:
        """Whether the client, which has just sent a message, keeps to so many of them a second."""
        now = time.monotonic()
        self._asked.append(now)
        while self._asked[0] < now - 1:
            self._asked.popleft()
        return len(self._asked) <= _MOST_MESSAGES

    def send(self, stream: str, message: Any) -> None:
        """Queue a message of a stream; a client that does not read is cut off."""
        if self.route == spot.ROUTE:
            message = spot.of_futures(stream, message)
        if self.subscription is not None:
            message = {"subscriptionId": self.subscription, "event": message}
        self.put({"stream": stream, "data": message} if self.combined else message)

    def put(self, message: Any) -> None:
        """Queue a message as it is."""
        try:
            self.queue.put_nowait(msgspec.json.encode(message))
        except asyncio.QueueFull:
            self.close()

    def close(self) -> None:
        """Cut the connection off; what waits is lost."""
        while not self.queue.empty():
            self.queue.get_nowait()
        self.queue.put_nowait(None)


class Hub:
    """All connections; the exchange's :class:`tradebot.exchange.state.Outlet`. ``told`` counts user messages.

    Parameters
    ----------
    on_subscribe : called with each market stream that somebody subscribes to.
    filter : faults on the way.
    """

    def __init__(self, on_subscribe: Callable[[str], None], filter: Filter) -> None:
        self.connections: set[Connection] = set()
        self.told = 0
        self._filter = filter
        self._on_subscribe = on_subscribe
        self._listeners: dict[str, set[Connection]] = {}

    def wants(self, stream: str) -> bool:
        """Whether anybody listens to a market stream."""
        return stream in self._listeners

    def market(self, stream: str, message: Any) -> None:
        """Send a message on a market stream."""
        for connection in list(self._listeners.get(stream, ())):
            self._deliver(connection, stream, message)

    def user(self, message: Message) -> None:
        """Send a message on the user stream."""
        self.told += 1
        for connection in list(self.connections):
            if connection.keys and (not connection.events or message["e"] in connection.events):
                self._deliver(connection, next(iter(connection.keys)), message)

    def disconnect(self, route: str = "") -> None:
        """Cut every connection, or those of one route."""
        for connection in list(self.connections):
            if route in ("", connection.route):
                connection.close()

    def open(self, connection: Connection) -> None:
        """A client has connected."""
        self.connections.add(connection)

    def close(self, connection: Connection) -> None:
        """A client has gone."""
        self.connections.discard(connection)
        self.unsubscribe(connection, list(connection.streams))

    def subscribe(self, connection: Connection, streams: list[str]) -> None:
        """Add streams to a connection; those of another route stay silent."""
        for stream in streams:
            connection.streams[stream] = None
            if carries(connection.route, stream):
                self._on_subscribe(stream)
                self._listeners.setdefault(stream, set()).add(connection)

    def unsubscribe(self, connection: Connection, streams: list[str]) -> None:
        """Take streams off a connection."""
        for stream in streams:
            connection.streams.pop(stream, None)
            listeners = self._listeners.get(stream)
            if listeners is not None:
                listeners.discard(connection)
                if not listeners:
                    del self._listeners[stream]

    def request(self, connection: Connection, text: str) -> None:
        """Answer a client's message: SUBSCRIBE, UNSUBSCRIBE or LIST_SUBSCRIPTIONS; too many of them cut it off."""
        if not connection.may_ask():
            connection.close()
            return
        try:
            asked = msgspec.json.decode(text, type=_Request)
        except msgspec.DecodeError:
            connection.put({"error": {"code": 3, "msg": "Invalid JSON: a method and an id are expected"}})
            return
        method, params, identity = asked.method, asked.params, asked.id
        if method == "SUBSCRIBE":
            if len(connection.streams) + len(params) > _MOST_STREAMS:
                connection.put({"error": {"code": 2, "msg": "Too many streams"}, "id": identity})
                return
            self.subscribe(connection, params)
        elif method == "UNSUBSCRIBE":
            self.unsubscribe(connection, params)
        elif method == "LIST_SUBSCRIPTIONS":
            connection.put({"result": list(connection.streams), "id": identity})
            return
        else:
            connection.put({"error": {"code": 2, "msg": f"Invalid request: unknown method {method}"}, "id": identity})
            return
        connection.put({"result": None, "id": identity})

    def _deliver(self, connection: Connection, stream: str, message: Any) -> None:
        sent = self._filter(connection.route, stream, message)
        if sent is None:
            connection.close()
            return
        for delay, each in sent:
            if delay > 0:
                asyncio.get_running_loop().call_later(delay, connection.send, stream, each)
            else:
                connection.send(stream, each)
