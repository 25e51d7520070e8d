"""Series and files held against the rules of their kind and the sessions of their market."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from tradebot.core.instrument import Instrument
from tradebot.core.interval import DAY, Interval
from tradebot.store.calendars import local_dates, sessions, zone_of
from tradebot.store.faults import Fault, inspect, settle
from tradebot.store.files import market_of, read_columns
from tradebot.store.library import instrument_of
from tradebot.store.spans import Span, covers

if TYPE_CHECKING:
    from tradebot.store.archive import Archive
    from tradebot.store.manifest import Series


class Gap(msgspec.Struct, frozen=True):
    """Bars that are not there.

    Parameters
    ----------
    start, end : the time without bars, int64 ns UTC.
    missing : bars of the market's hours that would fill it.
    is_markets_own : a provider was asked for this time and had nothing.
    """

    start: int
    end: int
    missing: int
    is_markets_own: bool = False


class Inspection(msgspec.Struct, frozen=True):
    """What was found in one series or file.

    Parameters
    ----------
    name : the series' key, or the file.
    kind : ``bars``, ``funding``, ``factors``, ``trades`` or ``quotes``.
    gaps : for bars, in order.
    outside : bars on days, or for bars under a day at hours, outside the regular sessions.
    faults : rows that break a rule.
    damage : files that are gone or changed.
    """

    name: str
    kind: str
    rows: int
    first: int | None
    last: int | None
    gaps: tuple[Gap, ...] = ()
    outside: int = 0
    faults: tuple[Fault, ...] = ()
    damage: tuple[str, ...] = ()

    @property
    def missing(self) -> int:
        """Bars in all the gaps."""
        return sum(gap.missing for gap in self.gaps)

    @property
    def is_sound(self) -> bool:
        """Whether every file is whole and no row breaks a rule; gaps are told but may be the market's own."""
        return not (self.faults or self.damage)


def inspect_file(path: Path, **told: Any) -> Inspection:
    """What importing a file of bars would meet; ``told`` as :func:`tradebot.store.files.market_of`, and timezone.

    Raises
    ------
    DataError : the file is unreadable or malformed beyond its rows.
    """
    columns = read_columns(path, told.pop("timezone", None)).columns
    faults = inspect(columns)
    settled, _ = settle(columns, "drop", str(path))
    ts: NDArray[np.int64] = np.unique(columns["ts"])
    instrument, interval = market_of(settled if len(settled["ts"]) else columns, path, **told)
    gaps, outside = find_gaps(ts, instrument, interval, ())
    return Inspection(str(path), "bars", len(columns["ts"]), int(ts[0]), int(ts[-1]), gaps, outside, faults)


def inspect_series(archive: Archive, series: Series) -> Inspection:
    """A stored series: its files, its rows and its gaps.

    Raises
    ------
    DataError : the market's trading hours are not installed.
    """
    damage = tuple(archive.damaged(series))
    found = Inspection(str(series.key), archive.kind.name, series.rows, series.first, series.last, damage=damage)
    if damage or archive.kind.name != "bars" or not series.parts:
        return found
    wanted = [name for name in archive.kind.columns if name not in archive.kind.optional]
    frame = archive.read(series.key, columns=wanted)[1].rechunk()
    columns = {name: frame.get_column(name).to_numpy() for name in wanted}
    interval = Interval.parse(series.key.interval)
    gaps, outside = find_gaps(columns["ts"], instrument_of(series.key), interval, series.covered)
    return msgspec.structs.replace(found, gaps=gaps, outside=outside, faults=inspect(columns))


def find_gaps(
    ts: NDArray[np.int64], instrument: Instrument, interval: Interval, covered: tuple[Span, ...]
) -> tuple[tuple[Gap, ...], int]:
    """Gaps between the first and the last bar, and how many bars lie outside the market's sessions.

    Raises
    ------
    DataError : the market's trading hours are not installed.
    """
    if len(ts) == 0:
        return (), 0
    if instrument.calendar is None:
        return _gaps_around_the_clock(ts, interval, covered), 0
    found = _in_sessions(ts, instrument.calendar, interval)
    gaps = _runs(found.expected, ~np.isin(found.expected, found.opened), interval, covered)
    return gaps, int(np.count_nonzero(~found.inside))


