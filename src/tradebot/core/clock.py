"""Time as the engine sees it: told by a clock, never by the machine."""

from __future__ import annotations

from typing import Protocol

from tradebot.core.errors import TradebotError
from tradebot.core.instant import iso


class Clock(Protocol):
    """Tells the time. Decision code asks no other source, so that a replay sees the same hours."""

    def now(self) -> int:
        """Current time, int64 ns UTC."""
        ...


class SimulatedClock:
    """A clock that stands still until an event moves it on.

    Parameters
    ----------
    ts : first time it tells, int64 ns UTC.
    """

    __slots__ = ("_ts",)

    def __init__(self, ts: int = 0) -> None:
        self._ts = ts

    def now(self) -> int:
        """Time of the latest event, int64 ns UTC."""
        return self._ts

    def advance(self, ts: int) -> None:
        """Move on to the time of an event.

        Raises
        ------
        TradebotError : the time lies before the present; events must come in order.
        """
        if ts < self._ts:
            raise TradebotError(
                f"an event of {iso(ts)} came after {iso(self._ts)}",
                place="clock",
                mend="Sort the events by the time they are known.",
            )
        self._ts = ts
