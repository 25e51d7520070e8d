"""Orders: their words, the state machine's table, and the intent a policy gives."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from tradebot_native import ORDER_REPORTS, ORDER_TRANSITIONS, OrderIntent, Slippage

__all__ = [
    "TRANSITIONS",
    "OrderIntent",
    "OrderState",
    "OrderType",
    "Side",
    "Slippage",
    "TimeInForce",
    "can_become",
    "exit_id",
    "exit_of",
    "halt_id",
    "is_final",
    "may_be_reported",
]


class Side(StrEnum):
    """Direction of an order."""

    BUY = "buy"
    SELL = "sell"

    @property
    def sign(self) -> int:
        """+1 for a buy, -1 for a sell."""
        return 1 if self is Side.BUY else -1

    @property
    def opposite(self) -> Side:
        """The side that closes what this one opens."""
        return Side.SELL if self is Side.BUY else Side.BUY


class OrderType(StrEnum):
    """How an order meets the market."""

    MARKET = "market"
    LIMIT = "limit"
    STOP = "stop"
    STOP_LIMIT = "stop_limit"
    TAKE_PROFIT = "take_profit"
    TRAILING_STOP = "trailing_stop"


class TimeInForce(StrEnum):
    """How long an order stays in the market."""

    GTC = "gtc"
    """Until it is filled or canceled."""
    IOC = "ioc"
    """Fill what is possible at once, cancel the rest."""
    FOK = "fok"
    """Fill whole at once, or cancel."""
    DAY = "day"
    """Until the session ends."""
    GTD = "gtd"
    """Until a given time."""


class OrderState(StrEnum):
    """Where an order is in its life; ``TRANSITIONS`` says which state may follow which."""

    INITIALIZED = "initialized"
    """Made, not yet reviewed."""
    DENIED = "denied"
    """Refused by our own risk review; never sent."""
    SUBMITTED = "submitted"
    """Sent; no answer yet."""
    REJECTED = "rejected"
    """Refused by the venue."""
    ACCEPTED = "accepted"
    """Working at the venue."""
    TRIGGERED = "triggered"
    """A conditional order whose condition was met."""
    PARTIALLY_FILLED = "partially_filled"
    """Filled in part; the rest is working."""
    FILLED = "filled"
    """Filled whole."""
    CANCELED = "canceled"
    """Taken back. A late fill after it is real and is booked."""
    EXPIRED = "expired"
    """Ended by its time in force."""
    PENDING_CANCEL = "pending_cancel"
    """Cancel sent; no answer yet."""
    PENDING_REPLACE = "pending_replace"
    """Replacement sent; no answer yet."""
    UNKNOWN = "unknown"
    """Sent, and no answer came: to be asked about, never resent, never taken for rejected."""


TRANSITIONS: Final[Mapping[OrderState, frozenset[OrderState]]] = {
    OrderState(state): frozenset(map(OrderState, following)) for state, following in ORDER_TRANSITIONS.items()
}
"""Which states may follow each state. The one table is the native core's ``ORDER_TRANSITIONS``."""

_FINAL: Final = frozenset(
    {OrderState.DENIED, OrderState.REJECTED, OrderState.FILLED, OrderState.CANCELED, OrderState.EXPIRED}
)


def is_final(state: str) -> bool:
    """Whether an order in this state no longer works in the market.

    A canceled or expired order can still receive a fill that was under way, so the table lists one for it.
    """
    return OrderState(state) in _FINAL


def can_become(state: str, following: str) -> bool:
    """Whether the state machine allows ``following`` directly after ``state``."""
    return OrderState(following) in TRANSITIONS[OrderState(state)]


def may_be_reported(state: str, following: str) -> bool:
    """Whether a broker's word may bring an order from ``state`` to ``following``: it does not tell of every step."""
    return following in ORDER_REPORTS[state]


_EXIT_SUFFIXES: Final = {"stop_loss": "sl", "take_profit": "tp", "trailing_stop": "ts"}
_EXIT_TAGS: Final = {suffix: tag for tag, suffix in _EXIT_SUFFIXES.items()}
_EXIT_ID: Final = re.compile(rf"(?P<entry>.+)-(?P<suffix>{'|'.join(_EXIT_TAGS)})\d*")


def exit_id(entry_id: str, tag: str, count: int = 1) -> str:
    """Client id of an exit that an entry's fill brings to life, derived so that broker and books agree on it.

    Parameters
    ----------
    entry_id : client id of the entry.
    tag : ``stop_loss``, ``take_profit`` or ``trailing_stop``.
    count : which one of its kind; above 1 where one takes another's place, or the entry fills again after its exits
        have ended.
    """
    return f"{entry_id}-{_EXIT_SUFFIXES[tag]}{count if count > 1 else ''}"


def halt_id(run_id: str) -> str:
    """What the client ids of the orders begin with by which a halt, from outside, closes the positions of a run."""
    return f"{run_id}-halt-"


def exit_of(order_id: str) -> tuple[str, str] | None:
    """Client id of the entry and the tag that :func:`exit_id` made an id of; ``None`` for that of any other order."""
    found = _EXIT_ID.fullmatch(order_id)
    return None if found is None else (found["entry"], _EXIT_TAGS[found["suffix"]])
