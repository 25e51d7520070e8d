"""Work that is brought to its end even if nobody waits for it any more."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from typing import Any

Work = Callable[[], Coroutine[Any, Any, None]]
"""What is begun once its turn has come, or never."""


class Tasks:
    """What is being done with the orders of an account."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def __bool__(self) -> bool:
        return bool(self._tasks)

    def begin(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Begin with something."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def wait(self, seconds: float) -> None:
        """Wait until all of it is done, or for so long; where nothing is under way, for so long."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=seconds)
        else:
            await asyncio.sleep(seconds)

    async def close(self, seconds: float, last: Coroutine[Any, Any, None]) -> None:
        """Do something for so long at most, and give up whatever is under way then."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await last
        await self.end()

    async def end(self) -> None:
        """Give up whatever is under way."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
