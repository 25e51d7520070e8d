"""How far a day, a week, a year or a session has gone when a bar opens: 0 up to 1."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
from numpy.typing import NDArray

from tradebot.core.errors import IndicatorError
from tradebot.features.series import Columns, Series
from tradebot.indicators.operation import Floats, Outputs, Step

if TYPE_CHECKING:
    import polars as pl

    from tradebot.indicators import Node
    from tradebot.indicators.bars import BarLike

Times = NDArray[np.int64]

_SECOND = 1_000_000_000
_MINUTE = 60 * _SECOND
_HOUR = 60 * _MINUTE
_DAY = 24 * _HOUR


class _Timed:
    """An operation on the open times of bars; one function serves the batch and the streaming form."""

    name = "clock"
    outputs = 1

    def positions(self, ts: Times) -> Floats:
        """The place of each time, float64 of the same shape."""
        raise NotImplementedError

    def expression(self, ts: pl.Expr) -> pl.Expr:
        """The same as a Polars expression of times in UTC."""
        raise NotImplementedError

    def of(self, bars: Series) -> Series:
        """The place of each bar, as an expression or as a node."""
        return self.expression(bars.ts) if isinstance(bars, Columns) else bars.close.frame.node(self)

    @property
    def key(self) -> Hashable:
        return ("clock", self)

    def is_boolean(self, inputs: Sequence[Node]) -> bool:
        return False

    def warmup(self, inputs: Sequence[Node]) -> int:
        return 0

    def batch(self, node: Node) -> tuple[Floats, ...]:
        return (self.positions(node.frame.columns.ts),)

    def step(self) -> Step:
        def place(bar: BarLike) -> Outputs:
            return (float(self.positions(np.array([bar.ts]))[0]),)

        return place


@dataclass(frozen=True)
class Clock(_Timed):
    """A period of the calendar in UTC."""

    period: str
    _positions: Callable[[Times], Floats]
    _expression: Callable[[pl.Expr], pl.Expr]

    def positions(self, ts: Times) -> Floats:
        return self._positions(ts)

    def expression(self, ts: pl.Expr) -> pl.Expr:
        return self._expression(ts)


CLOCKS = {
    "day": Clock(
        "day",
        lambda ts: ts % _DAY / _DAY,
        lambda ts: ts.to_physical() % _DAY / _DAY,
    ),
    # The first of January 1970 was a Thursday.
    "week": Clock(
        "week",
        lambda ts: (ts // _DAY + 3) % 7 / 7,
        lambda ts: (ts.dt.weekday() - 1) / 7,
    ),
    "year": Clock(
        "year",
        lambda ts: ts.astype("datetime64[ns]").astype("datetime64[M]").astype(np.int64) % 12 / 12,
        lambda ts: (ts.dt.month() - 1) / 12,
    ),
}


@dataclass(frozen=True)
class Session(_Timed):
    """The hours of a market, from ``start`` to before ``end``, in minutes of the zone's day."""

    start: int
    end: int
    zone: str

    @classmethod
    def parse(cls, feature: str, start: str, end: str, zone: str) -> Self:
        """A session written as two HHMM and a name of the time zone database.

        Raises
        ------
        IndicatorError : one of them is none, or the end does not come after the start.
        """
        made = cls(_minutes(feature, "start", start), _minutes(feature, "end", end), zone)
        if made.end <= made.start:
            raise IndicatorError(f"{end} does not come after {start}", place=f"{feature}(end)")
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError):
            mend = "Give a name such as America/New_York."
            raise IndicatorError(f'no time zone is called "{zone}"', place=f"{feature}(zone)", mend=mend) from None
        return made

    def positions(self, ts: Times) -> Floats:
        # Zones change their offset on the hour (in UTC terms, at a quarter at the least).
        quarters, index = np.unique(ts // (15 * _MINUTE), return_inverse=True)
        offsets = np.array([_offset(self.zone, int(quarter)) for quarter in quarters], dtype=np.int64)
        return self._place((ts + offsets[index]) % _DAY)

    def expression(self, ts: pl.Expr) -> pl.Expr:
        import polars as pl

        local = ts.dt.replace_time_zone("UTC").dt.convert_time_zone(self.zone).dt.replace_time_zone(None)
        since = local.to_physical() % _DAY
        place = (since - self.start * _MINUTE) / ((self.end - self.start) * _MINUTE)
        return pl.when((place >= 0) & (place < 1)).then(place)

    def _place(self, since: Times) -> Floats:
        place = (since - self.start * _MINUTE) / ((self.end - self.start) * _MINUTE)
        return np.where((place >= 0) & (place < 1), place, np.nan)


@lru_cache(maxsize=100_000)
def _offset(zone: str, quarter: int) -> int:
    """Nanoseconds a zone is ahead of UTC in a quarter of an hour, counted from 1970."""
    offset = datetime.fromtimestamp(quarter * 900, UTC).astimezone(ZoneInfo(zone)).utcoffset()
    return 0 if offset is None else int(offset.total_seconds()) * _SECOND


def _minutes(feature: str, parameter: str, text: str) -> int:
    if len(text) != 4 or not text.isdigit() or int(text[:2]) > 24 or int(text[2:]) > 59 or int(text) > 2400:
        raise IndicatorError(f'"{text}" is no time of day', place=f"{feature}({parameter})", mend="Write it as 0930.")
    return int(text[:2]) * 60 + int(text[2:])
