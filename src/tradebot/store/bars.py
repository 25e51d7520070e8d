"""Bars between runs: Parquet by venue, symbol, interval and month."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from tradebot.core.bar import BarArray
from tradebot.core.instrument import Instrument
from tradebot.core.interval import Interval
from tradebot.store.archive import Archive
from tradebot.store.kinds import BARS
from tradebot.store.locks import PATIENCE_S
from tradebot.store.manifest import Series, SeriesKey
from tradebot.store.merging import Written
from tradebot.store.rules import count_bad, settle_violations

if TYPE_CHECKING:
    import polars as pl

    from tradebot.store.rules import Violations
    from tradebot.store.spans import Span


class ParquetBarStore:
    """Keeps bars between runs; a :class:`tradebot.core.protocols.BarStore`.

    Parameters
    ----------
    root : the folder; made by the first write.
    patience_s : seconds to wait for another writer before giving up.

    Examples
    --------
    >>> store = ParquetBarStore(home() / "bars")
    >>> store.write(bars)
    >>> store.read(Instrument.binance_perpetual("BTCUSDT"), Interval.parse("1h"))
    """

    def __init__(self, root: Path, *, patience_s: float = PATIENCE_S) -> None:
        self.archive = Archive(root, BARS, bad_rows=count_bad, patience_s=patience_s)

    def series(self) -> list[Series]:
        """What is stored, by venue, symbol and interval."""
        return self.archive.series()

    def read(
        self,
        instrument: Instrument,
        interval: Interval,
        start: int | None = None,
        end: int | None = None,
        *,
        violations: Violations = "refuse",
    ) -> BarArray:
        """Stored bars that open in ``start <= ts < end`` (int64 ns UTC); ``None`` leaves the side open.

        Parameters
        ----------
        violations : what becomes of bars that were stored although their open or close lies outside low..high; see
            :func:`tradebot.store.files.read_bars`.

        Raises
        ------
        DataError : nothing is stored for the market and interval, or a stored row is no bar.
        """
        key = SeriesKey(instrument.venue, instrument.symbol, str(interval))
        # What is unknown in every row is not read at all.
        wanted = [name for name in BARS.columns if name not in BARS.optional]
        stored = self.archive.require(key)
        series, frame = self.archive.read(key, columns=[*wanted, *stored.optional], start=start, end=end)
        columns = _columns(frame)
        if any(part.bad for part in series.between(start, end)):
            place = f"stored bars of {key}"
            return BarArray(instrument, interval, **settle_violations(columns, violations, place))
        # They were held against the rules when they were stored.
        return BarArray.trusted(instrument, interval, columns)

    def write(self, bars: BarArray) -> None:
        """Store bars; a bar of the same time replaces the earlier one. All of them are stored, or none."""
        self.upsert(bars)

    def upsert(self, bars: BarArray, *, replace: bool = True, covered: Span | None = None) -> Written:
        """Store bars and tell what that changed.

        Parameters
        ----------
        replace : whether stored bars with other values give way; else they are refused.
        covered : span a provider has answered for, marked in the same step.

        Raises
        ------
        DataError : the disk is full, the folder read-only, another writer does not finish, or a stored bar differs.
        """
        key = SeriesKey(bars.instrument.venue, bars.symbol, str(bars.interval))
        return self.archive.upsert(key, frame_of(bars.columns()), replace=replace, covered=covered)

    def coverage(self, venue: str, symbol: str, interval: Interval) -> list[Span]:
        """Spans ``start <= ts < end`` (int64 ns UTC) that a provider has answered for, in order and apart."""
        series = self.archive.find(SeriesKey(venue, symbol, str(interval)))
        return list(series.covered) if series else []

    def mark_covered(self, venue: str, symbol: str, interval: Interval, start: int, end: int) -> None:
        """Note that a provider has answered for ``start <= ts < end``: gaps inside are the market's own."""
        self.archive.cover(SeriesKey(venue, symbol, str(interval)), start, end)


def frame_of(columns: dict[str, NDArray[Any]]) -> pl.DataFrame:
    """Columns of bars as they are stored: every column there, null where nothing is known."""
    import polars as pl

    frame = pl.DataFrame({name: pl.Series(name, column) for name, column in columns.items()})
    missing = [pl.lit(None, dtype=getattr(pl, kind)).alias(name) for name, kind in BARS.columns.items()
               if name not in columns]  # fmt: skip
    return frame.with_columns(missing).with_columns(pl.col("vwap").fill_nan(None)).select(list(BARS.columns))


def _columns(frame: pl.DataFrame) -> dict[str, NDArray[Any]]:
    """Columns of a stored frame as :class:`BarArray` takes them, with one copy at most."""
    # Together and on all cores; column by column would take twice the time.
    frame = frame.rechunk()
    columns: dict[str, NDArray[Any]] = {}
    for name in frame.columns:
        column = frame.get_column(name)
        if name == "trades" and column.null_count():
            # Of some rows it is not known, and there is no word for that in whole numbers.
            continue
        columns[name] = column.to_numpy()
    return columns
