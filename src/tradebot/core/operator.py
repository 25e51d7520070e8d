"""What a person may tell a running bot, and what is answered."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from tradebot.core.order import OrderIntent


class OperatorAction(StrEnum):
    """What an operator may tell a running bot."""

    PAUSE = "pause"
    """Open nothing new; keep exits working."""
    RESUME = "resume"
    """Trade again after a pause."""
    HALT = "halt"
    """Take back what works, but for the exits of open positions, and open nothing until released."""
    FLATTEN = "flatten"
    """Halt, take the exits back too, and close every position."""
    RELEASE = "release"
    """End a halt."""
    CANCEL_ALL = "cancel_all"
    """Take back what works, but for the exits of open positions."""
    PLACE = "place"
    """Send an order, if every limit and rule allows it."""
    CANCEL = "cancel"
    """Take one order back, unless it protects an open position."""
    CLOSE = "close"
    """Close the position in one market."""


class OperatorCommand(msgspec.Struct, frozen=True):
    """An operator's order to the bot; who gave it is kept for the audit.

    Parameters
    ----------
    ts : when, int64 ns UTC, in the bot's time.
    action : what is to be done.
    operator : who asks.
    reason : why, in one sentence.
    intent : the order to be placed.
    order_id : client id of the order to be taken back.
    symbol : market of the position to be closed.
    """

    ts: int
    action: OperatorAction
    operator: str
    reason: str = ""
    intent: OrderIntent | None = None
    order_id: str = ""
    symbol: str = ""

    def __str__(self) -> str:
        what = " ".join(filter(None, (self.action, _told(self.intent), self.order_id, self.symbol)))
        return f"{what}: {self.reason}" if self.reason else what


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """What became of an operator's ``place``, ``cancel`` or ``close``.

    Parameters
    ----------
    ts, action : of the command.
    allowed : whether it is done; a rule or the state of things may refuse it.
    symbol, order_id : market and order it concerns, as far as there is one.
    rule, reason : what refused it, and why.
    """

    ts: int
    action: OperatorAction
    allowed: bool
    symbol: str = ""
    order_id: str = ""
    rule: str = ""
    reason: str = ""

    def __str__(self) -> str:
        what = " ".join(filter(None, (self.action, self.order_id, self.symbol)))
        if self.allowed:
            return f"{what}: done"
        return f"{what}: refused by {self.rule}: {self.reason}" if self.reason else f"{what}: refused by {self.rule}"


def _told(intent: OrderIntent | None) -> str:
    """An order in words: ``buy 0.5 BTCUSDT limit 60000``."""
    if intent is None:
        return ""
    names = ("price", "trigger", "stop_loss", "take_profit")
    levels = [f"{name.replace('_', ' ')} {level:g}" for name in names if (level := getattr(intent, name)) is not None]
    return " ".join([intent.side, f"{intent.quantity:g}", str(intent.instrument), intent.type, *levels])
