"""Time columns of any common form to int64 nanoseconds UTC."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final
from zoneinfo import available_timezones

import numpy as np
from numpy.typing import NDArray

from tradebot.core.errors import DataError, did_you_mean
from tradebot.store.tables import refuse_cells

if TYPE_CHECKING:
    import polars as pl

# Year first, as ISO 8601 has it: 01/02/2024 would be January to one reader and February to another.
_FORMATS: Final = (
    "%Y-%m-%d",
    "%Y-%m-%dT%H:%M:%S%.f",
    "%Y-%m-%d %H:%M:%S%.f",
    "%Y-%m-%dT%H:%M",
    "%Y-%m-%d %H:%M",
    "%Y/%m/%d",
    "%Y/%m/%d %H:%M:%S%.f",
    "%Y/%m/%d %H:%M",
    "%Y%m%d",
    "%Y%m%d %H:%M:%S",
    "%Y%m%d %H:%M",
)
_FORMATS_WITH_OFFSET: Final = ("%Y-%m-%dT%H:%M:%S%.f%#z", "%Y-%m-%d %H:%M:%S%.f%#z", "%Y-%m-%d %H:%M%#z")
# Below each bound a count since 1970 is taken for that unit; every date from 1973 to 5138 falls into one unit only.
_UNIT_BOUNDS: Final = ((1e11, 1_000_000_000), (1e14, 1_000_000), (1e17, 1_000), (np.inf, 1))
# Neighbours of one unit are never so far apart, once they count seconds of 1973 or more.
_UNIT_STEP: Final = 100.0
_SMALLEST_COUNT: Final = 1e8
_FIRST_YEAR: Final = 1678
_LAST_YEAR: Final = 2261
_SPAN: Final = f"a time of the years {_FIRST_YEAR} to {_LAST_YEAR}"
_ZONED_KINDS: Final = ("time", "timestamp", "datetime", "date")
_FIRST_DATE: Final = 19000101
_LAST_DATE: Final = 21001231


def times_to_ns(cells: pl.Series, timezone: str, *, place: str) -> NDArray[np.int64]:
    """Times of a column, int64 ns UTC, shape (n,).

    Parameters
    ----------
    cells : counts since 1970 (seconds, ms, us or ns, told apart by their size), dates as ``20240131``, ISO 8601 text,
        dates or datetimes.
    timezone : zone of times that carry none.
    place : name of the file, for the message.

    Raises
    ------
    DataError : a cell is missing or no time (the message shows it and its row), counts are of two units, or the zone is
        unknown.
    """
    import polars as pl

    check_zone(timezone, place)
    if cells.null_count():
        row = int(cells.is_null().arg_max() or 0)
        raise DataError(f"row {row + 1}: the time is missing", place=place, mend="Fill or drop the row.")
    for kind in (pl.Int64, pl.Float64) if cells.dtype == pl.String else ():
        counts = cells.cast(kind, strict=False)
        if counts.null_count() == 0:
            cells = counts
            break
    if cells.dtype.is_numeric():
        if _are_dates(cells):
            cells = cells.cast(pl.Int64).cast(pl.String)
        else:
            return _counts_to_ns(cells, place)
    if cells.dtype == pl.String:
        cells = _parse(cells, place)
    if not isinstance(cells.dtype, pl.Date | pl.Datetime):
        raise DataError(f"the times are of type {cells.dtype}", place=place, mend="Write counts or ISO 8601 text.")
    times = cells.cast(_naive_or_aware(cells), strict=False)
    refuse_cells(cells, times, "the time", _SPAN, place=place)
    return _to_utc(times, timezone, place).dt.epoch("ns").to_numpy()


def zone_of_column(name: str) -> str | None:
    """Zone that a time column's name ends in: ``time_new_york`` is America/New_York; ``None`` if it tells none."""
    kind, _, city = name.casefold().partition("_")
    if kind not in _ZONED_KINDS or not city:
        return None
    return next((zone for zone in sorted(_zones()) if zone.casefold().rpartition("/")[2] == city), None)


def check_zone(timezone: str, place: str) -> None:
    """Refuse an unknown time zone, and offer the nearest."""
    if timezone != "UTC" and timezone not in _zones():
        mend = did_you_mean(timezone, _zones()) or 'Write it as "America/New_York".'
        raise DataError(f'"{timezone}" is not a time zone', place=place, mend=mend)


