"""What a trader says in answer to one event, and the timers it waits for."""

from __future__ import annotations

from typing import Final

from tradebot.core.event import Notify, Output, Reviewed, SetTimer, Severity

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

    def verdict_on(self, order_id: str) -> Reviewed | None:
        """The verdict on an order among what was collected; ``None`` where it was not reviewed since."""
        reviews = (each for each in self._outputs if isinstance(each, Reviewed))
        return next((each for each in reviews if each.order_id == order_id), None)

    def take(self) -> list[Output]:
        """What was collected since the last call."""
        outputs, self._outputs = self._outputs, []
        return outputs
