"""Events that go into the trader, and commands that come out of it."""

from __future__ import annotations

from enum import StrEnum

import msgspec
from tradebot_native import ExecutionEvent

from tradebot.core.bar import Bar, Quote, Tick
from tradebot.core.interval import Interval
from tradebot.core.order import OrderIntent

__all__ = [
    "BarClosed",
    "Cancel",
    "Command",
    "Event",
    "ExecutionEvent",
    "Halt",
    "MarketEvent",
    "Notify",
    "OperatorAction",
    "OperatorCommand",
    "QuoteSeen",
    "Replace",
    "Severity",
    "Submit",
    "TickSeen",
    "Timer",
]


class BarClosed(msgspec.Struct, frozen=True):
    """A bar that is known: it has closed and will not change."""

    symbol: str
    interval: Interval
    bar: Bar


class TickSeen(msgspec.Struct, frozen=True):
    """A trade that was printed in the market."""

    symbol: str
    tick: Tick


class QuoteSeen(msgspec.Struct, frozen=True):
    """A change of the best bid or ask."""

    symbol: str
    quote: Quote


class Timer(msgspec.Struct, frozen=True):
    """A moment that was asked for, by the name it was asked under."""

    ts: int
    name: str


class OperatorAction(StrEnum):
    """What an operator may tell a running bot."""

    PAUSE = "pause"
    """Open nothing new; keep exits working."""
    RESUME = "resume"
    """Trade again after a pause."""
    HALT = "halt"
    """Cancel everything and stay halted until released."""
    FLATTEN = "flatten"
    """Halt, and close every position."""
    RELEASE = "release"
    """End a halt."""
    CANCEL_ALL = "cancel_all"
    """Cancel every open order."""


class OperatorCommand(msgspec.Struct, frozen=True):
    """An operator's order to the bot; who gave it is kept for the audit."""

    ts: int
    action: OperatorAction
    operator: str
    reason: str = ""


class Submit(msgspec.Struct, frozen=True):
    """Send an order under its client id, which is used once."""

    order_id: str
    intent: OrderIntent


class Cancel(msgspec.Struct, frozen=True):
    """Take an open order back."""

    order_id: str
    reason: str = ""


class Replace(msgspec.Struct, frozen=True):
    """Change an open order; ``None`` keeps a part as it is."""

    order_id: str
    quantity: float | None = None
    price: float | None = None
    trigger: float | None = None


class Halt(msgspec.Struct, frozen=True):
    """Stop trading until a person releases it.

    Parameters
    ----------
    reason : one sentence for the operator.
    flatten : also close every position.
    """

    reason: str
    flatten: bool = False


class Severity(StrEnum):
    """How much a notice matters to the person who gets it."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


class Notify(msgspec.Struct, frozen=True):
    """Tell the operator something."""

    severity: Severity
    text: str


MarketEvent = BarClosed | TickSeen | QuoteSeen
"""What a feed delivers."""

Command = Submit | Cancel | Replace | Halt | Notify
"""What a trader gives back."""

Event = MarketEvent | ExecutionEvent | Timer | OperatorCommand
"""What a trader takes, one at a time. ``ExecutionEvent`` is the native core's: something happened to an order."""
