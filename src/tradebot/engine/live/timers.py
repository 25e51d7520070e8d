"""The moments a trader asked to be woken at."""

from __future__ import annotations

import heapq

from tradebot.core.event import SetTimer, Timer


class Timers:
    """Timers by name; one that is set again replaces the first."""

    def __init__(self) -> None:
        self._due: dict[str, int] = {}
        self._heap: list[tuple[int, str]] = []

    def set(self, wish: SetTimer) -> None:
        """Wake at ``wish.ts``."""
        self._due[wish.name] = wish.ts
        heapq.heappush(self._heap, (wish.ts, wish.name))

    def fired(self, timer: Timer) -> None:
        """Forget a timer that a record says has gone off."""
        if self._due.get(timer.name, timer.ts + 1) <= timer.ts:
            del self._due[timer.name]

    @property
    def next_ts(self) -> int | None:
        """When the next one is due; ``None`` where none is set."""
        while self._heap and self._due.get(self._heap[0][1]) != self._heap[0][0]:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def take(self, now: int) -> Timer | None:
        """The earliest timer due by ``now``, which it will not give again; ``None`` where none is."""
        due = self.next_ts
        if due is None or due > now:
            return None
        ts, name = heapq.heappop(self._heap)
        del self._due[name]
        return Timer(ts, name)
