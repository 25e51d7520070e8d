"""What happens, as it happens: one stream, by WebSocket or by server-sent events."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Annotated, Final

import msgspec
from fastapi import APIRouter, Header, Query, WebSocket
from fastapi.responses import Response
from starlette.websockets import WebSocketDisconnect, WebSocketState

from tradebot.api.access.roles import UNKNOWN, Viewer, identity_of, until_unknown
from tradebot.api.live.events import TOPICS
from tradebot.api.live.hub import CrowdedError, DroppedError, Hub, Listener
from tradebot.api.live.sockets import FRAMES, framed
from tradebot.api.live.sse import EventStream
from tradebot.api.problems import RequestError, responses
from tradebot.api.schemas.stream import StreamMessage
from tradebot.api.services import Given

router = APIRouter(prefix="/stream", tags=["live"])

_BEAT_S: Final = 15.0
_BEAT: Final = '{"type":"beat"}'
_LOOK_EVERY_S: Final = 5.0
_LATER_S: Final = 5
_FAREWELL_S: Final = 1.0
_REFUSED, _LATER, _UNKNOWN, _SLOW = 1008, 1013, 4401, 4408

_Topics = Annotated[str, Query(max_length=200, description=f"of {', '.join(TOPICS)}, with commas; all where empty")]
_After = Annotated[int | None, Query(ge=0, le=2**53, description="go on after the message of this number")]


@router.get(
    "",
    status_code=200,
    response_class=EventStream,
    response_model=None,
    responses=responses(401, 409, 422, 429, 503)
    | {200: {"model": StreamMessage, "content": {"text/event-stream": {}}, "description": "Each event's data"}},
)
async def listen(
    services: Given,
    viewer: Viewer,
    topics: _Topics = "",
    after: _After = None,
    last_event_id: Annotated[str | None, Header(max_length=20, description="as `after`, sent by browsers")] = None,
) -> Response:
    """Server-sent events: the same messages as over the WebSocket at this address, `id` is the number."""
    begun = after if after is not None else _number(last_event_id)
    try:
        listener = services.hub.listen(_chosen(topics), begun)
    except DroppedError as error:
        raise RequestError(409, str(error), place="after", mend="Listen without it.") from None
    except CrowdedError as error:
        headers = {"Retry-After": str(_LATER_S)}
        raise RequestError(503, str(error), mend="Close one, or try again later.", headers=headers) from None
    return EventStream(services.hub, listener)


@router.websocket("")
async def listen_by_socket(socket: WebSocket, services: Given, topics: str = "", after: int | None = None) -> None:
    """Messages as JSON texts. Send `{"topics": ["bars"]}` to hear of others."""
    try:
        identity_of(socket)
        listener = services.hub.listen(_chosen(topics), after)
    except RequestError as error:
        await _refuse(socket, _UNKNOWN if error.status == 401 else _REFUSED, str(error))
        return
    except (DroppedError, CrowdedError) as error:
        await _refuse(socket, _LATER if isinstance(error, CrowdedError) else _REFUSED, str(error))
        return
    await socket.accept()
    try:
        await _serve(socket, services.hub, listener)
    finally:
        services.hub.leave(listener)


async def _serve(socket: WebSocket, hub: Hub, listener: Listener) -> None:
    """Send and hear until either ends, the listener is too slow, or it is known no more.

    A send that hangs holds up nobody else.
    """
    await socket.send_text(msgspec.json.encode({"type": "hello", "seq": hub.last}).decode())
    sending = asyncio.create_task(_send(socket, listener))
    hearing = asyncio.create_task(_hear(socket, listener))
    dropped = asyncio.create_task(listener.dropped.wait())
    unknown = asyncio.create_task(until_unknown(socket, _LOOK_EVERY_S))
    tasks = (sending, hearing, dropped, unknown)
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    if socket.client_state is not WebSocketState.CONNECTED:
        return
    with contextlib.suppress(TimeoutError, RuntimeError, WebSocketDisconnect):
        async with asyncio.timeout(_FAREWELL_S):
            await _farewell(socket, listener)


async def _farewell(socket: WebSocket, listener: Listener) -> None:
    reason = listener.reason or UNKNOWN
    await socket.send_text(msgspec.json.encode({"type": "dropped", "reason": reason}).decode())
    await socket.close(_SLOW if listener.reason else _UNKNOWN, reason[:120])


async def _send(socket: WebSocket, listener: Listener) -> None:
    takes_frames = FRAMES in socket.scope.get("extensions", {})
    with contextlib.suppress(DroppedError, WebSocketDisconnect):
        while True:
            texts = [sent.text for sent in await listener.take(_BEAT_S)] or [_BEAT]
            if takes_frames:
                await socket.send({"type": "websocket.send", "frames": b"".join(map(framed, texts))})
                continue
            for text in texts:
                await socket.send_text(text)


async def _hear(socket: WebSocket, listener: Listener) -> None:
    with contextlib.suppress(WebSocketDisconnect):
        while True:
            text = await socket.receive_text()
            with contextlib.suppress(msgspec.MsgspecError, RequestError):
                listener.choose(_chosen(",".join(msgspec.json.decode(text, type=_Wish).topics)))


class _Wish(msgspec.Struct):
    topics: list[str]


async def _refuse(socket: WebSocket, code: int, reason: str) -> None:
    await socket.accept()
    with contextlib.suppress(RuntimeError, WebSocketDisconnect):
        await socket.send_text(msgspec.json.encode({"type": "refused", "reason": reason}).decode())
        await socket.close(code, reason[:120])


def _chosen(topics: str) -> frozenset[str]:
    wanted = frozenset(filter(None, topics.split(",")))
    if unknown := wanted.difference(TOPICS):
        mend = f"There are {', '.join(TOPICS)}."
        raise RequestError(422, f"no topic is called {min(unknown)[:40]!r}", place="topics", mend=mend)
    return wanted


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isascii() and text.isdigit() else None
