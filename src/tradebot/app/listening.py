"""What operators left for the bot in its mailbox, brought to its driver."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tradebot.core.event import Event, OperatorAction, OperatorCommand, Output

if TYPE_CHECKING:
    from tradebot.engine.live.switch import Latch
    from tradebot.store.mailbox import Mailbox

_LOOK_EVERY_S: Final = 0.25


class Listening:
    """Tells the driver every word that waits, and takes it away once the driver has it on record.

    Parameters
    ----------
    mailbox : where the words are left.
    latch : the kill switch; a release that was left before it was set is of no account any more.
    now : the bot's own time, int64 ns UTC: a market that is played lives in another one than its operator.
    """

    def __init__(self, mailbox: Mailbox, latch: Latch, now: Callable[[], int]) -> None:
        self._mailbox = mailbox
        self._latch = latch
        self._now = now
        self._told: dict[Path, OperatorCommand] = {}

    async def listen(self, tell: Callable[[OperatorCommand], Awaitable[None]]) -> None:
        """Look for words and tell them, for good."""
        while True:
            for path, word in self._mailbox.waiting().items():
                if path in self._told:
                    continue
                if word.action is OperatorAction.RELEASE and self._latch.is_set:
                    self._take(path)
                    continue
                self._told[path] = OperatorCommand(self._now(), word.action, word.operator, word.reason)
                await tell(self._told[path])
            await asyncio.sleep(_LOOK_EVERY_S)

    def seen(self, event: Event, outputs: Sequence[Output]) -> None:
        """An event is on record: the driver tells it."""
        if isinstance(event, OperatorCommand):
            for path in [path for path, command in self._told.items() if command is event]:
                self._take(path)

    def _take(self, path: Path) -> None:
        # A word that cannot be taken away is not told twice by this bot.
        with suppress(OSError):
            self._mailbox.take(path)
            self._told.pop(path, None)
