"""Sessions of browsers, in memory: a restart logs everybody out."""

from __future__ import annotations

import secrets
import time
from typing import Final

import msgspec

from tradebot.api.access.roles import Role

COOKIE: Final = "tradebot_session"
CSRF_HEADER: Final = "X-CSRF-Token"
_MOST: Final = 1_000


class Session(msgspec.Struct, frozen=True):
    """A browser that has logged in; ``csrf`` must come with everything it changes, ``expires`` in seconds."""

    role: Role
    csrf: str
    expires: float


class Sessions:
    """The sessions there are.

    Parameters
    ----------
    lasting_s : seconds until one must log in again.
    """

    def __init__(self, lasting_s: float) -> None:
        self.lasting_s = lasting_s
        self._sessions: dict[str, Session] = {}

    def begin(self, role: Role) -> tuple[str, Session]:
        """A new session and its secret name."""
        now = time.monotonic()
        kept = [(name, each) for name, each in self._sessions.items() if each.expires > now]
        self._sessions = dict(kept[-_MOST + 1 :])
        name, session = secrets.token_urlsafe(32), Session(role, secrets.token_urlsafe(32), now + self.lasting_s)
        self._sessions[name] = session
        return name, session

    def find(self, name: str) -> Session | None:
        """The session of that name, unless it is over."""
        session = self._sessions.get(name)
        return session if session is not None and session.expires > time.monotonic() else None

    def end(self, name: str) -> None:
        """Log out."""
        self._sessions.pop(name, None)
