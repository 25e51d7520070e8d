"""What is wrong with the rows of a file or a series, and what is done about it by wish."""

from __future__ import annotations

from typing import Any, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from tradebot.core.bar_checks import outside_range, rows_text
from tradebot.core.errors import DataError
from tradebot.store.rules import settle_violations, wrong_values

Columns = dict[str, NDArray[Any]]
Bad = Literal["refuse", "repair", "keep", "drop"]


class Fault(msgspec.Struct, frozen=True):
    """One kind of fault of a file or series.

    Parameters
    ----------
    kind : ``order``, ``copies``, ``conflict``, ``values`` or ``range``.
    rows : how many rows have it.
    text : a clause with the rows, counted from 1, and their times.
    outcome : what was done about them; empty where they were only looked at.
    """

    kind: str
    rows: int
    text: str
    outcome: str = ""


def inspect(columns: Columns) -> tuple[Fault, ...]:
    """Every fault of the columns of bars, changing nothing."""
    return tuple(msgspec.structs.replace(fault, outcome="") for fault in settle(columns, "inspect", "")[1])


def settle(columns: Columns, bad: Bad | Literal["inspect"], place: str) -> tuple[Columns, tuple[Fault, ...]]:
    """Columns in order of time, one row a time, and what was found and done.

    Parameters
    ----------
    columns : as :func:`tradebot.store.files.read_columns` gives them.
    bad : ``refuse`` any fault; ``repair`` what can be (sort, merge copies, let the last of two rows of a time stand,
        widen low..high to hold open and close); ``drop`` the faulty rows; ``keep`` rows with odd values as they are.
        Under all but ``refuse`` rows are sorted and exact copies merged, which changes no value.
    place : name of the file, for the message.

    Raises
    ------
    DataError : a fault is refused, or cannot be settled as wished.
    """
    columns, rows, faults = _in_order(columns)
    columns, rows, doubles = _one_a_time(columns, rows, bad, place)
    columns, values = _with_values(columns, rows, bad, place)
    faults = [*faults, *doubles, *values]
    if bad == "refuse" and faults:
        more = f" (and {len(faults) - 1} more kinds of fault)" if len(faults) > 1 else ""
        mend = "`tradebot data check FILE` lists all; import with --bad repair, drop or keep, or correct the file."
        raise DataError(f"{faults[0].text}{more}", place=place, mend=mend)
    return columns, tuple(faults)


def _in_order(columns: Columns) -> tuple[Columns, NDArray[np.intp], list[Fault]]:
    """Columns sorted by time, the row of the file each came from, and what was out of order."""
    ts = columns["ts"]
    rows = np.arange(len(ts))
    late = np.flatnonzero(ts[1:] < np.maximum.accumulate(ts)[:-1]) + 1 if len(ts) else rows
    if not len(late):
        return columns, rows, []
    text = f"the times fall back at {rows_text(late, ts)}"
    rows = np.argsort(ts, kind="stable")
    return {name: column[rows] for name, column in columns.items()}, rows, [Fault("order", len(late), text, "sorted")]


def _one_a_time(
    columns: Columns, rows: NDArray[np.intp], bad: str, place: str
) -> tuple[Columns, NDArray[np.intp], list[Fault]]:
    repeats = columns["ts"][1:] == columns["ts"][:-1]
    if not bool(repeats.any()):
        return columns, rows, []
    alike = repeats.copy()
    for column in columns.values():
        alike &= (column[1:] == column[:-1]) | ((column[1:] != column[1:]) & (column[:-1] != column[:-1]))
    faults: list[Fault] = []
    kept = np.concatenate(([True], ~alike))
    if not bool(kept.all()):
        copies = np.flatnonzero(~kept)
        text = f"{_rows(copies, rows, columns)} {'is' if len(copies) == 1 else 'are'} the same as the one before"
        faults.append(Fault("copies", len(copies), text, "one of each kept"))
        columns, rows = {name: column[kept] for name, column in columns.items()}, rows[kept]
    repeats = columns["ts"][1:] == columns["ts"][:-1]
    if not bool(repeats.any()):
        return columns, rows, faults
    second = np.flatnonzero(repeats) + 1
    text = f"{_rows(second, rows, columns)} {'has' if len(second) == 1 else 'have'} the time of another row and differ"
    if bad == "keep":
        raise DataError(text, place=place, mend="A store holds one bar a time: import with --bad repair or drop.")
    if bad == "drop":
        kept = ~(np.concatenate(([False], repeats)) | np.concatenate((repeats, [False])))
        outcome = f"all {np.count_nonzero(~kept):,} rows of these times dropped"
    else:
        kept, outcome = np.concatenate((~repeats, [True])), "the last row of each time kept"
    faults.append(Fault("conflict", len(second), text, outcome))
    return {name: column[kept] for name, column in columns.items()}, rows[kept], faults


def _with_values(columns: Columns, rows: NDArray[np.intp], bad: str, place: str) -> tuple[Columns, list[Fault]]:
    faults: list[Fault] = []
    wrong = wrong_values(columns)
    outside = outside_range(columns) & ~wrong
    if bool(wrong.any()):
        found = np.flatnonzero(wrong)
        text = f"a price or volume is missing or out of its bounds in {_rows(found, rows, columns)}"
        if bad == "repair":
            raise DataError(text, place=place, mend="No value can be made up for it: import with --bad drop or keep.")
        faults.append(Fault("values", len(found), text, "dropped" if bad == "drop" else "kept as they are"))
    if bool(outside.any()):
        found = np.flatnonzero(outside)
        text = f"open or close lies outside low..high in {_rows(found, rows, columns)}"
        outcomes = {"repair": "low..high widened to hold them", "drop": "dropped"}
        faults.append(Fault("range", len(found), text, outcomes.get(bad, "kept as they are")))
    if bad == "drop":
        kept = ~(wrong | outside)
        return {name: column[kept] for name, column in columns.items()}, faults
    return (settle_violations(columns, "widen", place) if bad == "repair" else columns), faults


def _rows(found: NDArray[np.intp], rows: NDArray[np.intp], columns: Columns) -> str:
    """Rows of the file with their times, for those found in the columns as they are now."""
    times = dict(zip(rows[found].tolist(), columns["ts"][found].tolist(), strict=True))
    order = np.array(sorted(times), dtype=np.intp)
    ts = np.zeros(int(order[-1]) + 1, dtype=np.int64)
    ts[order] = [times[row] for row in order.tolist()]
    return rows_text(order, ts)
