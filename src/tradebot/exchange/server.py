"""The server: HTTP and websockets in front of a venue, on loopback alone."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Any, Final, Self
from urllib.parse import parse_qsl

import msgspec
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from tradebot.exchange import rest_account, rest_orders, rest_public, rest_settings
from tradebot.exchange.control import Control
from tradebot.exchange.endpoints import Endpoint
from tradebot.exchange.faults import Fault
from tradebot.exchange.pacing import Pacer
from tradebot.exchange.params import Params
from tradebot.exchange.refusals import Refusal
from tradebot.exchange.spot import market_data, subscriptions
from tradebot.exchange.spot import rest_account as spot_account
from tradebot.exchange.spot import rest_orders as spot_orders
from tradebot.exchange.streams import Connection
from tradebot.exchange.venue import Venue

_FUTURES: Final = rest_public.TABLE | rest_account.TABLE | rest_settings.TABLE | rest_orders.TABLE | market_data.TABLE
_SPOT: Final = market_data.TABLE | spot_account.TABLE | spot_orders.TABLE
HOST: Final = "127.0.0.1"
_ROUTES: Final = ("public", "market", "private", market_data.ROUTE)
_PING_SECONDS: Final = 180
_PONG_SECONDS: Final = 600
_LONGEST_BODY: Final = 1 << 20


class LocalExchange:
    """A venue behind a port.

    Parameters
    ----------
    venue : the exchange.
    pacer : lets its market pass; started with the server unless ``stepped``.
    port : 0 takes a free one.
    stepped : the market moves when the control endpoint is asked to.

    Raises
    ------
    OSError : the port is taken.

    Examples
    --------
    >>> async with LocalExchange(venue, pacer, port=0) as exchange:  # doctest: +SKIP
    ...     print(exchange.url)
    """

    def __init__(self, venue: Venue, pacer: Pacer, *, port: int = 0, stepped: bool = False) -> None:
        self.venue = venue
        self.pacer = pacer
        self._stepped = stepped
        config = uvicorn.Config(
            application(venue, pacer if stepped else None),
            log_level=logging.WARNING,
            lifespan="off",
            access_log=False,
            ws_ping_interval=_PING_SECONDS,
            ws_ping_timeout=_PONG_SECONDS,
            timeout_graceful_shutdown=1,
        )
        self._server = uvicorn.Server(config)
        # With TCP named as the protocol asyncio sends answers at once; else they wait for an acknowledgement.
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._port = port
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def port(self) -> int:
        """Port the server listens on."""
        return int(self._socket.getsockname()[1])

    @property
    def url(self) -> str:
        """Address of the REST endpoints."""
        return f"http://{HOST}:{self.port}"

    @property
    def ws_url(self) -> str:
        """Address of the websockets."""
        return f"ws://{HOST}:{self.port}"

    async def __aenter__(self) -> Self:
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._socket.bind((HOST, self._port))
        except OSError:
            self._socket.close()
            raise
        serving = asyncio.create_task(self._server.serve([self._socket]))
        self._tasks.append(serving)
        while not self._server.started:
            if serving.done():
                await serving
            await asyncio.sleep(0.005)
        self._tasks.append(asyncio.create_task(self._watch_listen_key()))
        if not self._stepped:
            self._tasks.append(asyncio.create_task(self._pulse()))
            self._tasks.append(asyncio.create_task(self.pacer.run()))
        return self

    async def __aexit__(self, *_: object) -> None:
        self.venue.stop()
        for task in self._tasks[1:]:
            task.cancel()
        self._server.should_exit = True
        await self._tasks[0]
        await asyncio.gather(*self._tasks[1:], return_exceptions=True)
        self._socket.close()

    async def ended(self) -> None:
        """Wait until the server ends; a market that breaks off raises its error here."""
        serving, market = self._tasks[0], self._tasks[-1]
        await asyncio.wait([serving, market], return_when=asyncio.FIRST_COMPLETED)
        if market.done():
            market.result()
        await asyncio.wait([serving])

    async def _pulse(self) -> None:
        # As at Binance: a market in which nobody trades has a mark price every second all the same.
        while not self.pacer.is_over:
            await asyncio.sleep(1.0)
            self.venue.tape.pulse()

    async def _watch_listen_key(self) -> None:
        while True:
            await asyncio.sleep(0.05)
            self.venue.expire_listen_key()


def application(venue: Venue, stepper: Pacer | None) -> Starlette:
    """The ASGI application of a venue."""

    async def rest(request: Request) -> Response:
        return await answer(venue, request)

    async def stream(websocket: WebSocket) -> None:
        await attend(venue, websocket)

    async def api(websocket: WebSocket) -> None:
        connection = Connection("private", combined=False)
        await websocket.accept()
        venue.hub.open(connection)
        await _serve(venue, connection, websocket, partial(subscriptions.request, venue, connection))

    paths = ["/ws", "/ws/{streams:path}", "/stream"]
    sockets = [WebSocketRoute(f"/{{route}}{path}", stream) for path in paths]
    sockets += [WebSocketRoute(path, stream) for path in paths]
    sockets.append(WebSocketRoute(subscriptions.PATH, api))
    methods = ["GET", "POST", "PUT", "DELETE"]
    return Starlette(
        routes=[*Control(venue, stepper).routes(), *sockets, Route("/{path:path}", rest, methods=methods)],
    )


async def answer(venue: Venue, request: Request) -> Response:
    """Answer one REST request."""
    table = _FUTURES if venue.spot is None else _SPOT
    found = table.get((request.method, request.url.path))
    if found is None:
        return _json({"code": -5000, "msg": f"Path {request.url.path}, Method {request.method} is invalid"}, 404)
    if int(request.headers.get("Content-Length", "0")) > _LONGEST_BODY:
        return _json({"code": -1101, "msg": "Too much data sent."}, 413)
    query = request.scope["query_string"].decode("utf-8", "replace")
    body = (await request.body()).decode("utf-8", "replace")
    params = Params(dict(parse_qsl(query, keep_blank_values=True) + parse_qsl(body, keep_blank_values=True)))
    fault = venue.faults.of_request(request.method, request.url.path)
    refused: Refusal | None = None
    told: Any = None
    try:
        if fault is not None and fault.action in ("delay", "drop"):
            await asyncio.sleep(fault.wait)
        if fault is None or fault.action != "drop":
            told = _handle(venue, found, request, query, body, params, fault)
    except Refusal as refusal:
        refused = refusal
    if fault is not None and fault.action in ("lose_answer", "error_after"):
        await asyncio.sleep(fault.wait)
    if fault is not None and fault.action in ("drop", "lose_answer"):
        _cut(request)
    if refused is None:
        return _json(told, 200, venue.budgets.headers(orders=found.orders > 0))
    headers = {"Retry-After": str(refused.retry_after)} if refused.retry_after else {}
    return _json(refused.body, refused.status, headers | venue.budgets.headers(orders=found.orders > 0))


def _handle(
    venue: Venue, found: Endpoint, request: Request, query: str, body: str, params: Params, fault: Fault | None
) -> Any:
    venue.budgets.request(found.cost(params))
    if found.security != "none":
        venue.gatekeeper.check_key(request.headers.get("X-MBX-APIKEY", ""))
    if found.security == "signed":
        venue.gatekeeper.check_signature(query, body, params)
    if found.orders:
        venue.budgets.order(found.orders)
    if fault is not None and fault.action == "late":
        venue.later(partial(_tried, found, venue, params), fault.seconds)
        raise fault.refusal
    if fault is not None and fault.action == "error":
        raise fault.refusal
    if fault is not None and fault.action == "error_after":
        _tried(found, venue, params)
        raise fault.refusal
    return found.handler(venue, params)


def _tried(found: Endpoint, venue: Venue, params: Params) -> None:
    """Do what was asked; what comes of it is not told."""
    with contextlib.suppress(Refusal):
        found.handler(venue, params)


def _cut(request: Request) -> None:
    """Cut a request's connection without an answer.

    ASGI has no word for it; uvicorn's ``receive`` belongs to the object that holds the connection.
    """
    request.receive.__self__.transport.abort()  # type: ignore[attr-defined]


def _json(told: Any, status: int, headers: dict[str, str] | None = None) -> Response:
    return Response(msgspec.json.encode(told), status, headers, media_type="application/json")


async def attend(venue: Venue, websocket: WebSocket) -> None:
    """Serve one websocket until either side leaves."""
    route = websocket.path_params.get("route", "")
    if route not in (*_ROUTES, ""):
        await websocket.close()
        return
    if venue.spot is not None and not route:
        route = market_data.ROUTE
    connection = Connection(route, combined=websocket.url.path.endswith("/stream"))
    named = websocket.path_params.get("streams", "") or websocket.query_params.get("streams", "")
    await websocket.accept()
    venue.hub.open(connection)
    _listen(venue, connection, websocket, [stream for stream in named.split("/") if stream])
    await _serve(venue, connection, websocket, partial(venue.hub.request, connection))


async def _serve(venue: Venue, connection: Connection, websocket: WebSocket, answer: Callable[[str], None]) -> None:
    sender = asyncio.create_task(_send(connection, websocket))
    life = asyncio.get_running_loop().call_later(venue.state.settings.stream_hours * 3_600, connection.close)
    try:
        async for text in _texts(websocket):
            answer(text)
    finally:
        life.cancel()
        venue.hub.close(connection)
        sender.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await sender


def _listen(venue: Venue, connection: Connection, websocket: WebSocket, streams: list[str]) -> None:
    """Subscribe a new connection to what its address names: market streams, or a listenKey."""
    if connection.route == "private":
        keys = [websocket.query_params.get("listenKey", ""), *streams]
        connection.keys = {key for key in keys if venue.listen_keys.is_valid(key)}
        connection.events = frozenset(filter(None, websocket.query_params.get("events", "").split("/")))
    else:
        venue.hub.subscribe(connection, streams)


async def _texts(websocket: WebSocket) -> AsyncIterator[str]:
    with contextlib.suppress(WebSocketDisconnect):
        while True:
            yield await websocket.receive_text()


async def _send(connection: Connection, websocket: WebSocket) -> None:
    while True:
        message = await connection.queue.get()
        if message is None:
            with contextlib.suppress(RuntimeError):
                await websocket.close()
            return
        try:
            await websocket.send_text(message.decode())
        except (WebSocketDisconnect, RuntimeError):
            return
