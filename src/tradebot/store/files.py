"""Bars out of files: one call from a path to validated bars."""

from __future__ import annotations

from datetime import date, datetime
from os import PathLike
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tradebot.core.bar import BarArray
from tradebot.core.bar_checks import check_overlap, check_values, rows_text, shortest_step
from tradebot.core.errors import ConfigError, DataError
from tradebot.core.instant import to_ns
from tradebot.core.instrument import Instrument, instrument_for
from tradebot.core.interval import Interval
from tradebot.store.file_names import symbol_and_interval, venue_of
from tradebot.store.rules import Violations, settle_violations
from tradebot.store.steps import with_fitting_ticks
from tradebot.store.tables import find_columns, numbers, read_table
from tradebot.store.times import times_to_ns, zone_of_column

_ROLES: Final = {
    "time": ("opentime", "time", "timestamp", "ts", "datetime", "date", "t", "", "unnamed0", "indexlevel0"),
    "open": ("open", "o"),
    "high": ("high", "h"),
    "low": ("low", "l"),
    "close": ("close", "c"),
    "volume": ("volume", "vol", "v", "basevolume"),
    "trades": ("trades", "tradecount", "numberoftrades", "numtrades", "count", "n"),
    "vwap": ("vwap", "vw"),
}
_REQUIRED: Final = ("time", "open", "high", "low", "close", "volume")
_FLOATS: Final = ("open", "high", "low", "close", "volume", "vwap")
# A name's interval is believed while the bars typically lie no farther apart than this many of it.
_SPARSEST: Final = 10


def read_bars(
    path: str | PathLike[str],
    *,
    symbol: str | None = None,
    venue: str | None = None,
    interval: Interval | str | None = None,
    instrument: Instrument | None = None,
    timezone: str | None = None,
    violations: Violations = "refuse",
    start: datetime | date | str | int | None = None,
    end: datetime | date | str | int | None = None,
) -> BarArray:
    """Bars of a Parquet, CSV, Feather or JSON file.

    Columns are found by their usual names in any capitals (``open_time``, ``time``, ``timestamp``, ``Date``, …;
    ``open`` or ``o``, …); ``trades`` and ``vwap`` are read where they are. What is not told is read off the file's name
    and folder: ``binance_usdm/BTCUSDT-1m.parquet``.

    Parameters
    ----------
    path : file whose name ends in one of :data:`tradebot.store.tables.SUFFIXES`.
    symbol : the market; from the file's name unless given.
    venue : a venue of :func:`instrument_for`; from the folder or the symbol's form unless given.
    interval : length of a bar; from the name or the median step of the times unless given.
    instrument : steps and fees; the venue's documented ones unless given (with finer ticks where the prices are too
        small for the venue's, as back-adjusted ones are). Overrides symbol and venue.
    timezone : zone of times that carry none; from the column's name (``time_new_york``) or UTC unless given.
    violations : what becomes of rows whose open or close lies outside low..high: refuse the file, ``"widen"`` the range
        to hold them, or ``"drop"`` the rows.
    start, end : keep bars that open in ``start <= ts < end``.

    Returns
    -------
    Validated bars; gaps are allowed and counted by ``BarArray.gaps``.

    Raises
    ------
    DataError : the file is absent, unreadable or malformed; the message names the rows (counted from 1 below the
        header), the values and the mend.
    ConfigError : the venue or the interval is unknown.
    """
    file = Path(path)
    place = str(file)
    columns = read_columns(file, timezone).columns
    check_values(columns, place=place)
    columns = settle_violations(columns, violations, place)
    bars = bars_of(columns, file, symbol=symbol, venue=venue, interval=interval, instrument=instrument)
    first, last = (None if moment is None else to_ns(moment) for moment in (start, end))
    return bars if first is None and last is None else _span(bars, first, last, place)


class FileColumns(NamedTuple):
    """Columns of bars of a file by role, and the names of those that have none."""

    columns: dict[str, NDArray[Any]]
    unused: tuple[str, ...]


def read_columns(file: Path, timezone: str | None = None) -> FileColumns:
    """Columns of bars as a file has them: found, converted, and held against no rule yet.

    Raises
    ------
    DataError : the file is absent or unreadable, a column is missing, or a cell is no number or time.
    """
    table, place = read_table(file), str(file)
    # A time column that names its zone ("time_new_york") comes after every plain name for one.
    zoned = tuple(name.casefold().replace("_", "") for name in table.columns if zone_of_column(name))
    found = find_columns(table, _ROLES | {"time": _ROLES["time"] + zoned}, _REQUIRED, place=place)
    zone = timezone or zone_of_column(found["time"]) or "UTC"
    columns: dict[str, NDArray[Any]] = {"ts": times_to_ns(table.get_column(found["time"]), zone, place=place)}
    for role in _FLOATS:
        if role in found:
            columns[role] = numbers(table, found[role], place=place)
    if "trades" in found:
        columns["trades"] = np.nan_to_num(numbers(table, found["trades"], place=place)).astype(np.int64)
    return FileColumns(columns, tuple(name for name in table.columns if name not in found.values()))


def market_of(
    columns: dict[str, NDArray[Any]],
    file: Path,
    *,
    symbol: str | None = None,
    venue: str | None = None,
    interval: Interval | str | None = None,
    instrument: Instrument | None = None,
) -> tuple[Instrument, Interval]:
    """Market and interval of the columns of a file: as told, else by its name, its folder and its times.

    Raises
    ------
    DataError : the times fit no interval, or bars overlap.
    """
    named_symbol, named_interval = symbol_and_interval(file)
    if instrument is None:
        market = symbol or named_symbol
        instrument = with_fitting_ticks(instrument_for(market, venue or venue_of(file, market)), columns["low"])
    length = _interval(columns["ts"], interval, named_interval, str(file))
    check_overlap(columns["ts"], length, place=str(file))
    return instrument, length


def bars_of(columns: dict[str, NDArray[Any]], file: Path, **told: Any) -> BarArray:
    """Bars of the columns of a file, by what :func:`market_of` finds of them."""
    instrument, interval = market_of(columns, file, **told)
    return BarArray(instrument, interval, **columns)


def _interval(ts: NDArray[np.int64], told: Interval | str | None, named: Interval | None, place: str) -> Interval:
    """Interval that was told, else the name's while the times fit it, else the median step's."""
    if told is not None:
        return Interval.parse(told)
    steps = np.diff(ts)
    steps = steps[steps > 0]
    if not len(steps):
        if named is None:
            raise DataError("one row does not tell the interval", place=place, mend='Pass interval="1m", or the like.')
        return named
    median = int(np.median(steps))
    if named is not None and median <= _SPARSEST * named.ns and int(steps.min()) >= shortest_step(named):
        return named
    try:
        return Interval.from_ns(median)
    except ConfigError:
        raise DataError(
            f"the bars typically lie {median / 1e9:g} s apart, which is no interval",
            place=place,
            mend='Pass interval="1m", or the like.',
        ) from None


def _span(bars: BarArray, start: int | None, end: int | None, place: str) -> BarArray:
    kept = bars.between(start, end)
    if not len(kept):
        raise DataError(
            f"no bar opens in the span asked for; the file has {rows_text(np.array([0, len(bars) - 1]), bars.ts)}",
            place=place,
            mend="Widen start and end.",
        )
    return kept