def missing_bars(ts: NDArray[np.int64], instrument: Instrument, interval: Interval) -> NDArray[np.int64]:
    """Open times of the bars that are not there, between the first and the last.

    Raises
    ------
    DataError : the market's trading hours are not installed.
    """
    if len(ts) == 0:
        return ts
    if instrument.calendar is None:
        gaps = _gaps_around_the_clock(ts, interval, ())
        spans = [np.arange(gap.start, gap.end, interval.ns, dtype=np.int64) for gap in gaps]
        return np.concatenate(spans) if spans else ts[:0]
    found = _in_sessions(ts, instrument.calendar, interval)
    return found.expected[~np.isin(found.expected, found.opened)]


class _Sessions(NamedTuple):
    """Bars that a market's hours would give, those that are there by the same count, and whether each lies inside."""

    expected: NDArray[np.int64]
    opened: NDArray[np.int64]
    inside: NDArray[np.bool_]


def _in_sessions(ts: NDArray[np.int64], calendar: str, interval: Interval) -> _Sessions:
    hours = sessions(calendar, int(ts[0]) - DAY, int(ts[-1]) + DAY)
    if interval.ns >= DAY:
        # A daily bar bears its date as midnight UTC, or opens at some hour of that day where the exchange is.
        days = np.where(ts % DAY == 0, ts, local_dates(ts, zone_of(calendar)))
        expected = np.unique(interval.floor(hours.dates))
        opened = interval.floor(days)
        inside = np.isin(opened, expected)
    else:
        # Hourly bars are counted from the session's open by some and from the full hour by others.
        is_by_clock = 2 * np.count_nonzero(ts % interval.ns == 0) > len(ts)
        begins = interval.floor(hours.opens) if is_by_clock else hours.opens
        expected, opened = _openings(begins, hours.closes, interval), ts
        session = np.searchsorted(begins, ts, side="right") - 1
        inside = (session >= 0) & (ts < hours.closes[np.maximum(session, 0)])
    return _Sessions(expected[(expected >= opened[0]) & (expected <= opened[-1])], opened, inside)


def _gaps_around_the_clock(ts: NDArray[np.int64], interval: Interval, covered: tuple[Span, ...]) -> tuple[Gap, ...]:
    closes = interval.close_of(ts)
    rows = np.flatnonzero(ts[1:] > closes[:-1])
    return tuple(
        Gap(start, end, max(round((end - start) / interval.ns), 1), covers(covered, start, end))
        for start, end in zip(closes[rows].tolist(), ts[rows + 1].tolist(), strict=True)
    )


def _openings(opens: NDArray[np.int64], closes: NDArray[np.int64], interval: Interval) -> NDArray[np.int64]:
    """Open times of every bar of the sessions."""
    counts = -(-(closes - opens) // interval.ns)
    session = np.repeat(np.arange(len(opens)), counts)
    place = np.arange(len(session)) - np.repeat(np.cumsum(counts) - counts, counts)
    return opens[session] + place * interval.ns


def _runs(
    expected: NDArray[np.int64], missing: NDArray[np.bool_], interval: Interval, covered: tuple[Span, ...]
) -> tuple[Gap, ...]:
    """Neighbouring missing bars as one gap each."""
    edges = np.diff(np.concatenate(([0], missing.astype(np.int8), [0])))
    gaps: list[Gap] = []
    for first, after in zip(np.flatnonzero(edges == 1).tolist(), np.flatnonzero(edges == -1).tolist(), strict=True):
        start, end = int(expected[first]), int(interval.close_of(int(expected[after - 1])))
        gaps.append(Gap(start, end, after - first, covers(covered, start, end)))
    return tuple(gaps)
