"""Commands of the trader: what its driver carries out once it is on record."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from tradebot.core.order import OrderIntent


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
    operator : who asked for it; empty where the bot halts by itself.
    """

    reason: str
    flatten: bool = False
    operator: str = ""


class Severity(StrEnum):
    """How much a notice matters to the person who gets it."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


class Notify(msgspec.Struct, frozen=True):
    """Tell the operator something."""

    severity: Severity
    text: str


class Query(msgspec.Struct, frozen=True):
    """Ask the broker what became of an order; the answer is an ``OrderUpdate`` or an ``OrderNotFound``."""

    order_id: str


class SetTimer(msgspec.Struct, frozen=True):
    """Wake the trader with a ``Timer`` of this name; a second one of the name replaces the first."""

    ts: int
    name: str
