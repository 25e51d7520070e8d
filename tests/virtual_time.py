"""An event loop in which waiting takes no time: where nothing is ready it jumps to what is due next."""

from __future__ import annotations

import asyncio


class VirtualLoop(asyncio.SelectorEventLoop):
    """A loop whose seconds pass only while everybody waits; it must not wait for sockets or threads."""

    def __init__(self) -> None:
        super().__init__()
        self._seconds = 0.0

    def time(self) -> float:
        return self._seconds

    def _run_once(self) -> None:
        due = [handle.when() for handle in self._scheduled if not handle.cancelled()]
        # What is due within the resolution is run now: then it must be due, or who waits for it waits again, for good.
        if due and (not self._ready or min(due) <= self._seconds + self._clock_resolution):
            self._seconds = max(self._seconds, min(due))
        super()._run_once()
