"""Returns by calendar month and year (UTC)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tradebot.research.statistics.sampling import FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class CalendarYear:
    """Returns of one year: by month (1..12, only months with a bar) and of the year, from its first to its last bar."""

    year: int
    months: dict[int, float]
    total: float


def calendar_returns(ts: IntArray, equity: FloatArray, initial: float) -> list[CalendarYear]:
    """Returns of each month and year of a run, last close over last close before; ``nan`` after ruin.

    A step that closes at midnight of the first belongs to the month it ends.
    """
    if len(ts) == 0:
        return []
    month = (ts - 1).astype("datetime64[ns]").astype("datetime64[M]").astype(np.int64)
    last = np.append(np.flatnonzero(np.diff(month)), len(ts) - 1)
    years: dict[int, CalendarYear] = {}
    before = opening = initial
    for step in last:
        year, index = divmod(int(month[step]), 12)
        close = float(equity[step])
        if 1970 + year not in years:
            opening = before
        months = {**years[1970 + year].months} if 1970 + year in years else {}
        months[index + 1] = _change(before, close)
        years[1970 + year] = CalendarYear(1970 + year, months, _change(opening, close))
        before = close
    return list(years.values())


def _change(before: float, after: float) -> float:
    return after / before - 1.0 if before > 0.0 else float("nan")
