"""What depends on the clock: sessions, and the high and low of the period before."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import Final, NamedTuple

from tradebot.core.errors import ConfigError, IndicatorError, did_you_mean
from tradebot.core.interval import Interval
from tradebot.indicators.frame import PriceBars
from tradebot.indicators.node import Node
from tradebot.indicators.operation import KernelOperation
from tradebot.indicators.source import CalendarSession, OpenTime

SESSIONS: Final = MappingProxyType(
    {
        "Sydney": ("21:00", "06:00"),
        "Tokyo": ("00:00", "09:00"),
        "London": ("07:00", "16:00"),
        "New York": ("13:00", "22:00"),
        "Asian kill zone": ("00:00", "04:00"),
        "London open kill zone": ("06:00", "09:00"),
        "New York kill zone": ("11:00", "14:00"),
        "London close kill zone": ("14:00", "16:00"),
    }
)
"""Sessions by name: from and to, UTC."""

_DAY: Final = Interval.parse("1d")


class SessionRange(NamedTuple):
    """Whether the session is on (1 or 0), and its high and low so far (0 outside of it)."""

    active: Node
    high: Node
    low: Node


class PreviousRange(NamedTuple):
    """High and low of the period before, and whether each has been passed since (1 or 0)."""

    high: Node
    low: Node
    broken_high: Node
    broken_low: Node


def session(bars: PriceBars, name: str = "London", *, start: str = "", end: str = "") -> SessionRange:
    """A daily session, by the open times of the bars; a bar that opens in the minute of the end still belongs to it.

    Parameters
    ----------
    name : one of ``SESSIONS``, or ``Custom`` with ``start`` and ``end``.
    start, end : as in ``"09:30"``, UTC; over midnight where the end comes before the start.

    Raises
    ------
    IndicatorError : the session is unknown, or a time is not one.
    """
    if name == "Custom":
        times = start, end
    elif name in SESSIONS:
        times = SESSIONS[name]
    else:
        mend = did_you_mean(name, SESSIONS) or f"Known are {', '.join(SESSIONS)} and Custom."
        raise IndicatorError(f"{name!r} is not a session", place="session(name)", mend=mend)
    frame = bars.close.frame
    since_midnight = frame.node(OpenTime()) - frame.node(CalendarSession(_DAY))
    operation = KernelOperation("session_range", tuple(map(_minutes, times)), outputs=3)
    inputs = (since_midnight, bars.high, bars.low)
    return SessionRange(*(frame.node(operation, inputs, output) for output in range(3)))


def previous_high_low(bars: PriceBars, interval: str = "1d") -> PreviousRange:
    """High and low of the period before the one a bar opens in; days begin at 00:00 UTC, weeks on Monday.

    A bar that opens with its period still shows the period before the last, as the package does.

    Raises
    ------
    IndicatorError : the interval is not one.
    """
    try:
        period = Interval.parse(interval)
    except ConfigError as error:
        raise IndicatorError(error.fact, place="previous_high_low(interval)", mend=error.mend) from None
    frame = bars.close.frame
    operation = KernelOperation("previous_range", outputs=4)
    inputs = (frame.node(CalendarSession(period)), frame.node(OpenTime()), bars.high, bars.low)
    return PreviousRange(*(frame.node(operation, inputs, output) for output in range(4)))


def _minutes(time: str) -> float:
    found = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", time)
    if found is None:
        raise IndicatorError(f"{time!r} is not a time", place="session", mend='Give hours and minutes, as in "09:30".')
    return 60.0 * int(found[1]) + int(found[2])
