"""The orders for which something was sent and nothing was answered yet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

from tradebot.engine.outbox import SECOND

if TYPE_CHECKING:
    from tradebot.engine.outbox import Outbox
    from tradebot.engine.plan import Patience

WATCH: Final = "watch"


class Awaited:
    """When what was sent last for an order went out, as long as no answer has come.

    Parameters
    ----------
    patience : how long an answer is waited for.
    outbox : where the timer is asked for that ends the wait.
    """

    def __init__(self, patience: Patience, outbox: Outbox) -> None:
        self._longest = int(patience.answer * SECOND)
        self._outbox = outbox
        self._sent: dict[int, int] = {}

    def __contains__(self, number: int) -> bool:
        return number in self._sent

    def sent(self, number: int, ts: int) -> None:
        """Something leaves for an order."""
        self._sent[number] = ts
        if WATCH not in self._outbox.timers:
            self._outbox.wake(ts + self._longest, WATCH)

    def answered(self, number: int) -> None:
        """The broker has answered, or will not any more."""
        self._sent.pop(number, None)

    def overdue(self, ts: int) -> Sequence[int]:
        """Orders that were waited for long enough; they are not awaited any more."""
        found = [number for number, sent in self._sent.items() if ts - sent >= self._longest]
        for number in found:
            del self._sent[number]
        return found

    def wait_on(self) -> None:
        """Ask for the timer of those that are left."""
        if self._sent:
            self._outbox.wake(min(self._sent.values()) + self._longest, WATCH)

    def give_up(self) -> None:
        """Await nothing any more: who would have heard the answers is gone."""
        self._sent.clear()

    def state(self) -> list[list[int]]:
        """What it remembers, as plain data."""
        return [[number, ts] for number, ts in self._sent.items()]

    def restore(self, state: Iterable[tuple[int, int]]) -> None:
        """Take back what :meth:`state` gave."""
        self._sent = dict(state)
