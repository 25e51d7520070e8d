"""Log in and out, and who one is."""

from __future__ import annotations

from typing import cast

import structlog
from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from tradebot.api.access.gate import AccessGate
from tradebot.api.access.roles import Identity, Viewer
from tradebot.api.access.sessions import COOKIE
from tradebot.api.problems import RequestError, responses
from tradebot.api.schemas.session import Login, SessionState

router = APIRouter(prefix="/session", tags=["session"], responses=responses(401, 422, 429))
_log = structlog.get_logger("tradebot.api")


@router.get("")
def session(request: Request, viewer: Viewer) -> SessionState:
    """Who one is."""
    gate = cast("AccessGate", request.app.state.access)
    found = gate.sessions.find(request.cookies.get(COOKIE, ""))
    return _state(viewer, found.csrf if found is not None and viewer.way == "session" else "")


@router.post("", responses=responses(403, 409, 413, 415))
async def login(request: Request, response: Response, body: Login) -> SessionState:
    """Log in: sets the session's cookie, and tells the token that must come with everything one changes."""
    gate = cast("AccessGate", request.app.state.access)
    if not gate.passwords:
        raise RequestError(409, "no password is set", mend="Nothing is demanded on this machine, or tokens are.")
    who = request.client.host if request.client is not None else ""
    if (wait := gate.throttle.wait_s(who)) > 0:
        headers = {"Retry-After": str(int(wait) + 1)}
        raise RequestError(429, "too many wrong passwords", mend=f"Wait {int(wait) + 1} s.", headers=headers)
    # Counted before it is tried: a hundred at once are a hundred tries.
    gate.throttle.failed(who)
    role = await run_in_threadpool(gate.passwords.role_of, body.password)
    if role is None:
        _log.warning("wrong password", client=who)
        raise RequestError(401, "the password is wrong", place="password", mend="Try again.")
    gate.throttle.forgive(who)
    name, found = gate.sessions.begin(role)
    response.set_cookie(
        COOKIE,
        name,
        max_age=int(gate.sessions.lasting_s),
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
        path="/",
    )
    return _state(Identity(role.word, role, "session"), found.csrf)


@router.delete("", status_code=204, responses=responses(403))
def logout(request: Request, response: Response, viewer: Viewer) -> None:
    """Log out."""
    gate = cast("AccessGate", request.app.state.access)
    gate.sessions.end(request.cookies.get(COOKIE, ""))
    response.delete_cookie(COOKIE, path="/")


def _state(identity: Identity, csrf: str) -> SessionState:
    return SessionState(name=identity.name, role=identity.role.word, way=identity.way, csrf_token=csrf)  # type: ignore[arg-type]
