"""The rules columns of bars must keep, and the sentence for each that is broken."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tradebot.core.errors import DataError
from tradebot.core.instant import iso
from tradebot.core.interval import HOUR, Interval

Columns = dict[str, NDArray[Any]]

_PRICES: Final = ("open", "high", "low", "close")
_MOST_ROWS_NAMED: Final = 5


def check_columns(columns: Columns, *, place: str) -> None:
    """Refuse columns that are no bars.

    Parameters
    ----------
    columns : ``ts`` (int64), ``open``, ``high``, ``low``, ``close``, ``volume`` (float64), and if known
        ``trades`` (int64) and ``vwap`` (float64, NaN where unknown).
    place : what the columns are, for the message.

    Raises
    ------
    DataError : the first rule broken, with the rows (counted from 1) and their times.
    """
    check_values(columns, place=place)
    outside = outside_range(columns)
    if bool(outside.any()):
        raise _at(outside, columns["ts"], "open or close lies outside low..high", place, "Correct or drop these rows.")


def check_values(columns: Columns, *, place: str) -> None:
    """The rules of :func:`check_columns` that look at one column at a time: all but the range of each bar."""
    _check_lengths(columns, place)
    check_times(columns["ts"], place)
    ts = columns["ts"]
    for name in _PRICES:
        column = columns[name]
        # One comparison finds NaN, infinities and nonpositive prices alike; the exact fact is sought only then.
        if not bool(np.all((column > 0) & (column < np.inf))):
            _refuse_numbers(column, ts, name, place, least=0, strict=True)
    for name in ("volume", "trades"):
        if name in columns and not bool(np.all((columns[name] >= 0) & (columns[name] < np.inf))):
            _refuse_numbers(columns[name], ts, name, place, least=0, strict=False)
    if "vwap" in columns:
        vwap = columns["vwap"]
        wrong = ~np.isnan(vwap) & ~((vwap > 0) & (vwap < np.inf))
        if bool(wrong.any()):
            raise _at(wrong, ts, f"the vwap is {vwap[wrong][0]:g}", place, "Write NaN where it is unknown.")


def check_times(ts: NDArray[np.int64], place: str) -> None:
    """Refuse times (int64 ns UTC) that do not rise strictly, by a ``DataError`` that names the first row."""
    steps = np.diff(ts)
    if not bool((steps <= 0).any()):
        return
    row = int(np.argmax(steps <= 0)) + 1
    before, here = iso(int(ts[row - 1])), iso(int(ts[row]))
    if steps[row - 1] == 0:
        count = int(np.count_nonzero(steps == 0))
        more = f" ({count:,} such rows)" if count > 1 else ""
        raise DataError(
            f"row {row + 1} repeats the time {here} of the row before{more}", place=place, mend="Keep one row per time."
        )
    raise DataError(
        f"row {row + 1} ({here}) lies before the row above it ({before})", place=place, mend="Sort the rows by time."
    )


def shortest_step(interval: Interval) -> int:
    """Least distance of two bars; a local day is an hour short when clocks go forward, a February three days."""
    if not interval.is_fixed:
        return interval.ns - interval.ns // 10
    return interval.ns - HOUR if interval.unit in "dw" else interval.ns


def check_overlap(ts: NDArray[np.int64], interval: Interval, *, place: str) -> None:
    """Refuse bars that open before the one above them closes: what is known when would be a lie.

    Raises
    ------
    DataError : naming the rows.
    """
    close = np.flatnonzero(np.diff(ts) < shortest_step(interval)) + 1
    if len(close):
        raise DataError(
            f"{interval} bars overlap at {rows_text(close, ts)}",
            place=place,
            mend="Give the interval the bars have, or drop the rows between.",
        )


def outside_range(columns: Columns) -> NDArray[np.bool_]:
    """Rows whose open or close lies outside ``low..high`` (or whose low lies above the high)."""
    highest = np.maximum(columns["open"], columns["close"])
    lowest = np.minimum(columns["open"], columns["close"])
    return (columns["high"] < highest) | (columns["low"] > lowest)


def rows_text(rows: NDArray[np.intp], ts: NDArray[np.int64]) -> str:
    """Rows counted from 1 with their times: ``row 3 (2024-01-02T00:00:00Z)``; a long list is cut."""
    named = [f"{row + 1} ({iso(int(ts[row]))})" for row in rows[:_MOST_ROWS_NAMED]]
    more = f" and {len(rows) - len(named):,} more" if len(rows) > len(named) else ""
    return f"{'row' if len(rows) == 1 else 'rows'} {', '.join(named)}{more}"


def _check_lengths(columns: Columns, place: str) -> None:
    lengths = {name: len(column) for name, column in columns.items()}
    if len(set(lengths.values())) > 1:
        listed = ", ".join(f"{name} {length}" for name, length in lengths.items())
        raise DataError(f"columns differ in length: {listed}", place=place, mend="Give each bar all its values.")


def _refuse_numbers(
    column: NDArray[Any], ts: NDArray[np.int64], name: str, place: str, *, least: float, strict: bool
) -> None:
    missing = np.isnan(column)
    if bool(missing.any()):
        raise _at(missing, ts, f"the {name} is missing (NaN)", place, "Fill or drop these rows.")
    infinite = np.isinf(column)
    if bool(infinite.any()):
        raise _at(infinite, ts, f"the {name} is infinite", place, "Fill or drop these rows.")
    low = column <= least if strict else column < least
    bound = "above 0" if strict else "0 or more"
    raise _at(low, ts, f"the {name} is {column[low][0]:g}", place, f"It must be {bound}: fill or drop these rows.")


def _at(wrong: NDArray[np.bool_], ts: NDArray[np.int64], fact: str, place: str, mend: str) -> DataError:
    return DataError(f"{fact} in {rows_text(np.flatnonzero(wrong), ts)}", place=place, mend=mend)
