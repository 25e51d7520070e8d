"""Funding payments of perpetuals out of files."""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from tradebot.core.bar_checks import check_times, rows_text
from tradebot.core.errors import DataError
from tradebot.store.tables import find_columns, numbers, read_table
from tradebot.store.times import times_to_ns

_ROLES: Final = {
    "funding_time": ("fundingtime", "calctime", "time", "timestamp", "ts", "datetime", "date"),
    "funding_rate": ("fundingrate", "lastfundingrate", "rate"),
    "mark_price": ("markprice", "mark"),
}


class Funding(msgspec.Struct, frozen=True):
    """Funding payments of one perpetual: a long pays quantity * mark * rate to the shorts, or receives it if negative.

    Parameters
    ----------
    ts : payment times, int64 ns UTC, strictly rising, shape (n,).
    rate : fraction of the notional, float64, shape (n,).
    mark : mark price at the payment, float64, shape (n,); NaN where it is unknown.
    """

    ts: NDArray[np.int64]
    rate: NDArray[np.float64]
    mark: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.ts)

    def between(self, start: int, end: int) -> Funding:
        """Payments in ``start <= ts < end`` (int64 ns UTC)."""
        rows = slice(*np.searchsorted(self.ts, (start, end)).tolist())
        return Funding(self.ts[rows], self.rate[rows], self.mark[rows])


def read_funding(path: str | PathLike[str], timezone: str | None = None) -> Funding:
    """Funding payments of a CSV or Parquet file.

    Parameters
    ----------
    path : file with the columns ``funding_time`` (counts since 1970 or ISO 8601), ``funding_rate`` and, if known,
        ``mark_price``.
    timezone : zone of times that carry none; UTC unless given.

    Raises
    ------
    DataError : the file is absent or malformed; the message names the row and the mend.
    """
    file = Path(path)
    place = str(file)
    table = read_table(file)
    found = find_columns(table, _ROLES, ("funding_time", "funding_rate"), place=place)
    ts = times_to_ns(table.get_column(found["funding_time"]), timezone or "UTC", place=place)
    check_times(ts, place)
    rate = numbers(table, found["funding_rate"], place=place)
    wrong = ~(np.abs(rate) < 1)
    if bool(wrong.any()):
        raise DataError(
            f"the funding rate is {rate[wrong][0]:g} in {rows_text(np.flatnonzero(wrong), ts)}",
            place=place,
            mend="Write 0.01 % as 0.0001, and drop rows without a rate.",
        )
    mark = numbers(table, found["mark_price"], place=place) if "mark_price" in found else np.full(len(ts), np.nan)
    return Funding(ts, rate, np.where(mark > 0, mark, np.nan))
