"""The time a bot lives by: the venue's, or that of the data where old data is played."""

from __future__ import annotations

import time
from typing import Final

from tradebot.core.instant import iso

SKEW_ALARM_NS: Final = 500_000_000


class VenueClock:
    """The machine's clock, corrected by what the venue's says.

    Between two corrections it runs on the monotonic clock, so that a jump of the machine's wall clock moves nothing.

    Attributes
    ----------
    skew : the venue's time less the machine's at the last correction, ns.
    """

    is_real = True

    def __init__(self) -> None:
        self.skew = 0
        self._origin = time.time_ns() - time.monotonic_ns()

    def now(self) -> int:
        """Current time of the venue, int64 ns UTC."""
        return time.monotonic_ns() + self._origin + self.skew

    def correct(self, venue_ts: int, asked: int, answered: int) -> int:
        """Take the venue's answer to a question asked and answered at these monotonic times (ns); returns the skew.

        The venue's time belongs to the middle of the round trip (Cristian 1989, Probabilistic clock synchronization).
        """
        middle = (asked + answered) // 2
        self.skew = venue_ts - (middle + self._origin)
        return self.skew

    @property
    def is_off(self) -> bool:
        """Whether the machine's clock is so far off that a person should mend it."""
        return abs(self.skew) > SKEW_ALARM_NS

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
