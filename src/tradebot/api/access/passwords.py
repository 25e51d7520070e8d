"""Passwords of browsers: kept as Argon2 hashes, tried a few times a minute."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Mapping
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from tradebot.api.access.roles import Role
from tradebot.core.errors import ConfigError

_HASHED: Final = "$argon2"
_SHORTEST: Final = 8


class Passwords:
    """The passwords of the roles.

    Parameters
    ----------
    given : plain or hashed, by role; empty ones are left out.

    Raises
    ------
    ConfigError : one is too short to be one.
    """

    def __init__(self, given: Mapping[Role, str]) -> None:
        self._hasher = PasswordHasher()
        self._hashes: dict[Role, str] = {}
        for role, password in given.items():
            if not password:
                continue
            if len(password) < _SHORTEST:
                mend = f"Give one of {_SHORTEST} characters or more."
                raise ConfigError("it is too short", place=f"password of the {role.word}", mend=mend)
            self._hashes[role] = password if password.startswith(_HASHED) else self._hasher.hash(password)

    def __bool__(self) -> bool:
        return bool(self._hashes)

    def role_of(self, password: str) -> Role | None:
        """The role a password opens; ``None`` for none. Takes tens of milliseconds, by design."""
        for role, known in sorted(self._hashes.items(), reverse=True):
            try:
                self._hasher.verify(known, password)
            except (VerificationError, InvalidHashError):
                continue
            return role
        return None


class Throttle:
    """How often somebody may be wrong.

    Parameters
    ----------
    tries : wrong answers in ``window_s`` after which nothing more is tried.
    """

    def __init__(self, tries: int = 5, window_s: float = 60.0) -> None:
        self._tries = tries
        self._window_s = window_s
        self._failed: dict[str, deque[float]] = {}

    def wait_s(self, who: str) -> float:
        """Seconds until they may try again; 0 for at once."""
        failed = self._recent(who)
        return 0.0 if len(failed) < self._tries else max(failed[0] + self._window_s - time.monotonic(), 0.001)

    def failed(self, who: str) -> None:
        """They were wrong."""
        self._recent(who).append(time.monotonic())

    def forgive(self, who: str) -> None:
        """They were right: the try just counted is taken back, earlier wrong ones are not.

        Else whoever knows one password could try others with it in between, as often as they like.
        """
        if self._recent(who):
            self._failed[who].pop()

    def _recent(self, who: str) -> deque[float]:
        now = time.monotonic()
        for name, moments in tuple(self._failed.items()):
            while moments and moments[0] <= now - self._window_s:
                moments.popleft()
            if not moments:
                del self._failed[name]
        return self._failed.setdefault(who, deque())
