"""Sessions of exchanges: when they were open, which days they had."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from tradebot.core.errors import ConfigError, DataError, did_you_mean
from tradebot.core.instant import to_datetime
from tradebot.core.interval import DAY

if TYPE_CHECKING:
    import polars as pl

# Known without the calendars, which take a second to load.
_ZONES: Final = {"XNYS": "America/New_York", "XNAS": "America/New_York"}


class Sessions(msgspec.Struct, frozen=True):
    """Trading sessions in order; arrays of int64 ns UTC, shape (n,).

    Parameters
    ----------
    dates : midnight UTC of the day each session is named by.
    opens, closes : of the regular session, half days and daylight saving included.
    """

    dates: NDArray[np.int64]
    opens: NDArray[np.int64]
    closes: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.dates)


def sessions(calendar: str, start: int, end: int) -> Sessions:
    """Sessions named by a day of ``start <= ts < end`` (int64 ns UTC).

    Raises
    ------
    DataError : the extra that knows trading hours is not installed.
    ConfigError : there is no such calendar.
    """
    # Whole years, so that every question about a market is answered from one table.
    found = _years(calendar, to_datetime(start).year, to_datetime(max(end - 1, start)).year)
    rows = slice(*np.searchsorted(found.dates, (start, end)).tolist())
    return Sessions(found.dates[rows], found.opens[rows], found.closes[rows])


def zone_of(calendar: str) -> str:
    """Time zone of an exchange.

    Raises
    ------
    DataError, ConfigError : as :func:`sessions`.
    """
    return _ZONES.get(calendar) or str(_exchange_calendars().get_calendar(calendar).tz)


def local_dates(ts: NDArray[np.int64], zone: str) -> NDArray[np.int64]:
    """Midnight UTC of the day it was in a zone at each time, int64 ns."""
    import polars as pl

    times: pl.Series = pl.Series(ts).cast(pl.Datetime("ns", "UTC")).dt.convert_time_zone(zone)
    return times.dt.date().cast(pl.Int64).to_numpy() * DAY


@lru_cache(maxsize=16)
def _years(calendar: str, first: int, last: int) -> Sessions:
    library = _exchange_calendars()
    if calendar not in library.get_calendar_names(include_aliases=True):
        known = library.get_calendar_names(include_aliases=True)
        mend = did_you_mean(calendar, known) or "Use the market identifier code, such as XNYS."
        raise ConfigError(f'there is no calendar "{calendar}"', place="instrument.calendar", mend=mend)
    found = library.get_calendar(calendar, start=dt.date(first, 1, 1), end=dt.date(last, 12, 31))
    return Sessions(
        np.asarray(found.sessions.as_unit("ns").asi8),
        np.asarray(found.opens_nanos, dtype=np.int64),
        np.asarray(found.closes_nanos, dtype=np.int64),
    )


def _exchange_calendars() -> Any:
    try:
        import exchange_calendars
    except ImportError:
        mend = "Install them: pip install 'tradebot[equities]'."
        raise DataError("the trading hours of exchanges are not installed", mend=mend) from None
    return exchange_calendars
