"""A limit on requests that holds where the requests arrive."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from tradebot.feeds.request_record import RequestRecord


class Window:
    """At most so many requests in any window of so many seconds, as the server sees them.

    A limit on the times of sending does not keep that: of two requests the earlier may travel longer. Here a request
    counts from its sending until ``seconds`` after its answer. It arrived between the two, so any request that is
    sent once it counts no more arrives at least ``seconds`` later.

    Parameters
    ----------
    requests : most in a window; at least 1.
    seconds : length of the window.
    delay : least seconds between the sending of two requests.
    record : file that tells the next process what this one has asked, even if it is killed; ``None`` keeps none.
    """

    def __init__(self, requests: int, seconds: float, *, delay: float = 0.0, record: Path | None = None) -> None:
        self._requests, self._seconds, self._delay = requests, seconds, delay
        self._under_way = 0
        self._last = -delay
        self._record = RequestRecord(record, seconds)
        now = time.monotonic()
        self._answered = deque(now - age for age in self._record.ages())
        self._turn = asyncio.Lock()

    @asynccontextmanager
    async def request(self) -> AsyncGenerator[None]:
        """Wait until a request may be sent, and count it."""
        async with self._turn:
            while not self._has_room(time.monotonic()):
                # Nothing counts off before the first of those answered does; one under way may end any moment.
                first = self._answered[0] + self._seconds - time.monotonic() if self._answered else self._seconds
                await asyncio.sleep(min(max(first, 0.001), 0.05 if self._under_way else first + 0.001))
            await asyncio.sleep(max(self._last + self._delay - time.monotonic(), 0.0))
            self._last = time.monotonic()
            self._under_way += 1
            self._record.sent()
        try:
            yield
        finally:
            self._under_way -= 1
            self._answered.append(time.monotonic())
            self._record.answered()

    def _has_room(self, now: float) -> bool:
        while self._answered and self._answered[0] + self._seconds <= now:
            self._answered.popleft()
        return self._under_way + len(self._answered) < self._requests
