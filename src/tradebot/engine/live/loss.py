"""A broker that does not answer for too long counts as lost, and its bot halts; one that shows no account is told."""

from __future__ import annotations

import asyncio

from tradebot.core.event import Alarm, OperatorAction, OperatorCommand, Severity
from tradebot.engine.live.brokerage import Brokerage


class BrokerLoss:
    """Notes when the broker comes to count as lost, and when it is back.

    Parameters
    ----------
    broker : the way to it; ``None`` for one inside this process, which is never lost.

    Attributes
    ----------
    lasts : set while it counts as lost.
    count : times it came to count as lost.
    """

    def __init__(self, broker: Brokerage | None) -> None:
        self._broker = broker
        self._is_told = self._is_blind = False
        self.lasts = asyncio.Event()
        self.count = 0

    def news(self, ts: int, *, is_halted: bool) -> OperatorCommand | None:
        """The order to halt where the broker is lost: the bot trades on only after a person has looked.

        Until then a loss that comes again, as on a line that flaps, is counted and not told again.

        Parameters
        ----------
        ts : now, int64 ns UTC.
        is_halted : whether the bot is halted already.
        """
        if not is_halted:
            self._is_told = False
        why = "" if self._broker is None else self._broker.loss
        if not why:
            self.lasts.clear()
            return None
        if self.lasts.is_set():
            return None
        self.lasts.set()
        self.count += 1
        if self._is_told:
            return None
        self._is_told = True
        return OperatorCommand(ts, OperatorAction.HALT, "tradebot", why)

    def blindness(self, ts: int) -> Alarm | None:
        """What a person must know where the account is not shown for a minute, though the stream may speak: once.

        Parameters
        ----------
        ts : now, int64 ns UTC.
        """
        why = "" if self._broker is None else self._broker.blindness
        was, self._is_blind = self._is_blind, bool(why)
        return Alarm(ts=ts, text=why, severity=Severity.CRITICAL) if why and not was else None
