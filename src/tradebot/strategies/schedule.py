"""When a policy acts: the UTC days, weeks and months of a rebalance calendar."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

CALENDARS: Final = ("daily", "weekly", "monthly")

_DAY_NS: Final = 86_400 * 10**9
_DAY_S: Final = 86_400
# 1970-01-01 was a Thursday, and weeks begin on Monday.
_THURSDAY: Final = 3


def period_of(ts: int, calendar: str) -> int:
    """Number of the UTC day, week (from Monday) or month that a moment lies in; one more for each that follows.

    Parameters
    ----------
    ts : int64 ns UTC.
    calendar : ``daily``, ``weekly`` or ``monthly``.
    """
    day = ts // _DAY_NS
    if calendar == "daily":
        return day
    if calendar == "weekly":
        return (day + _THURSDAY) // 7
    moment = datetime.fromtimestamp(day * _DAY_S, UTC)
    return 12 * moment.year + moment.month - 1
