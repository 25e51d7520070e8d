"""Those who look on while a bot runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from tradebot.core.event import Event, Output


class Observer(Protocol):
    """Somebody who is told what the bot saw and did (logs, notifications, the API) and neither raises nor blocks."""

    def seen(self, event: Event, outputs: Sequence[Output]) -> None:
        """An event was handled; what came out of it is on record.

        A snapshot of the account that says nothing new is told too, though neither trader nor record took it.
        """
        ...
