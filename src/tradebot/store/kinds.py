"""What is kept: the columns of each kind of data, what makes a row unique, and how it is cut into files."""

from __future__ import annotations

from typing import Final, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from tradebot.core.interval import DAY, Interval

Calendar = Literal["D", "M", "Y", ""]


class Kind(msgspec.Struct, frozen=True):
    """A kind of data.

    Parameters
    ----------
    name : folder below the home, and view in SQL.
    columns : name -> Polars type; ``ts`` (int64 ns UTC) comes first.
    optional : columns that may be unknown (null).
    is_unique : whether there is one row a time. Where there may be several, a written span replaces the
        stored one whole.
    calendar : calendar unit of a file, as numpy names it; empty for one file in all.
    """

    name: str
    columns: dict[str, str]
    optional: tuple[str, ...]
    is_unique: bool
    calendar: Calendar

    def calendar_of(self, interval: str) -> Calendar:
        """Unit of a file of one series: a month of daily bars would be a file of twenty rows."""
        return "Y" if interval and Interval.parse(interval).ns >= DAY else self.calendar


def _floats(*names: str) -> dict[str, str]:
    return {"ts": "Int64"} | dict.fromkeys(names, "Float64")


BARS: Final = Kind(
    "bars",
    _floats("open", "high", "low", "close", "volume") | {"trades": "Int64", "vwap": "Float64"},
    ("trades", "vwap"),
    is_unique=True,
    calendar="M",
)
FUNDING: Final = Kind("funding", _floats("rate", "mark"), ("mark",), is_unique=True, calendar="Y")
FACTORS: Final = Kind(
    "factors", _floats("price_factor", "split_factor", "reference"), ("reference",), is_unique=True, calendar=""
)
TRADES: Final = Kind("trades", _floats("price", "size") | {"side": "Int8"}, (), is_unique=False, calendar="D")
QUOTES: Final = Kind("quotes", _floats("bid", "ask", "bid_size", "ask_size"), (), is_unique=False, calendar="D")
KINDS: Final = {kind.name: kind for kind in (BARS, FUNDING, FACTORS, TRADES, QUOTES)}


def periods(ts: NDArray[np.int64], calendar: Calendar) -> list[tuple[str, slice]]:
    """Runs of rows (times sorted) that lie in one period each, with its name: ``2025-05``."""
    if not len(ts):
        return []
    if not calendar:
        return [("all", slice(0, len(ts)))]
    units = ts.view("datetime64[ns]").astype(f"datetime64[{calendar}]")
    starts = np.flatnonzero(np.concatenate(([True], units[1:] != units[:-1]))).tolist()
    ends = [*starts[1:], len(ts)]
    return [(str(units[start]), slice(start, end)) for start, end in zip(starts, ends, strict=True)]
