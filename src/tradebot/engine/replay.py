"""A journal's events into a fresh trader: what comes out must be what was recorded."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final, get_args

import msgspec

from tradebot.core.event import Event, Output
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
    event : number of the event, counted from 1.
    cause : the event itself.
    recorded, found : the first output that differs; ``None`` where there is none on that side.
    """

    event: int
    cause: Message
    recorded: Message | None
    found: Message | None

    def __str__(self) -> str:
        return f"event {self.event}, {self.cause!r}: recorded {self.recorded!r}, found {self.found!r}"


def replay(trader: Trader, messages: Iterable[Message]) -> Difference | None:
    """Give a trader the events of a record and compare its outputs one by one.

    Parameters
    ----------
    trader : as it was when the record began: fresh, or restored from the state saved there.
    messages : events, each followed by the outputs it led to; other messages are passed over.

    Returns
    -------
    The first difference; ``None`` where the replay is identical.
    """
    number, cause, found = 0, None, list[Output]()
    for message in messages:
        if isinstance(message, _EVENTS):
            if cause is not None and found:
                break
            number, cause = number + 1, message
            found = trader.handle(message)  # type: ignore[arg-type]
        elif isinstance(message, _OUTPUTS) and cause is not None:
            answer = found.pop(0) if found else None
            if answer is None or encode(answer) != encode(message):
                return Difference(event=number, cause=cause, recorded=message, found=answer)
    if cause is not None and found:
        return Difference(event=number, cause=cause, recorded=None, found=found[0])
    return None
