"""Market data values: one bar, tick or quote (native), and bars by the column."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any, Final, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray
from tradebot_native import Bar, Quote, Tick

from tradebot.core.bar_checks import check_columns, check_overlap
from tradebot.core.errors import DataError
from tradebot.core.instrument import Instrument
from tradebot.core.interval import Interval

__all__ = ["Bar", "BarArray", "Quote", "Tick"]

_PRICES: Final = ("open", "high", "low", "close", "volume")
_COLUMNS: Final = ("ts", *_PRICES, "trades", "vwap")


@dataclass(frozen=True, slots=True, eq=False)
class BarArray:
    """Bars of one market by the column, validated once and read-only from then on.

    Parameters
    ----------
    instrument : the market.
    interval : length of a bar, as :class:`Interval` or text (``"1m"``).
    ts : open times, int64 ns UTC, strictly rising, shape (n,). Gaps are allowed.
    open, high, low, close : prices above zero with ``low <= open, close <= high``, float64, shape (n,).
    volume : traded quantity, zero or more, float64, shape (n,).
    trades : number of trades, int64, shape (n,); ``None`` where it is unknown.
    vwap : volume-weighted average price, float64, shape (n,); NaN, or ``None`` for all, where it is unknown.

    Raises
    ------
    DataError : a column has the wrong length or a row breaks a rule above; the message counts rows from 1.

    Notes
    -----
    Columns that already are contiguous arrays of the right type are not copied, and a slice (``bars[100:200]``)
    shares memory with its parent. A bar is known at its close, ``close_ts``.
    """

    instrument: Instrument
    interval: Interval
    ts: NDArray[np.int64]
    open: NDArray[np.float64]
    high: NDArray[np.float64]
    low: NDArray[np.float64]
    close: NDArray[np.float64]
    volume: NDArray[np.float64]
    trades: NDArray[np.int64] | None = None
    vwap: NDArray[np.float64] | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "interval", Interval.parse(self.interval))
        object.__setattr__(self, "ts", _column("ts", self.ts, np.int64))
        for name in _PRICES:
            object.__setattr__(self, name, _column(name, getattr(self, name), np.float64))
        if self.trades is not None:
            object.__setattr__(self, "trades", _column("trades", self.trades, np.int64))
        if self.vwap is not None:
            object.__setattr__(self, "vwap", _column("vwap", self.vwap, np.float64))
        place = f"bars of {self.instrument.symbol} {self.interval}"
        check_columns(self.columns(), place=place)
        check_overlap(self.ts, self.interval, place=place)

    @classmethod
    def trusted(cls, instrument: Instrument, interval: Interval, columns: dict[str, NDArray[Any]]) -> BarArray:
        """Bars whose columns were validated before, as those of a store were; they are not checked again."""
        made = object.__new__(cls)
        values = dict.fromkeys((field.name for field in fields(BarArray)), None)
        for name, value in {**values, "instrument": instrument, "interval": interval, **columns}.items():
            if isinstance(value, np.ndarray):
                value.flags.writeable = False
            object.__setattr__(made, name, value)
        return made

    def __len__(self) -> int:
        return len(self.ts)

    @overload
    def __getitem__(self, rows: int) -> Bar: ...
    @overload
    def __getitem__(self, rows: slice) -> BarArray: ...
    def __getitem__(self, rows: int | slice) -> Bar | BarArray:
        if not isinstance(rows, slice):
            return self.bar(rows)
        step = rows.indices(len(self))[2]
        if step != 1:
            raise DataError(
                f"a slice of bars with step {step} is no run of bars",
                place=f"bars of {self.instrument.symbol} {self.interval}",
                mend="Slice with step 1, or use resample(interval).",
            )
        return self._with(self.interval, {name: column[rows] for name, column in self.columns().items()})

    def __iter__(self) -> Iterator[Bar]:
        return map(self.bar, range(len(self)))

    def __repr__(self) -> str:
        return f"BarArray({self.instrument.symbol} {self.interval}, {len(self):,} bars)"

    @property
    def symbol(self) -> str:
        """Symbol of the instrument."""
        return self.instrument.symbol

    @property
    def close_ts(self) -> NDArray[np.int64]:
        """Times at which the bars are known, int64 ns UTC, shape (n,)."""
        return self.interval.close_of(self.ts)

    @property
    def gaps(self) -> int:
        """Number of places where at least one bar is missing between two neighbours."""
        return int(np.count_nonzero(self.ts[1:] > self.close_ts[:-1]))

    def columns(self) -> dict[str, NDArray[Any]]:
        """Columns that are present, by name: ``ts``, prices, ``volume``, and ``trades`` and ``vwap`` if known."""
        return {name: column for name in _COLUMNS if (column := getattr(self, name)) is not None}

    def bar(self, row: int) -> Bar:
        """One bar; negative rows count from the end.

        Raises
        ------
        IndexError : there is no such row.
        """
        return Bar(
            int(self.ts[row]),
            float(self.open[row]),
            float(self.high[row]),
            float(self.low[row]),
            float(self.close[row]),
            volume=float(self.volume[row]),
            trades=0 if self.trades is None else int(self.trades[row]),
            vwap=float("nan") if self.vwap is None else float(self.vwap[row]),
        )

    def between(self, start: int | None = None, end: int | None = None) -> BarArray:
        """Bars that open in ``start <= ts < end`` (int64 ns UTC; ``None`` leaves the side open)."""
        first = 0 if start is None else int(np.searchsorted(self.ts, start))
        last = len(self) if end is None else int(np.searchsorted(self.ts, end))
        return self[first:last]

    def resample(self, interval: Interval | str, *, keep_incomplete: bool = False) -> BarArray:
        """The same market in longer bars.

        A longer bar opens on its boundary (:meth:`Interval.floor`) and holds the bars that open inside it.
        The last one is left out unless the data reach its close, since it would still change.

        Parameters
        ----------
        interval : the longer interval; this one must fill it without crossing its boundaries.
        keep_incomplete : keep the last bar even if the data end before its close.

        Raises
        ------
        DataError : the intervals do not fit.
        """
        longer = Interval.parse(interval)
        if not self.interval.fits_into(longer):
            raise DataError(
                f"{self.interval} bars do not fill {longer} bars",
                place=f"bars of {self.instrument.symbol} {self.interval}",
                mend="Resample to a multiple of the interval, or load finer bars.",
            )
        if not len(self):
            return self._with(longer, self.columns())
        buckets = longer.floor(self.ts)
        starts = np.flatnonzero(np.concatenate(([True], buckets[1:] != buckets[:-1])))
        merged = merge_columns(self.columns(), starts)
        merged["ts"] = buckets[starts]
        complete = int(self.interval.close_of(int(self.ts[-1]))) >= longer.next(int(buckets[-1]))
        rows = slice(None) if complete or keep_incomplete else slice(-1)
        return self._with(longer, {name: column[rows] for name, column in merged.items()})

    def _with(self, interval: Interval, columns: dict[str, NDArray[Any]]) -> BarArray:
        return self.trusted(self.instrument, interval, columns)


def _column(name: str, values: ArrayLike, kind: type[np.int64 | np.float64]) -> NDArray[Any]:
    """A contiguous read-only view (or copy, if the values are not such an array yet)."""
    try:
        given = np.asarray(values)
        # "same_kind" refuses to cut floats to integers; an empty list has no kind of its own.
        column = np.ascontiguousarray(given.astype(kind, casting="same_kind" if given.size else "unsafe", copy=False))
    except (TypeError, ValueError, OverflowError):
        mend = f"Give an array of {kind.__name__}."
        raise DataError("holds values of another type", place=f"column {name}", mend=mend) from None
    if column.ndim != 1:
        raise DataError(f"has shape {column.shape}", place=f"column {name}", mend="Give one dimension.")
    column = column.view()
    column.flags.writeable = False
    return column


def merge_columns(columns: dict[str, NDArray[Any]], starts: NDArray[np.intp]) -> dict[str, NDArray[Any]]:
    """Columns of the merged bars less ``ts``, where each bar takes the rows from its start to the next one's."""
    last = np.concatenate((starts[1:], [len(columns["ts"])])) - 1
    volume = np.add.reduceat(columns["volume"], starts)
    merged = {
        "open": columns["open"][starts],
        "high": np.maximum.reduceat(columns["high"], starts),
        "low": np.minimum.reduceat(columns["low"], starts),
        "close": columns["close"][last],
        "volume": volume,
    }
    if "trades" in columns:
        merged["trades"] = np.add.reduceat(columns["trades"], starts)
    if "vwap" in columns:
        # A bar without volume has no VWAP and adds nothing to the longer one's.
        turnover = np.where(columns["volume"] > 0, columns["vwap"] * columns["volume"], 0.0)
        total = np.add.reduceat(turnover, starts)
        merged["vwap"] = np.divide(total, volume, out=np.full(len(volume), np.nan), where=volume > 0)
    return merged
