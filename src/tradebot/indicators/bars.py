"""Bars as the indicators need them: plain columns, and how they gather into a higher timeframe."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import tradebot_native as native
from numpy.typing import NDArray

from tradebot.core.errors import IndicatorError
from tradebot.core.interval import Interval
from tradebot.indicators.operation import Floats

NAMES = ("open", "high", "low", "close", "volume", "trades", "vwap")
_OPTIONAL = frozenset({"trades", "vwap"})


class BarLike(Protocol):
    """One closed bar; ``ts`` is the open time, int64 ns UTC."""

    @property
    def ts(self) -> int: ...
    @property
    def open(self) -> float: ...
    @property
    def high(self) -> float: ...
    @property
    def low(self) -> float: ...
    @property
    def close(self) -> float: ...
    @property
    def volume(self) -> float: ...
    @property
    def trades(self) -> float | None: ...
    @property
    def vwap(self) -> float | None: ...


class BarsLike(Protocol):
    """Columns of bars, as ``core.bar.BarArray`` has them."""

    @property
    def interval(self) -> Interval: ...
    @property
    def ts(self) -> NDArray[np.int64]: ...
    @property
    def open(self) -> Floats: ...
    @property
    def high(self) -> Floats: ...
    @property
    def low(self) -> Floats: ...
    @property
    def close(self) -> Floats: ...
    @property
    def volume(self) -> Floats: ...
    @property
    def trades(self) -> NDArray[Any] | None: ...
    @property
    def vwap(self) -> Floats | None: ...


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """Bars as arrays of one length; ``trades`` and ``vwap`` may be absent.

    Attributes
    ----------
    ts : open times, int64 ns UTC, rising.
    """

    interval: Interval
    ts: NDArray[np.int64]
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats
    trades: Floats | None = None
    vwap: Floats | None = None

    @classmethod
    def of(cls, bars: BarsLike) -> Columns:
        """The columns of a bar array; nothing is copied that is contiguous float64 already."""
        columns = {name: getattr(bars, name) for name in NAMES}
        return cls.from_arrays(bars.interval, bars.ts, **columns)

    @classmethod
    def from_arrays(
        cls,
        interval: Interval | str,
        ts: NDArray[np.int64],
        open: NDArray[Any],
        high: NDArray[Any],
        low: NDArray[Any],
        close: NDArray[Any],
        volume: NDArray[Any] | None = None,
        trades: NDArray[Any] | None = None,
        vwap: NDArray[Any] | None = None,
    ) -> Columns:
        """Columns from plain arrays; without a volume it is zero.

        Raises
        ------
        IndicatorError : the arrays differ in length.
        """
        interval = Interval.parse(interval)
        ts = np.ascontiguousarray(ts, dtype=np.int64)
        volume = np.zeros(len(ts)) if volume is None else volume
        given = dict(zip(NAMES, (open, high, low, close, volume, trades, vwap), strict=True))
        columns = {name: None if column is None else _floats(column) for name, column in given.items()}
        for name, column in columns.items():
            if column is not None and column.shape != ts.shape:
                raise IndicatorError(f"{column.size} values for {ts.size} bars", place=f"bars.{name}")
        return cls(interval, ts, **columns)  # type: ignore[arg-type]

    @property
    def close_ts(self) -> NDArray[np.int64]:
        """Times at which the bars are known."""
        return self.interval.close_of(self.ts)

    def __len__(self) -> int:
        return len(self.ts)

    def column(self, name: str) -> Floats:
        """A column by name.

        Raises
        ------
        IndicatorError : the data does not have it.
        """
        column: Floats | None = getattr(self, name)
        if column is None:
            raise IndicatorError(
                "the data has no such column", place=f"bars.{name}", mend="Take data that carries it, or do without."
            )
        return column

    def resample(self, interval: Interval) -> Columns:
        """Bars of a longer interval, those only whose time is over at the last bar.

        A bar is made of what lies in ``[start, next start)`` and is known at the next start, whether or not every
        shorter bar was there.
        """
        starts = interval.floor(self.ts)
        first = np.flatnonzero(np.diff(starts, prepend=starts[:1] - 1)).astype(np.int64)
        ts = starts[first]
        whole = int(np.searchsorted(interval.next(ts), self.interval.close_of(self.ts[-1:]), side="right").sum())
        # Sums run in time order, as the streaming form adds them, not in NumPy's pairwise order.
        sums = {
            name: native.segment_sums(getattr(self, name), first) for name in ("volume", "trades") if self._has(name)
        }
        vwap = native.segment_sums(self.column("vwap") * self.volume, first) if self._has("vwap") else None
        last = np.append(first[1:], len(self)) - 1
        with np.errstate(invalid="ignore"):
            return Columns(
                interval,
                ts[:whole],
                self.open[first][:whole],
                _reduce(np.maximum, self.high, first)[:whole],
                _reduce(np.minimum, self.low, first)[:whole],
                self.close[last][:whole],
                sums["volume"][:whole],
                sums["trades"][:whole] if "trades" in sums else None,
                None if vwap is None else (vwap / sums["volume"])[:whole],
            )

    def _has(self, name: str) -> bool:
        return getattr(self, name) is not None


def _floats(values: NDArray[Any]) -> Floats:
    return np.ascontiguousarray(values, dtype=np.float64)


def _reduce(pick: np.ufunc, values: Floats, starts: NDArray[np.int64]) -> Floats:
    return pick.reduceat(values, starts) if len(starts) else np.empty(0)


@dataclass(slots=True)
class HigherBar:
    """A bar of a higher timeframe while it gathers, and once it is whole."""

    ts: int
    close_ts: int
    open: float
    high: float
    low: float
    close: float
    volume: float = 0.0
    trades: float | None = 0.0
    turnover: float = 0.0

    @property
    def vwap(self) -> float:
        return self.turnover / self.volume if self.volume else np.nan

    def add(self, bar: BarLike) -> None:
        """Take in the next shorter bar."""
        self.high = float(np.maximum(self.high, bar.high))
        self.low = float(np.minimum(self.low, bar.low))
        self.close = bar.close
        self.volume += bar.volume
        self.trades = None if self.trades is None or bar.trades is None else self.trades + bar.trades
        self.turnover += np.nan if bar.vwap is None else bar.vwap * bar.volume


class Gatherer:
    """Streaming form of ``Columns.resample``: shorter bars in, whole longer bars out."""

    def __init__(self, shorter: Interval, longer: Interval) -> None:
        self._shorter = shorter
        self._longer = longer
        self._growing: HigherBar | None = None

    def update(self, bar: BarLike) -> list[HigherBar]:
        """Take a closed bar; returns the longer bars that are whole with it, at most two (after a gap)."""
        whole: list[HigherBar] = []
        start = self._longer.floor(bar.ts)
        if self._growing is not None and self._growing.ts != start:
            whole.append(self._growing)
            self._growing = None
        if self._growing is None:
            close_ts = self._longer.next(start)
            self._growing = HigherBar(start, close_ts, bar.open, bar.high, bar.low, bar.close)
        self._growing.add(bar)
        if self._shorter.close_of(bar.ts) >= self._growing.close_ts:
            whole.append(self._growing)
            self._growing = None
        return whole