@cache
def _zones() -> set[str]:
    # Listing them walks the machine's zone folder, which takes longer than reading most files.
    return available_timezones()


def _are_dates(cells: pl.Series) -> bool:
    low, high = cells.min(), cells.max()
    return isinstance(low, int) and isinstance(high, int) and low >= _FIRST_DATE and high <= _LAST_DATE


def _counts_to_ns(cells: pl.Series, place: str) -> NDArray[np.int64]:
    counts = cells.to_numpy()
    sizes = np.abs(counts.astype(np.float64))
    if not np.isfinite(sizes).all():
        row = int(np.argmax(~np.isfinite(sizes)))
        raise DataError(f"row {row + 1}: the time is missing", place=place, mend="Fill or drop the row.")
    _refuse_two_units(cells, sizes, place)
    typical = float(sizes[len(sizes) // 2])
    factor = next(factor for bound, factor in _UNIT_BOUNDS if typical < bound)
    if float(sizes.max()) * factor >= 2.0**63:
        row = int(sizes.argmax())
        fact = f'row {row + 1}: the time is "{cells[row]}", not {_SPAN}'
        raise DataError(fact, place=place, mend="Correct or drop the row.")
    if np.issubdtype(counts.dtype, np.floating):
        # Fractions of a second below the microsecond are noise of the double.
        return np.rint(counts * (factor / 1_000)).astype(np.int64) * 1_000
    return counts.astype(np.int64) * factor


def _refuse_two_units(cells: pl.Series, sizes: NDArray[np.float64], place: str) -> None:
    """Refuse counts of which some are of another unit: files of a venue that went over from ms to us, put together."""
    bounds = [bound for bound, _ in _UNIT_BOUNDS]
    if np.searchsorted(bounds, sizes.min(), side="right") == np.searchsorted(bounds, sizes.max(), side="right"):
        return
    low, high = np.minimum(sizes[1:], sizes[:-1]), np.maximum(sizes[1:], sizes[:-1])
    jumps = np.flatnonzero((low >= _SMALLEST_COUNT) & (high >= _UNIT_STEP * low))
    if len(jumps):
        row = int(jumps[0]) + 1
        fact = f"the times are of two units: row {row} has {cells[row - 1]} and row {row + 1} {cells[row]}"
        raise DataError(fact, place=place, mend="Write all of them in one unit, or import the parts one by one.")


def _parse(cells: pl.Series, place: str) -> pl.Series:
    """Text to datetimes by the first format that reads the first cell."""
    cells = cells.str.strip_chars()
    for form in _FORMATS + _FORMATS_WITH_OFFSET:
        if cells.head(1).str.to_datetime(form, time_unit="ns", strict=False).null_count() == 0:
            times = cells.str.to_datetime(form, time_unit="ns", strict=False)
            refuse_cells(cells, times, "the time", f"of the form of {cells[0]}", place=place)
            _refuse_beyond(cells, place)
            return times
    raise DataError(
        f'row 1: the time is "{cells[0]}", which is of no known form',
        place=place,
        mend='Write it as "2024-01-31", "2024-01-31 15:30:00", or as a count since 1970.',
    )


def _refuse_beyond(cells: pl.Series, place: str) -> None:
    """Refuse years that no count of nanoseconds reaches, which would come out as other times."""
    for outermost in (str(cells.min()), str(cells.max())):
        if not _FIRST_YEAR <= int(outermost[:4]) <= _LAST_YEAR:
            row = int((cells == outermost).arg_max() or 0)
            fact = f'row {row + 1}: the time is "{outermost}", not {_SPAN}'
            raise DataError(fact, place=place, mend="Correct or drop the row.")


def _naive_or_aware(cells: pl.Series) -> pl.Datetime:
    import polars as pl

    return pl.Datetime("ns", getattr(cells.dtype, "time_zone", None))


def _to_utc(times: pl.Series, timezone: str, place: str) -> pl.Series:
    if getattr(times.dtype, "time_zone", None) is not None:
        return times.dt.convert_time_zone("UTC")
    if timezone == "UTC":
        return times
    # Of an hour that clocks pass twice the first pass is meant; one they skip is no time at all.
    zoned = times.dt.replace_time_zone(timezone, ambiguous="earliest", non_existent="null")
    refuse_cells(times, zoned, "the time", f"an hour that {timezone} had", place=place)
    return zoned.dt.convert_time_zone("UTC")
