"""Corporate actions as factor tables, and prices adjusted by them."""

from __future__ import annotations

from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from tradebot.core.bar import BarArray
from tradebot.core.bar_checks import check_times, rows_text
from tradebot.core.errors import DataError
from tradebot.core.instant import iso
from tradebot.core.interval import DAY
from tradebot.store.calendars import local_dates, zone_of
from tradebot.store.steps import with_fitting_ticks
from tradebot.store.tables import find_columns, header_of, numbers, read_table
from tradebot.store.times import times_to_ns

_ROLES: Final = {
    "date": ("date", "ts", "time"),
    "price_factor": ("pricefactor",),
    "split_factor": ("splitfactor",),
    "reference": ("reference", "referenceprice"),
}


class Factors(msgspec.Struct, frozen=True, eq=False):
    """Factors of one equity. Adjusted price = raw price * price factor * split factor of the first row on or after
    the day; adjusted volume = raw volume / split factor.

    Parameters
    ----------
    ts : last day each row holds for, midnight UTC, int64 ns, strictly rising, shape (n,).
    price_factor : for dividends, float64, shape (n,).
    split_factor : for splits, float64, shape (n,).
    reference : raw close before the event, float64, shape (n,); NaN where unknown.
    """  # noqa: D205

    ts: NDArray[np.int64]
    price_factor: NDArray[np.float64]
    split_factor: NDArray[np.float64]
    reference: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.ts)


def read_factors(path: str | PathLike[str]) -> Factors:
    """Factor table of a file: date, price factor, split factor and, if known, reference price; a header is optional.

    Raises
    ------
    DataError : the file is absent or malformed; the message names the row and the mend.
    """
    file = Path(path)
    place = str(file)
    if header_of(file)[0][:1].isdigit():
        table = read_table(file, has_header=False)
        table = table.rename(dict(zip(table.columns, _ROLES, strict=False)))
    else:
        table = read_table(file)
    found = find_columns(table, _ROLES, ("date", "price_factor", "split_factor"), place=place)
    ts = times_to_ns(table.get_column(found["date"]), "UTC", place=place)
    check_times(ts, place)
    price, split = (numbers(table, found[name], place=place) for name in ("price_factor", "split_factor"))
    for column in (price, split):
        wrong = ~((column > 0) & (column < np.inf))
        if bool(wrong.any()):
            fact = f"the factor is {column[wrong][0]:g} in {rows_text(np.flatnonzero(wrong), ts)}"
            raise DataError(fact, place=place, mend="A factor lies above 0: correct the row.")
    known = numbers(table, found["reference"], place=place) if "reference" in found else np.full(len(ts), np.nan)
    return Factors(ts, price, split, np.where(known > 0, known, np.nan))


def adjust(bars: BarArray, factors: Factors) -> BarArray:
    """Bars with prices and volumes adjusted for splits and dividends.

    Raises
    ------
    DataError : the factors end before the bars do.
    """
    rows = _rows(bars, factors)
    if not covers_all(bars, factors):
        raise DataError(
            f"the factors end on {iso(int(factors.ts[-1]))[:10]} and the bars on {iso(int(bars.ts[-1]))[:10]}",
            place=f"factors of {bars.symbol}",
            mend="Import newer factors, end the run earlier, or use raw prices.",
        )
    split = factors.split_factor[rows]
    price = factors.price_factor[rows] * split
    columns = bars.columns()
    adjusted = {name: columns[name] * price for name in ("open", "high", "low", "close", "vwap") if name in columns}
    adjusted["volume"] = columns["volume"] / split
    # Steps of a cent are coarse for prices of long ago, which adjusting has made small.
    return replace(bars, instrument=with_fitting_ticks(bars.instrument, adjusted["low"]), **adjusted)


def covers_all(bars: BarArray, factors: Factors) -> bool:
    """Whether a factor is known for every bar."""
    rows = _rows(bars, factors)
    return not len(rows) or bool(rows[-1] < len(factors))


def events_within(bars: BarArray, factors: Factors) -> tuple[int, int]:
    """Number of splits and of dividends between the first and the last bar, as far as the factors know."""
    rows = _rows(bars, factors)
    if not len(rows):
        return 0, 0
    span = slice(int(rows[0]), int(rows[-1]) + 1)
    splits, dividends = (np.diff(column[span]) != 0 for column in (factors.split_factor, factors.price_factor))
    return int(np.count_nonzero(splits)), int(np.count_nonzero(dividends))


def _rows(bars: BarArray, factors: Factors) -> NDArray[np.intp]:
    """Row of the factors that holds for each bar; one past the last where they end before it."""
    calendar = bars.instrument.calendar
    if calendar is None or bars.interval.ns >= DAY:
        days = bars.ts - bars.ts % DAY
    else:
        days = local_dates(bars.ts, zone_of(calendar))
    return np.searchsorted(factors.ts, days)
