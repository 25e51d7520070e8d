"""Request and order budgets: counted, told in headers, enforced with 429 and then 418.

Source: Binance Open Platform, USD-M futures, "General Info", section Limits.
"""

from __future__ import annotations

from collections import deque
from typing import Final

from tradebot.exchange.clock import Clock
from tradebot.exchange.refusals import Refusal
from tradebot.exchange.settings import RateLimits

_MINUTE: Final = 60_000
_TEN_SECONDS: Final = 10_000
_DAY: Final = 86_400_000
_LONGEST_BAN: Final = 3 * 86_400


class Window:
    """Sum of what was spent within a calendar window, as Binance counts: from each full minute on."""

    def __init__(self, length_ms: int) -> None:
        self._length = length_ms
        self._began = 0
        self.spent = 0
        self.most = 0

    def add(self, now: int, amount: int) -> int:
        """Spend; returns the sum of the present window."""
        began = now - now % self._length
        if began != self._began:
            self._began, self.spent = began, 0
        self.spent += amount
        self.most = max(self.most, self.spent)
        return self.spent

    def left_ms(self, now: int) -> int:
        """Time until the window ends."""
        return self._length - now % self._length


class Budgets:
    """The budgets of the one client, and the oracle of how it used them.

    ``refused`` counts answers 429, ``while_banned`` requests that came during a ban.
    """

    def __init__(self, limits: RateLimits, clock: Clock) -> None:
        self._limits = limits
        self._clock = clock
        self._weight = Window(_MINUTE)
        self._orders_10s = Window(_TEN_SECONDS)
        self._orders_minute = Window(_MINUTE)
        self._orders_day = Window(_DAY)
        self._strikes: deque[int] = deque()
        self._bans = 0
        self._banned_until = 0
        self.requests = 0
        self.refused = 0
        self.while_banned = 0

    @property
    def most(self) -> dict[str, int]:
        """Largest sums of any window."""
        return {
            "weight_1m": self._weight.most,
            "orders_10s": self._orders_10s.most,
            "orders_1m": self._orders_minute.most,
        }

    def ban(self, seconds: int) -> None:
        """Answer 418 from now on."""
        self._banned_until = self._clock.now_ms() + 1000 * seconds

    def request(self, weight: int) -> None:
        """Spend a request's weight.

        Raises
        ------
        Refusal : the budget is used up (429), or the address is banned (418).
        """
        now = self._clock.now_ms()
        self.requests += 1
        if now < self._banned_until:
            self.while_banned += 1
            raise self._banned(now)
        if self._weight.add(now, weight) > self._limits.weight_per_minute:
            self._strike(now)
            wait = self._weight.left_ms(now) // 1000 + 1
            raise Refusal(-1003, limit=self._limits.weight_per_minute, retry_after=wait)

    def order(self, count: int) -> None:
        """Spend a request that places orders: ``count`` of them within ten seconds and a day, one within a minute.

        Raises
        ------
        Refusal : a budget is used up (429).
        """
        now = self._clock.now_ms()
        spent = (
            (self._orders_10s, count, self._limits.orders_per_10s, "10 SECOND"),
            (self._orders_minute, 1, self._limits.orders_per_minute, "MINUTE"),
            (self._orders_day, count, self._limits.orders_per_day, "DAY"),
        )
        short = [
            (window, limit, name) for window, amount, limit, name in spent if window.add(now, amount) > limit and limit
        ]
        if short:
            self._strike(now)
            window, limit, name = short[0]
            raise Refusal(-1015, limit=limit, window=name, retry_after=window.left_ms(now) // 1000 + 1)

    def headers(self, *, orders: bool) -> dict[str, str]:
        """What was used, as response headers."""
        now = self._clock.now_ms()
        told = {"X-MBX-USED-WEIGHT-1M": str(self._weight.add(now, 0))}
        if orders:
            told["X-MBX-ORDER-COUNT-10S"] = str(self._orders_10s.add(now, 0))
            long, window = ("1D", self._orders_day) if self._limits.orders_per_day else ("1M", self._orders_minute)
            told[f"X-MBX-ORDER-COUNT-{long}"] = str(window.add(now, 0))
        return told

    def _strike(self, now: int) -> None:
        self.refused += 1
        self._strikes.append(now)
        while self._strikes[0] < now - _MINUTE:
            self._strikes.popleft()
        if len(self._strikes) > self._limits.strikes:
            self._strikes.clear()
            self.ban(min(self._limits.ban << self._bans, _LONGEST_BAN))
            self._bans += 1

    def _banned(self, now: int) -> Refusal:
        until = self._banned_until
        text = (
            f"Way too many requests; IP banned until {until}. Please use the websocket for live updates to avoid bans."
        )
        return Refusal(-1003, text=text, status=418, retry_after=(until - now) // 1000 + 1)
