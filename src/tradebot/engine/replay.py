"""A journal's events into a trader: what comes out must be what was recorded."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final, get_args

import msgspec

from tradebot.core.event import Event, Output
from tradebot.core.journal import Checkpoint, RunStarted
from tradebot.core.wire import encode

if TYPE_CHECKING:
    from tradebot.core.journal import Message
    from tradebot.engine.trader import Trader

_EVENTS: Final[tuple[Any, ...]] = get_args(Event)
_OUTPUTS: Final[tuple[Any, ...]] = get_args(Output)


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """Where a replay first departs from the record.

    Parameters
    ----------
    event : number of the event, counted from 1; 0 before the first.
    cause : the event itself; ``None`` before the first.
    recorded, found : the first output that differs; ``None`` where there is none on that side.
    """

    event: int
    cause: Message | None
    recorded: Message | None
    found: Message | None

    def __str__(self) -> str:
        return f"event {self.event}, {self.cause!r}: recorded {self.recorded!r}, found {self.found!r}"


class Comparison:
    """Gives a trader the events of a record one by one, and holds every output against the one on record.

    Parameters
    ----------
    trader : as it was where the record begins: fresh, or restored from the state saved there.

    Attributes
    ----------
    difference : the first one; ``None`` while all is identical.
    """

    def __init__(self, trader: Trader) -> None:
        self.trader = trader
        self.difference: Difference | None = None
        self._event = 0
        self._cause: Message | None = None
        self._due: deque[Output] = deque()

    def take(self, message: Message) -> Sequence[Output]:
        """The next message of the record; returns what the trader gives for it, nothing unless it is an event."""
        if isinstance(message, _OUTPUTS):
            found = self._due.popleft() if self._due else None
            if found is None or encode(found) != encode(message):
                self._differ(message, found)
            return ()
        self.end()
        if not isinstance(message, _EVENTS):
            return ()
        self._event += 1
        self._cause = message
        given = self.trader.handle(message)  # type: ignore[arg-type]
        self._due.extend(given)
        return given

    def end(self) -> None:
        """The outputs of the latest event are all on record."""
        if self._due:
            self._differ(None, self._due[0])

    def _differ(self, recorded: Message | None, found: Message | None) -> None:
        if self.difference is None:
            self.difference = Difference(event=self._event, cause=self._cause, recorded=recorded, found=found)


def replay(fresh: Callable[[], Trader], messages: Iterable[Message]) -> Difference | None:
    """Give the events of a run to a trader and compare its outputs one by one.

    Where the run was resumed the replay does as the bot did: it makes a trader anew, gives it the state it had at the
    last checkpoint, and tells it what came since. So it proves of every restart that nothing was lost in it.

    Parameters
    ----------
    fresh : makes a trader as it was when the run began.
    messages : the record of the run from its beginning.

    Returns
    -------
    The first difference; ``None`` where the replay is identical.
    """
    comparison = Comparison(fresh())
    has_begun = False
    saved: bytes | None = None
    since: list[Message] = []
    for message in messages:
        comparison.take(message)
        if comparison.difference is not None:
            break
        if isinstance(message, Checkpoint):
            saved = comparison.trader.state()
            since.clear()
        elif isinstance(message, RunStarted) and has_begun:
            comparison.trader = _resumed(fresh, saved, since)
        elif isinstance(message, _EVENTS):
            has_begun = True
            since.append(message)
    comparison.end()
    return comparison.difference


def _resumed(fresh: Callable[[], Trader], saved: bytes | None, since: Iterable[Message]) -> Trader:
    trader = fresh()
    if saved is not None:
        trader.restore(saved)
    for event in since:
        trader.handle(event)  # type: ignore[arg-type]
    return trader
