"""No runaway: orders that come too fast, or are the same again and again, are denied."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tradebot.core.protocols import Verdict
from tradebot.risk.bounds import check_above_zero, check_count

if TYPE_CHECKING:
    from tradebot.core.order import OrderIntent
    from tradebot.core.portfolio import Portfolio
    from tradebot.core.protocols import Snapshot

_SECOND: Final = 1_000_000_000


class OrderRate:
    """Denies an order when too many have gone out lately, over all markets.

    Parameters
    ----------
    most : orders allowed in a stretch of time.
    seconds : its length.

    Raises
    ------
    RiskError : a parameter is not positive.

    Notes
    -----
    SEC rule 15c3-5(c)(1) and RTS 6, article 15(1)(c), ask for limits on messages. What a denied order would have been
    does not count.
    """

    def __init__(self, most: int, seconds: float) -> None:
        check_count("order_rate.most", most)
        check_above_zero("order_rate.seconds", seconds)
        self._most = most
        self._seconds = seconds
        self._sent: list[int] = []

    def review(self, intent: OrderIntent, portfolio: Portfolio, snapshot: Snapshot) -> Verdict:
        """Allow an order that keeps the pace, and count it."""
        self._sent = [ts for ts in self._sent if ts > snapshot.ts - self._seconds * _SECOND]
        if len(self._sent) >= self._most:
            reason = f"{len(self._sent)} orders went out in {self._seconds:g} s; allowed are {self._most}"
            return Verdict(allowed=False, rule="order_rate", reason=reason)
        self._sent.append(snapshot.ts)
        return Verdict(allowed=True)


class RepeatedOrders:
    """Denies an order when the same side and quantity of a market went out too often lately.

    Parameters
    ----------
    most : times that one side and quantity of a market may go out in a stretch of time.
    seconds : its length.

    Raises
    ------
    RiskError : a parameter is not positive.

    Notes
    -----
    The repeated automated execution throttle of RTS 6, article 15(1)(d). With ``most`` 1 it denies duplicates.
    """

    def __init__(self, most: int, seconds: float) -> None:
        check_count("repeated_orders.most", most)
        check_above_zero("repeated_orders.seconds", seconds)
        self._most = most
        self._seconds = seconds
        # Times at which each (market, side, quantity) went out.
        self._sent: dict[str, list[int]] = {}

    def review(self, intent: OrderIntent, portfolio: Portfolio, snapshot: Snapshot) -> Verdict:
        """Allow an order that is not one too many of its kind, and count it."""
        since = snapshot.ts - self._seconds * _SECOND
        recent = {kind: [ts for ts in times if ts > since] for kind, times in self._sent.items()}
        self._sent = {kind: times for kind, times in recent.items() if times}
        kind = f"{intent.instrument} {intent.side} {intent.quantity!r}"
        times = self._sent.setdefault(kind, [])
        if len(times) >= self._most:
            rule = "duplicate_order" if self._most == 1 else "repeated_orders"
            reason = f"{kind} went out {len(times)} times in {self._seconds:g} s; allowed are {self._most}"
            return Verdict(allowed=False, rule=rule, reason=reason)
        times.append(snapshot.ts)
        return Verdict(allowed=True)
