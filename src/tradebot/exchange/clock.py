"""The exchange's own clock, which faults may set wrong."""

from __future__ import annotations

import time


class Clock:
    """Wall-clock time of the server, in milliseconds; requests are timed and messages are dated by it.

    The market has a time of its own, that of its data.
    """

    def __init__(self) -> None:
        self.skew_ms = 0

    def now_ms(self) -> int:
        """Milliseconds since 1970."""
        return time.time_ns() // 1_000_000 + self.skew_ms
