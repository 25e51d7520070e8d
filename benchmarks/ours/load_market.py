"""The market of W11: ``python -m benchmarks.ours.load_market`` says over its output when each bar is sent.

It is a process of its own, so that no bar is late because the bot is: a bar that waits for the bot has been sent.
"""

from __future__ import annotations

import asyncio
import contextlib
import struct
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Sequence
from typing import Any, Final

from tradebot.feeds.mock import MockFeed

RATE: Final = 30.0
_TIME: Final = struct.Struct("d")


class Market:
    """Lets the built-in market send its bars at their times.

    Attributes
    ----------
    sent : when a bar left the market's process, by the open time of the bar; of ``time.perf_counter``.
    """

    def __init__(self) -> None:
        self.sent: dict[int, float] = {}

    def attach(self) -> None:
        """Pace every stream of a :class:`MockFeed` from here on."""
        stream = MockFeed.stream

        async def paced(feed: MockFeed, instruments: Sequence[Any], interval: Any = None) -> AsyncIterator[Any]:
            pace = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "benchmarks.ours.load_market", stdout=subprocess.PIPE
            )
            try:
                async for event in stream(feed, instruments, interval):
                    (self.sent[event.bar.ts],) = _TIME.unpack(await pace.stdout.readexactly(_TIME.size))  # type: ignore[union-attr]
                    yield event
            finally:
                pace.terminate()

        MockFeed.stream = paced  # type: ignore[method-assign]


def main() -> None:
    due = time.perf_counter()
    with contextlib.suppress(BrokenPipeError):
        while True:
            time.sleep(max(due - time.perf_counter(), 0))
            sys.stdout.buffer.write(_TIME.pack(time.perf_counter()))
            sys.stdout.buffer.flush()
            due += 1 / RATE


if __name__ == "__main__":
    main()
