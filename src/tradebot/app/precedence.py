"""Two event loops in one process, of which one goes first: a bot's before that of whoever looks at it.

The threads of a Python process take turns at the interpreter. A bot gives its turn away at every statement to its disk
and would get it back only after others have used theirs up, so they hold back while it has something to do.
"""

from __future__ import annotations

import asyncio
import selectors
import sys
import time
from threading import Event
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextvars import Context
    from selectors import SelectorKey

_PATIENCE_S: Final = 0.01
_TURN_S: Final = 0.00005


class Precedence:
    """Makes both loops, each for a thread of its own.

    Parameters
    ----------
    patience_s : longest that the second loop holds back: where the first computes for long or its disk hangs, others
        shall not be left without an answer.
    """

    def __init__(self, patience_s: float = _PATIENCE_S) -> None:
        self._patience_s = patience_s
        self._rests = Event()
        self._rests.set()
        self._since = 0.0

    def first(self) -> asyncio.AbstractEventLoop:
        """The loop that goes first."""
        # What others have begun already shall not keep it from its turn for long.
        sys.setswitchinterval(min(sys.getswitchinterval(), _TURN_S))
        return asyncio.SelectorEventLoop(_First(self))

    def second(self) -> asyncio.AbstractEventLoop:
        """The loop that begins nothing while the first has something to do."""
        return _SecondLoop(self)

    def rest(self) -> None:
        """The first has nothing to do."""
        self._rests.set()

    def work(self) -> None:
        """The first has something to do."""
        self._since = time.monotonic()
        self._rests.clear()

    def give_way(self) -> None:
        """Wait until the first rests."""
        if not self._rests.is_set() and (left := self._since + self._patience_s - time.monotonic()) > 0:
            self._rests.wait(left)


class _First(selectors.DefaultSelector):
    def __init__(self, precedence: Precedence) -> None:
        super().__init__()
        self._precedence = precedence

    def select(self, timeout: float | None = None) -> list[tuple[SelectorKey, int]]:
        if timeout is not None and timeout <= 0:
            # The loop does not wait: it has more to do.
            return super().select(timeout)
        self._precedence.rest()
        try:
            return super().select(timeout)
        finally:
            self._precedence.work()


class _Second(selectors.DefaultSelector):
    def __init__(self, precedence: Precedence) -> None:
        super().__init__()
        self._precedence = precedence

    def select(self, timeout: float | None = None) -> list[tuple[SelectorKey, int]]:
        found = super().select(timeout)
        self._precedence.give_way()
        return found


class _SecondLoop(asyncio.SelectorEventLoop):
    """Gives way before every step of its tasks: between two looks at its sockets there may be hundreds."""

    def __init__(self, precedence: Precedence) -> None:
        super().__init__(_Second(precedence))
        self._precedence = precedence

    def call_soon(self, callback: Callable[..., object], *args: Any, context: Context | None = None) -> asyncio.Handle:
        return super().call_soon(self._in_turn, callback, *args, context=context)

    def _in_turn(self, callback: Callable[..., object], *args: Any) -> None:
        self._precedence.give_way()
        callback(*args)
