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
        if not self._ready and due:
            self._seconds = max(self._seconds, min(due))
        super()._run_once()
