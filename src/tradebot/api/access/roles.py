"""Who asks, and what that one may do: viewers look, operators act."""

from __future__ import annotations

import asyncio
from enum import IntEnum
from typing import Annotated, Final, NamedTuple, cast

from fastapi import Depends
from starlette.requests import HTTPConnection

from tradebot.api.problems import RequestError
from tradebot.core.errors import TradebotError

UNKNOWN: Final = "credentials are missing, wrong or expired"
"""What whoever is not known is told."""


class Role(IntEnum):
    """What somebody may do; each may do what those before it may."""

    VIEWER = 1
    OPERATOR = 2

    @property
    def word(self) -> str:
        """As people write it."""
        return self.name.lower()


class Identity(NamedTuple):
    """Somebody who asks.

    Attributes
    ----------
    name : for the audit: the token's name, or the role of a browser's session.
    role : what they may do.
    way : ``open`` (nothing is demanded), ``session`` or ``token``.
    """

    name: str
    role: Role
    way: str


def identity_of(connection: HTTPConnection) -> Identity:
    """Who asks.

    Raises
    ------
    RequestError : nobody that is known.
    """
    from tradebot.api.access.gate import AccessGate

    gate = cast("AccessGate", connection.app.state.access)
    identity = gate.identify(connection)
    if identity is None:
        mend = "Log in at /login, or send `Authorization: Bearer TOKEN` (`tradebot token create`)."
        challenge = {"WWW-Authenticate": 'Bearer realm="tradebot"'}
        raise RequestError(401, UNKNOWN, mend=mend, headers=challenge)
    return identity


async def until_unknown(connection: HTTPConnection, every_s: float) -> None:
    """Until who asked is known no more: logged out, expired, or the token revoked; looked at every so many seconds."""
    while True:
        await asyncio.sleep(every_s)
        try:
            identity_of(connection)
        except TradebotError:
            return


# Nothing here waits, so it is asked on the loop: what is not `async` is sent to a thread and back, for every request.
async def _known(connection: HTTPConnection) -> Identity:
    return identity_of(connection)


async def _operator(identity: Annotated[Identity, Depends(_known)]) -> Identity:
    if identity.role < Role.OPERATOR:
        mend = "Ask an operator, or log in as one."
        raise RequestError(403, f"a {identity.role.word} may look and not act", mend=mend)
    return identity


Known = Depends(_known)
"""Anybody with credentials, as a dependency of a router."""

Viewer = Annotated[Identity, Depends(_known)]
"""Anybody with credentials, as a parameter of a route."""

Operator = Annotated[Identity, Depends(_operator)]
"""Who may act, as a parameter of a route."""
