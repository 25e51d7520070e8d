"""What is kept of a market, looked through from end to end; as JSON, for the clerk's process."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from tradebot.api.schemas.data import CoverageCalendar, CoveredDay, Gap, SeriesDetail
from tradebot.api.schemas.values import moment
from tradebot.core.instant import to_datetime
from tradebot.core.interval import DAY, Interval
from tradebot.store.archive import Archive
from tradebot.store.inspection import inspect_series, missing_bars
from tradebot.store.library import Library, instrument_of
from tradebot.store.manifest import Series, SeriesKey

_MOST_GAPS: Final = 1_000


def series_detail(root: Path, key: SeriesKey) -> bytes:
    """One series of bars: its gaps, its faults, its rows by month.

    Raises
    ------
    DataError : it is not kept.
    """
    archive = Library(root).bars.archive
    kept = archive.require(key)
    found = inspect_series(archive, kept)
    gaps = [
        Gap(
            start=to_datetime(gap.start),
            end=to_datetime(gap.end),
            missing=gap.missing,
            is_markets_own=gap.is_markets_own,
        )
        for gap in found.gaps[:_MOST_GAPS]
    ]
    faults = [*(fault.text for fault in found.faults), *found.damage]
    months = {part.period: part.rows for part in kept.parts}
    detail = SeriesDetail(**shown(archive, kept), gaps=gaps, missing=found.missing, faults=faults, months=months)
    return detail.model_dump_json().encode()


def coverage_calendar(root: Path, key: SeriesKey) -> bytes:
    """One series of bars day by day: how many there are, and how many the market's hours would have more.

    Raises
    ------
    DataError : it is not kept.
    """
    archive = Library(root).bars.archive
    ts = archive.read(key, columns=["ts"])[1].rechunk().get_column("ts").to_numpy()
    bars = _by_day(ts)
    missing = _by_day(missing_bars(ts, instrument_of(key), Interval.parse(key.interval)))
    days = [
        CoveredDay(day=to_datetime(day * DAY).date(), bars=bars[day], missing=missing[day])
        for day in sorted(bars.keys() | missing.keys())
    ]
    found = CoverageCalendar(symbol=key.symbol, venue=key.venue, interval=key.interval, days=days)
    return found.model_dump_json().encode()


def shown(archive: Archive, series: Series) -> dict[str, Any]:
    """A series as the list of them tells it."""
    return {
        **msgspec.structs.asdict(series.key),
        "kind": archive.kind.name,
        "rows": series.rows,
        "first": moment(series.first),
        "last": moment(series.last),
        "size_bytes": archive.size(series),
    }


def _by_day(ts: NDArray[np.int64]) -> Counter[int]:
    days: list[int] = (ts // DAY).tolist()
    return Counter(days)
