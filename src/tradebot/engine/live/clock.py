"""The time a bot lives by: the venue's, or that of the data where old data is played."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final

from tradebot.core.errors import DataError
from tradebot.core.event import Alarm
from tradebot.core.instant import iso

SKEW_ALARM_NS: Final = 500_000_000
_EVERY_S: Final = 60.0
_ANSWER_S: Final = 10.0


class VenueClock:
    """The machine's clock, corrected by what the venue's says.

    Between two corrections it runs on the monotonic clock, so that a jump of the machine's wall clock moves nothing.

    Parameters
    ----------
    ask : asks the venue for its time, int64 ns UTC.
    every_s : time between two corrections.

    Attributes
    ----------
    skew : the venue's time less the machine's at the last correction, ns.
    """

    is_real = True

    def __init__(self, ask: Callable[[], Awaitable[int]], *, every_s: float = _EVERY_S) -> None:
        self._ask = ask
        self._every_s = every_s
        self.skew = 0
        self._origin = time.time_ns() - time.monotonic_ns()

    def now(self) -> int:
        """Current time of the venue, int64 ns UTC."""
        return time.monotonic_ns() + self._origin + self.skew

    @property
    def is_off(self) -> bool:
        """Whether the machine's clock is so far off that a person should mend it."""
        return abs(self.skew) > SKEW_ALARM_NS

    async def corrections(self) -> AsyncIterator[Alarm]:
        """Correct it now and then, for good.

        Gives an alarm when the machine's clock turns out to be off, and when it is right again. A venue that does not
        answer leaves it as it is.
        """
        while True:
            was_off = self.is_off
            try:
                await self._correct()
            except (OSError, DataError):
                pass
            else:
                if self.is_off != was_off:
                    yield Alarm(ts=self.now(), text=self._told())
            await asyncio.sleep(self._every_s)

    async def _correct(self) -> None:
        """Ask the venue.

        Its time belongs to the middle of the round trip (Cristian 1989, Probabilistic clock synchronization).
        """
        asked = time.monotonic_ns()
        async with asyncio.timeout(_ANSWER_S):
            venue_ts = await self._ask()
        middle = (asked + time.monotonic_ns()) // 2
        self.skew = venue_ts - (middle + self._origin)

    def _told(self) -> str:
        if not self.is_off:
            return "this machine's clock is right again"
        way = "behind" if self.skew > 0 else "ahead of"
        return f"this machine's clock is {abs(self.skew) / 1e9:.1f} s {way} the venue's: set it by a time server"

    def __repr__(self) -> str:
        return f"<VenueClock {iso(self.now())} skew {self.skew / 1e6:.0f} ms>"


class DataClock:
    """A clock that stands at the latest event, for data that is played.

    Parameters
    ----------
    ts : where it stands at first, int64 ns UTC.
    """

    is_real = False
    skew = 0
    is_off = False

    def __init__(self, ts: int = 0) -> None:
        self._ts = ts

    def now(self) -> int:
        """Time of the latest event, int64 ns UTC."""
        return self._ts

    def advance(self, ts: int) -> None:
        """Move on to an event; an older one leaves the clock where it is."""
        self._ts = max(self._ts, ts)
