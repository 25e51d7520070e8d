"""Time as a pair of sine and cosine, so that the end of a day, week, year or session lies beside its beginning.

A bar's time is that of its open, which is known when the bar is. Both of a pair are needed to tell a time.
"""

from __future__ import annotations

from math import pi

from tradebot.features.clock import CLOCKS, Session
from tradebot.features.feature import formula
from tradebot.features.series import Series, cos, sin

_TURN = 2.0 * pi


@formula
def hour_sin(bars: Series) -> Series:
    """Sine of the time of day in UTC, a turn a day."""
    return sin(CLOCKS["day"].of(bars) * _TURN)


@formula
def hour_cos(bars: Series) -> Series:
    """Cosine of the time of day in UTC, a turn a day."""
    return cos(CLOCKS["day"].of(bars) * _TURN)


@formula
def weekday_sin(bars: Series) -> Series:
    """Sine of the day of the week in UTC, a turn a week from Monday on."""
    return sin(CLOCKS["week"].of(bars) * _TURN)


@formula
def weekday_cos(bars: Series) -> Series:
    """Cosine of the day of the week in UTC, a turn a week from Monday on."""
    return cos(CLOCKS["week"].of(bars) * _TURN)


@formula
def month_sin(bars: Series) -> Series:
    """Sine of the month in UTC, a turn a year from January on."""
    return sin(CLOCKS["year"].of(bars) * _TURN)


@formula
def month_cos(bars: Series) -> Series:
    """Cosine of the month in UTC, a turn a year from January on."""
    return cos(CLOCKS["year"].of(bars) * _TURN)


@formula
def session_sin(bars: Series, start: str = "0930", end: str = "1600", zone: str = "America/New_York") -> Series:
    """Sine of the place in the trading session, a turn from ``start`` to ``end`` (HHMM in ``zone``).

    Not known outside of the session.
    """
    return sin(Session.parse("session_sin", start, end, zone).of(bars) * _TURN)


@formula
def session_cos(bars: Series, start: str = "0930", end: str = "1600", zone: str = "America/New_York") -> Series:
    """Cosine of the place in the trading session, a turn from ``start`` to ``end`` (HHMM in ``zone``).

    Not known outside of the session.
    """
    return cos(Session.parse("session_cos", start, end, zone).of(bars) * _TURN)
