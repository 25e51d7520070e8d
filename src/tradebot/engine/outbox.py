"""What a trader says in answer to one event, and the timers it waits for."""

from __future__ import annotations

from typing import Final

from tradebot.core.event import Notify, Output, SetTimer, Severity

SECOND: Final = 1_000_000_000


class Outbox:
    """Collects outputs in order.

    Attributes
    ----------
    timers : when each timer that was asked for and has not come is due, int64 ns UTC, by name.
    """

    def __init__(self) -> None:
        self._outputs: list[Output] = []
        self.timers: dict[str, int] = {}

    def add(self, output: Output) -> None:
        """The next output."""
        self._outputs.append(output)

    def notify(self, severity: Severity, text: str) -> None:
        """A notice to the operator."""
        self.add(Notify(severity, text))

    def wake(self, ts: int, name: str) -> None:
        """Ask for a timer; one of that name that is still to come is replaced."""
        self.timers[name] = ts
        self.add(SetTimer(ts, name))

    def take(self) -> list[Output]:
        """What was collected since the last call."""
        outputs, self._outputs = self._outputs, []
        return outputs
