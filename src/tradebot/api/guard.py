"""What every request meets first: its number, the host and origin it names, its size; and what every answer bears."""

from __future__ import annotations

import re
import secrets
import time
from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import urlsplit

import structlog
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException

from tradebot.api import problems
from tradebot.api.settings import LOOPBACK_NAMES, ApiSettings

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from tradebot.api.metrics import Metrics

REQUEST_ID: Final = "X-Request-ID"
_REQUEST_ID: Final = REQUEST_ID.lower().encode()
_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
_READS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
# Methods that are counted by name: one that a stranger makes up opens no series of its own.
_COUNTED: Final = _READS | {"POST", "PUT", "PATCH", "DELETE"}
_POLICY: Final = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; frame-src 'self'; frame-ancestors 'self'; base-uri 'none'; "
    "form-action 'self'; object-src 'none'"
)
_HEADERS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"SAMEORIGIN"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
    (b"content-security-policy", _POLICY.encode()),
    (b"cache-control", b"no-store"),
)
_log: Final = structlog.get_logger("tradebot.api")


class _Refused(NamedTuple):
    status: int
    fact: str
    mend: str = ""


class Guard:
    """Outermost layer of the application.

    Parameters
    ----------
    app : what it guards.
    settings : hosts it may be asked under, and the longest body.
    metrics : counts requests.
    """

    def __init__(self, app: ASGIApp, settings: ApiSettings, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics
        self._body_bytes = settings.body_bytes
        names = {settings.host.strip("[]"), *settings.allowed_hosts, *(LOOPBACK_NAMES if settings.is_loopback else ())}
        self._hosts = {name.strip("[]").lower() for name in names}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request or one socket."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        given = headers.get(REQUEST_ID, "")
        request_id = given if _ID.fullmatch(given) else secrets.token_hex(8)
        scope.setdefault("state", {})["correlation_id"] = request_id
        with structlog.contextvars.bound_contextvars(request=request_id):
            refused = self._refusal(scope, headers)
            if scope["type"] == "websocket":
                if refused is None:
                    await self._app(scope, receive, send)
                else:
                    await send({"type": "websocket.close", "code": 1008, "reason": refused.fact[:120]})
                return
            await self._serve(scope, self._limited(receive), send, request_id, refused)

    async def _serve(
        self, scope: Scope, receive: Receive, send: Send, request_id: str, refused: _Refused | None
    ) -> None:
        begun, status = time.perf_counter(), 0

        async def send_on(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                _adorn(message, request_id)
            await send(message)

        try:
            if refused is not None:
                await self._answer(scope, receive, send_on, refused, request_id)
            else:
                await self._app(scope, receive, send_on)
        except Exception:
            # What was raised may hold a secret; the log redacts, and the answer tells nothing of it.
            _log.exception("request failed", path=scope["path"])
            if status:
                raise
            failed = _Refused(500, "the server failed", "The log tells more under this correlation id.")
            await self._answer(scope, receive, send_on, failed, request_id)
        seconds = time.perf_counter() - begun
        route: Any = scope.get("route")
        path = getattr(route, "path", "other")
        method = scope["method"] if scope["method"] in _COUNTED else "other"
        self._metrics.requests.labels(method, path, status).inc()
        self._metrics.seconds.labels(path).observe(seconds)
        _log.debug("request", method=scope["method"], path=scope["path"], status=status, ms=round(1e3 * seconds, 1))

    async def _answer(self, scope: Scope, receive: Receive, send: Send, refused: _Refused, request_id: str) -> None:
        words = f"{refused.fact}. {refused.mend}" if refused.mend else refused.fact
        told = problems.answer(
            refused.status, words, instance=scope["path"], correlation_id=request_id, mend=refused.mend
        )
        await told(scope, receive, send)

    def _refusal(self, scope: Scope, headers: Headers) -> _Refused | None:
        host = headers.get("host", "")
        if "*" not in self._hosts and _name_of(host) not in self._hosts:
            # A name that somebody else points at this machine (DNS rebinding).
            name = _name_of(host)[:64]
            mend = "Ask it under one of its names, or start it with `--allow-host NAME` for this one."
            return _Refused(421, f'"{name}" is not a name of this server', mend)
        changes = scope["type"] == "websocket" or scope["method"] not in _READS
        if changes and not _is_same_origin(headers, host):
            return _Refused(403, "the request comes from another site", "Ask from the server's own pages.")
        length = headers.get("content-length", "0")
        if length.isdigit() and int(length) > self._body_bytes:
            return _Refused(413, f"the body is longer than {self._body_bytes} bytes", "Send less.")
        has_body = length not in ("", "0") or "transfer-encoding" in headers
        if changes and has_body and not headers.get("content-type", "").startswith("application/json"):
            return _Refused(415, "the body is no JSON", "Send it as `Content-Type: application/json`.")
        return None

    def _limited(self, receive: Receive) -> Receive:
        """The body, up to the limit, however it is sent."""
        taken = 0

        async def receive_on() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > self._body_bytes:
                raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "the body is too long")
            return message

        return receive_on


def _adorn(message: Message, request_id: str) -> None:
    """Add what every answer bears and this one does not say itself."""
    headers: list[tuple[bytes, bytes]] = list(message.get("headers", ()))
    said = {name for name, _ in headers}
    headers += [header for header in _HEADERS if header[0] not in said]
    headers.append((_REQUEST_ID, request_id.encode()))
    message["headers"] = headers


@lru_cache(maxsize=64)
def _name_of(host: str) -> str:
    """Name in a header ``Host``, without port and brackets."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _is_same_origin(headers: Headers, host: str) -> bool:
    """Whether a browser that tells its origin tells ours; programs tell none."""
    if headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
        return False
    origin = headers.get("origin")
    if origin is None:
        return True
    try:
        return urlsplit(origin).netloc.lower() == host.lower()
    except ValueError:
        return False
