"""The rule of access: open on loopback unless a password is set; everywhere else credentials are demanded."""

from __future__ import annotations

import secrets
from typing import Final

from starlette.requests import HTTPConnection

from tradebot.api.access.passwords import Passwords, Throttle
from tradebot.api.access.roles import Identity, Role
from tradebot.api.access.sessions import COOKIE, CSRF_HEADER, Sessions
from tradebot.api.access.tokens import Tokens
from tradebot.api.problems import RequestError
from tradebot.api.settings import ApiSettings
from tradebot.core.errors import ConfigError

_READS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_BEARER: Final = "bearer "


class AccessGate:
    """Knows who asks.

    Parameters
    ----------
    settings : passwords, tokens, and the address, which decides whether it may be open.

    Raises
    ------
    ConfigError : it would be open beyond this machine.
    """

    def __init__(self, settings: ApiSettings) -> None:
        given = {Role.OPERATOR: settings.operator_password, Role.VIEWER: settings.viewer_password}
        self.passwords = Passwords(given)
        self.tokens = Tokens(settings.tokens)
        self.sessions = Sessions(settings.session_s)
        self.throttle = Throttle()
        self.is_open = settings.is_loopback and not self.passwords
        if not (settings.is_loopback or self.passwords or self.tokens):
            raise ConfigError(
                f"{settings.host} is reached from other machines, and there is neither password nor token",
                place="api.host",
                mend="Set TRADEBOT_API_PASSWORD, make a token (`tradebot token create`), or bind it to 127.0.0.1.",
            )

    def identify(self, connection: HTTPConnection) -> Identity | None:
        """Who asks; ``None`` for nobody that is known.

        Raises
        ------
        RequestError : a browser's change comes without its session's token.
        """
        authorization = connection.headers.get("authorization", "")
        if authorization:
            return self._of_token(authorization)
        if session := self._of_cookie(connection):
            return session
        return Identity("local", Role.OPERATOR, "open") if self.is_open else None

    def _of_token(self, authorization: str) -> Identity | None:
        if not authorization.lower().startswith(_BEARER):
            return None
        token = self.tokens.find(authorization[len(_BEARER) :].strip())
        return None if token is None else Identity(token.name, Role[token.role.upper()], "token")

    def _of_cookie(self, connection: HTTPConnection) -> Identity | None:
        session = self.sessions.find(connection.cookies.get(COOKIE, ""))
        if session is None:
            return None
        if connection.scope.get("method", "GET") not in _READS:
            sent = connection.headers.get(CSRF_HEADER, "")
            if not secrets.compare_digest(sent.encode(), session.csrf.encode()):
                mend = f"Send it in the header {CSRF_HEADER}; GET /api/v1/session tells it."
                raise RequestError(403, "the session's token is missing or wrong", place=CSRF_HEADER, mend=mend)
        return Identity(session.role.word, session.role, "session")
