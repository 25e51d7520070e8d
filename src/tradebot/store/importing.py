"""Files into the store: what kind of data they hold, what is wrong with it, and what was stored."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, get_args

import msgspec
import numpy as np
from numpy.typing import NDArray

from tradebot.core.errors import DataError
from tradebot.core.instrument import instrument_for
from tradebot.store.bars import frame_of
from tradebot.store.factors import read_factors
from tradebot.store.faults import Bad, Fault, settle
from tradebot.store.file_names import require_file, symbol_and_interval, venue_of
from tradebot.store.files import market_of, read_columns
from tradebot.store.funding import read_funding
from tradebot.store.manifest import SeriesKey
from tradebot.store.merging import Written
from tradebot.store.recordings import is_recording, read_recording
from tradebot.store.tables import fold, header_of
from tradebot.store.ticks import read_quotes, read_trades

if TYPE_CHECKING:
    from tradebot.core.interval import Interval
    from tradebot.store.library import Library

FileKind = Literal["bars", "funding", "factors", "trades", "quotes", "recording"]
FILE_KINDS: Final = get_args(FileKind)


class Imported(msgspec.Struct, frozen=True):
    """What became of one kind of rows of a file.

    Parameters
    ----------
    kind : ``bars``, ``funding``, ``factors``, ``trades`` or ``quotes``.
    series : venue, symbol and interval they are stored under.
    rows : rows of the file.
    first, last : times of the first and last row that was stored, int64 ns UTC.
    unused : messages of a recording that are of no kind the store keeps.
    unused_columns : columns of the file that bars do not have.
    """

    file: str
    kind: str
    series: str
    rows: int
    first: int
    last: int
    written: Written
    faults: tuple[Fault, ...] = ()
    unused: int = 0
    unused_columns: tuple[str, ...] = ()


def import_file(
    library: Library,
    path: Path,
    *,
    kind: FileKind | None = None,
    symbol: str | None = None,
    venue: str | None = None,
    interval: Interval | str | None = None,
    timezone: str | None = None,
    bad: Bad = "refuse",
    replace: bool = False,
) -> list[Imported]:
    """Store what a file holds; all of each kind, or on any error nothing of it.

    Parameters
    ----------
    kind : what it holds; told by its name and columns unless given.
    symbol, venue, interval, timezone : as :func:`tradebot.store.files.read_bars`.
    bad : what becomes of faulty bars; see :func:`tradebot.store.faults.settle`.
    replace : whether stored rows with other values give way.

    Raises
    ------
    DataError : the file is malformed, its faults are refused, stored rows differ, or the store cannot be written.
    ConfigError : the venue or interval is unknown.
    """
    kind = kind or kind_of(path)
    if kind == "recording":
        return _recording(library, path, symbol, venue, replace=replace)
    if kind == "bars":
        return [_bars(library, path, symbol, venue, interval, timezone, bad, replace=replace)]
    named = symbol or symbol_and_interval(path)[0].removesuffix(f"-{kind.upper()}")
    key = SeriesKey(venue or venue_of(path, named), named)
    if kind in ("trades", "quotes"):
        return [_ticks(library, path, key, kind, timezone, replace=replace)]
    if kind == "funding":
        table = read_funding(path, timezone)
        done = library.write_funding(key.venue, key.symbol, table, replace=replace)
    else:
        table = read_factors(path)
        done = library.write_factors(key.venue, key.symbol, table)
    return [_imported(path, kind, key, table.ts, len(table), done)]


def kind_of(path: Path) -> FileKind:
    """Kind of data a file holds, by its first line or its columns.

    Raises
    ------
    DataError : the file is absent, or no kind fits.
    """
    require_file(path)
    if is_recording(path):
        return "recording"
    header = header_of(path)
    names = {fold(name) for name in header}
    if names & {"fundingrate", "lastfundingrate"}:
        return "funding"
    if {"pricefactor", "splitfactor"} <= names or "factor" in path.name.casefold():
        return "factors"
    if {"open", "high", "low", "close"} <= names or {"o", "h", "l", "c"} <= names:
        return "bars"
    if names & {"bid", "bidprice", "bestbidprice", "bestbid"}:
        return "quotes"
    if names & {"price", "p"}:
        return "trades"
    raise DataError(
        f"the columns {', '.join(header)} tell of no kind of data",
        place=str(path),
        mend=f"Name them in the first row, or say what it is by --kind {'|'.join(FILE_KINDS)}.",
    )


def _bars(
    library: Library,
    path: Path,
    symbol: str | None,
    venue: str | None,
    interval: Interval | str | None,
    timezone: str | None,
    bad: Bad,
    *,
    replace: bool,
) -> Imported:
    columns, unused_columns = read_columns(path, timezone)
    rows = len(columns["ts"])
    columns, faults = settle(columns, bad, str(path))
    if not len(columns["ts"]):
        raise DataError("no row is left to store", place=str(path), mend="Correct the file.")
    instrument, length = market_of(columns, path, symbol=symbol, venue=venue, interval=interval)
    key = SeriesKey(instrument.venue, instrument.symbol, str(length))
    done = library.bars.archive.upsert(key, frame_of(columns), replace=replace)
    found = _imported(path, "bars", key, columns["ts"], rows, done, faults)
    return msgspec.structs.replace(found, unused_columns=unused_columns)


def _ticks(
    library: Library,
    path: Path,
    key: SeriesKey,
    kind: Literal["trades", "quotes"],
    timezone: str | None,
    *,
    replace: bool,
) -> Imported:
    instrument = instrument_for(key.symbol, key.venue)
    if kind == "trades":
        ticks = read_trades(path, instrument, timezone)
        done = library.write_trades(ticks, replace=replace)
    else:
        ticks = read_quotes(path, instrument, timezone)
        done = library.write_quotes(ticks, replace=replace)
    return _imported(path, kind, key, ticks.ts, len(ticks), done)


def _recording(library: Library, path: Path, symbol: str | None, venue: str | None, *, replace: bool) -> list[Imported]:
    found = read_recording(path, venue=venue) if venue else read_recording(path)
    ticks, quotes = found.trades, found.quotes
    if symbol not in (None, ticks.instrument.symbol):
        fact = f"it is a recording of {ticks.instrument.symbol}, not of {symbol}"
        raise DataError(fact, place=str(path), mend="Leave the symbol out.")
    key = SeriesKey(ticks.instrument.venue, ticks.instrument.symbol)
    imported: list[Imported] = []
    if len(ticks):
        done = library.write_trades(ticks, replace=replace)
        imported.append(_imported(path, "trades", key, ticks.ts, len(ticks), done))
    if len(quotes):
        done = library.write_quotes(quotes, replace=replace)
        imported.append(_imported(path, "quotes", key, quotes.ts, len(quotes), done))
    if not imported:
        raise DataError("it holds neither trades nor quotes", place=str(path), mend="Give another recording.")
    imported[-1] = msgspec.structs.replace(imported[-1], unused=found.unused)
    return imported


def _imported(
    path: Path,
    kind: str,
    key: SeriesKey,
    ts: NDArray[np.int64],
    rows: int,
    written: Written,
    faults: tuple[Fault, ...] = (),
) -> Imported:
    return Imported(str(path), kind, str(key), rows, int(ts[0]), int(ts[-1]), written, faults)
