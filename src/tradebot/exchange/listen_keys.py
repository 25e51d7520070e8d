"""listenKeys: a key opens the user stream for an hour, and as long as it is kept alive.

Source: Binance Open Platform, USD-M futures, "User Data Streams".
"""

from __future__ import annotations

import secrets

from tradebot.exchange.clock import Clock
from tradebot.exchange.refusals import Refusal


class ListenKeys:
    """The one account's listenKey; asking again while it lives returns the same and extends it."""

    def __init__(self, clock: Clock, minutes: float) -> None:
        self._clock = clock
        self._life = int(minutes * 60_000)
        self._key = ""
        self._until = 0

    def create(self) -> str:
        """The living key, or a new one."""
        if not self.is_valid(self._key):
            self._key = secrets.token_urlsafe(48)
        self._until = self._clock.now_ms() + self._life
        return self._key

    def keep_alive(self) -> str:
        """Extend the living key.

        Raises
        ------
        Refusal : there is none.
        """
        if not self.is_valid(self._key):
            raise Refusal(-1125)
        return self.create()

    def close(self) -> None:
        """End the key without a word."""
        self._key = ""

    def is_valid(self, key: str) -> bool:
        """Whether a key opens the user stream."""
        return bool(key) and key == self._key and self._clock.now_ms() < self._until

    def expired(self) -> str:
        """The key that has just run out, once; empty otherwise."""
        if self._key and self._clock.now_ms() >= self._until:
            key, self._key = self._key, ""
            return key
        return ""

    def expire(self) -> None:
        """Let the key run out now."""
        self._until = 0
