"""Requests paced below the venue's limits, with a reserve for what closes positions.

Sources: Binance Open Platform, USD-M futures, "General Info", section Limits, and Spot, "LIMITS" (6,000 a minute):
windows begin at each full minute and each full ten seconds; a 429 is followed by a ban (418) if a client does not stop.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from tradebot.brokers.binance.refusals import Paused
from tradebot.venues.binance import Market

_log: Final = logging.getLogger(__name__)
_SHARE: Final = 0.8
_RESERVE: Final = 0.25
_UNITS: Final = {"SECOND": 1.0, "MINUTE": 60.0, "HOUR": 3_600.0, "DAY": 86_400.0}
_WEIGHT: Final = "REQUEST_WEIGHT"
_ORDERS: Final = "ORDERS"
# Until exchangeInfo tells them.
_LIMITS: Final = {
    "usdm": ((_WEIGHT, 60.0, 2_400), (_ORDERS, 10.0, 300), (_ORDERS, 60.0, 1_200)),
    "spot": ((_WEIGHT, 60.0, 6_000), (_ORDERS, 10.0, 100)),
}
_PAUSE_S: Final = 60.0
_BAN_S: Final = 120.0
# A wait that is longer is said, for somebody may be watching who closes positions.
_UNSAID_S: Final = 3.0


class _Window:
    """What was spent within one of the venue's windows."""

    def __init__(self, kind: str, length: float, limit: int) -> None:
        self.kind = kind
        self.length = length
        self.limit = int(limit * _SHARE)
        self._began = 0.0
        self._spent = 0

    def wait(self, now: float, amount: int, *, urgent: bool) -> float:
        """Seconds until an amount can be spent; 0 where it can be now."""
        self._turn(now)
        limit = self.limit if urgent else int(self.limit * (1 - _RESERVE))
        return 0.0 if self._spent + amount <= limit or not self._spent else self._began + self.length - now

    def spend(self, now: float, amount: int) -> None:
        """Spend an amount."""
        self._turn(now)
        self._spent += amount

    def learn(self, now: float, spent: int) -> None:
        """Take the venue's own count, where it is higher: others may share the address or the account."""
        self._turn(now)
        self._spent = max(self._spent, spent)

    def _turn(self, now: float) -> None:
        began = now - now % self.length
        if began > self._began:
            self._began, self._spent = began, 0


class Budget:
    """The budgets of one client: at most 80 % of the venue's, of which a quarter is kept for cancels and closes.

    Parameters
    ----------
    now : the venue's time in seconds, by which its windows turn.
    market : whose limits are taken until the venue tells them.
    """

    def __init__(self, now: Callable[[], float], market: Market = "usdm") -> None:
        self._now = now
        self._windows = [_Window(*limit) for limit in _LIMITS[market]]
        self._until = 0.0
        self.is_banned = False

    def set_limits(self, rows: list[Mapping[str, Any]]) -> None:
        """Take the limits of exchangeInfo."""
        limits = [
            (str(row["rateLimitType"]), _UNITS[str(row["interval"])] * int(row["intervalNum"]), int(row["limit"]))
            for row in rows
            if row["interval"] in _UNITS
        ]
        known = {(window.kind, window.length): window for window in self._windows}
        for kind, length, limit in limits:
            if (kind, length) in known:
                known[kind, length].limit = int(limit * _SHARE)
            else:
                self._windows.append(_Window(kind, length, limit))

    async def take(self, weight: int, orders: int, *, urgent: bool, patience_s: float) -> None:
        """Wait until a request may leave, and count it.

        Parameters
        ----------
        weight, orders : what it costs.
        urgent : whether it may use the reserve.
        patience_s : longest wait.

        Raises
        ------
        Paused : it would have to wait longer. It has not left.
        """
        waited = 0.0
        while wait := self._wait(weight, orders, urgent=urgent):
            if waited + wait > patience_s:
                used_up = "our budget of requests is used up"
                raise Paused(f"the venue asks us to wait until {self._hour}" if self._paused() else used_up, wait)
            await asyncio.sleep(wait)
            waited += wait
        for window, amount in self._costs(weight, orders):
            window.spend(self._now(), amount)

    def told(self, status: int, headers: Mapping[str, str]) -> None:
        """Take what an answer says of the budgets, and of how long to wait."""
        now = self._now()
        for name, value in headers.items():
            self._count(name.upper(), value, now)
        if status in (418, 429):
            asked = next((value for name, value in headers.items() if name.lower() == "retry-after"), "")
            wait = float(asked) if asked.isdigit() else (_BAN_S if status == 418 else _PAUSE_S)
            self._until = max(self._until, now + wait)
            self.is_banned = status == 418
            if wait > _UNSAID_S:
                _log.warning("Binance asks to wait for %.0f s, until %s: nothing is sent meanwhile", wait, self._hour)

    def _count(self, name: str, value: str, now: float) -> None:
        for prefix, kind in (("X-MBX-USED-WEIGHT-", _WEIGHT), ("X-MBX-ORDER-COUNT-", _ORDERS)):
            if name.startswith(prefix) and value.isdigit():
                length = int(name[len(prefix) : -1] or 0) * {"S": 1, "M": 60, "H": 3_600, "D": 86_400}.get(name[-1], 0)
                for window in self._windows:
                    if (window.kind, window.length) == (kind, length):
                        window.learn(now, int(value))

    @property
    def _hour(self) -> str:
        """When the venue may be asked again."""
        return f"{datetime.fromtimestamp(self._until, UTC):%H:%M:%S} UTC"

    def _paused(self) -> bool:
        return self._now() < self._until

    def _wait(self, weight: int, orders: int, *, urgent: bool) -> float:
        now = self._now()
        if now < self._until:
            return self._until - now
        self.is_banned = False
        return max((window.wait(now, cost, urgent=urgent) for window, cost in self._costs(weight, orders)), default=0.0)

    def _costs(self, weight: int, orders: int) -> list[tuple[_Window, int]]:
        costs = [(window, orders if window.kind == _ORDERS else weight) for window in self._windows]
        return [(window, cost) for window, cost in costs if cost]
