"""A limit on requests that holds where the requests arrive."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager


class Window:
    """At most so many requests in any window of so many seconds, as the server sees them.

    A limit on the times of sending does not keep that: of two requests the earlier may travel longer. Here a request
    counts from its sending until ``seconds`` after its answer. It arrived between the two, so any request that is
    sent once it counts no more arrives at least ``seconds`` later.

    Parameters
    ----------
    requests : most in a window; at least 1.
    seconds : length of the window.
    """

    def __init__(self, requests: int, seconds: float) -> None:
        self._requests, self._seconds = requests, seconds
        self._under_way = 0
        self._answered: deque[float] = deque()
        self._turn = asyncio.Lock()

    @asynccontextmanager
    async def request(self) -> AsyncGenerator[None]:
        """Wait until a request may be sent, and count it."""
        loop = asyncio.get_running_loop()
        async with self._turn:
            while not self._has_room(loop.time()):
                # Nothing counts off before the first of those answered does; one under way may end any moment.
                first = self._answered[0] + self._seconds - loop.time() if self._answered else self._seconds
                await asyncio.sleep(min(max(first, 0.001), 0.05 if self._under_way else first + 0.001))
            self._under_way += 1
        try:
            yield
        finally:
            self._under_way -= 1
            self._answered.append(loop.time())

    def _has_room(self, now: float) -> bool:
        while self._answered and self._answered[0] + self._seconds <= now:
            self._answered.popleft()
        return self._under_way + len(self._answered) < self._requests
