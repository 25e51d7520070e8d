"""The kill switch of an account that trades for real: it sets itself once the approval holds no more."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from tradebot.core.errors import TradebotError
from tradebot.store.latch import Halted

if TYPE_CHECKING:
    from tradebot.store.approvals import Approvals
    from tradebot.store.latch import HaltLatch


class ApprovedLatch:
    """A halt latch that also looks at the approval: before every event and every order, as the driver asks it.

    An approval that ran out or was revoked halts the account like any other halt: entries are taken back, exits stay,
    and after a new approval a person releases it.

    Parameters
    ----------
    latch : the account's.
    approvals : where approvals are kept.
    configuration_hash : of the run.
    """

    def __init__(self, latch: HaltLatch, approvals: Approvals, configuration_hash: str) -> None:
        self._latch = latch
        self._approvals = approvals
        self._hash = configuration_hash
        self._seen: tuple[int, int] | None = None
        self._until = 0

    @property
    def is_set(self) -> bool:
        """Whether nothing may be sent but cancels and exits."""
        if self._latch.is_set:
            return True
        lapsed = self._lapsed()
        if lapsed:
            self.set(Halted(ts=time.time_ns(), operator="bot", reason=lapsed))
        return bool(lapsed)

    def set(self, halted: Halted) -> None:
        """Halt the account; see :meth:`tradebot.store.latch.HaltLatch.set`."""
        self._latch.set(halted)

    def read(self) -> Halted | None:
        """Why the account is halted; ``None`` where it is not."""
        return self._latch.read()

    def _lapsed(self) -> str:
        """Why the approval holds no more; the file is read where it has changed since, and when the time has come."""
        now, seen = time.time_ns(), self._stamp()
        if seen == self._seen and now < self._until:
            return ""
        self._seen = seen
        try:
            self._until = self._approvals.require(self._hash, now).expires
        except TradebotError as error:
            self._until = 0
            return error.fact
        return ""

    def _stamp(self) -> tuple[int, int] | None:
        try:
            found = os.stat(self._approvals.path)  # noqa: PTH116 - half the time of Path.stat, before every order
        except OSError:
            return None
        return found.st_mtime_ns, found.st_ino
