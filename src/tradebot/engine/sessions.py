"""Trading hours of an instrument's calendar, as the simulated exchange wants them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tradebot.core.errors import ConfigError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tradebot.core.bar import BarArray

_DAY_NS: Final = 86_400_000_000_000


def sessions_of(bars: BarArray) -> NDArray[np.int64] | None:
    """Regular sessions that the bars span.

    Returns
    -------
    Opens and closes, int64 ns UTC, shape (sessions, 2); ``None`` for a market that never closes, and for bars of a
    day or more, each of which is a whole session.

    Raises
    ------
    ConfigError : the calendar's package is not installed, or does not know the calendar.

    Notes
    -----
    Hours, holidays and early closes come from ``exchange_calendars``.
    """
    calendar = bars.instrument.calendar
    if calendar is None or not bars.interval.is_fixed or bars.interval.ns >= _DAY_NS:
        return None
    try:
        import exchange_calendars
    except ModuleNotFoundError:
        raise ConfigError(
            f"intraday bars of {bars.symbol} need the trading hours of {calendar}",
            place="sessions",
            mend="Install them: pip install 'tradebot[equities]'.",
        ) from None
    if calendar not in exchange_calendars.get_calendar_names():
        raise ConfigError(f"there is no calendar {calendar!r}", place=f"{bars.symbol}.calendar")
    first, last = (np.datetime64(int(ts) // _DAY_NS + shift, "D") for ts, shift in ((bars.ts[0], -3), (bars.ts[-1], 4)))
    hours: Any = exchange_calendars.get_calendar(calendar, start=str(first), end=str(last))
    return np.stack([hours.opens_nanos, hours.closes_nanos], axis=1).astype(np.int64)
