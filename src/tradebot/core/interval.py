"""Bar intervals: parsing, calendar-aware boundaries and how one interval fits into another."""

from __future__ import annotations

import re
from typing import Final, Literal, overload

import msgspec
import numpy as np
from numpy.typing import NDArray

from tradebot.core.errors import ConfigError

Unit = Literal["s", "m", "h", "d", "w", "M"]

SECOND: Final = 1_000_000_000
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR
WEEK: Final = 7 * DAY
# A twelfth of the mean Gregorian year of 365.2425 days; only a nominal length, boundaries follow the calendar.
MONTH: Final = 2_629_746 * SECOND

_UNIT_NS: Final[dict[Unit, int]] = {"s": SECOND, "m": MINUTE, "h": HOUR, "d": DAY, "w": WEEK, "M": MONTH}
_CARRIES: Final[tuple[tuple[Unit, int, Unit], ...]] = (("s", 60, "m"), ("m", 60, "h"), ("h", 24, "d"))
_PATTERN: Final = re.compile(r"(\d+)\s*([smhdwMSHDW])")
# 1970-01-01 was a Thursday; the first Monday came four days later.
_FIRST_MONDAY: Final = 4 * DAY
_LONGEST: Final = 12 * MONTH


class Interval(msgspec.Struct, frozen=True):
    """Length of a bar, from ``1s`` to ``12M``.

    Seconds, minutes, hours and days are counted from 1970-01-01 UTC, weeks from Monday, months from
    the first of January. Equal lengths are one value: ``60m`` is ``1h`` and ``24h`` is ``1d``; ``7d`` is
    not ``1w``, for they begin on different days.

    Parameters
    ----------
    count : how many units; at least 1.
    unit : ``s``, ``m`` (minutes), ``h``, ``d``, ``w`` or ``M`` (months).

    Raises
    ------
    ConfigError : the count is not positive, the unit is unknown or the length exceeds twelve months.
    """

    count: int
    unit: Unit

    def __post_init__(self) -> None:
        if self.unit not in _UNIT_NS:
            raise _not_an_interval(f"{self.count}{self.unit}")
        if self.count < 1 or self.count * _UNIT_NS[self.unit] > _LONGEST:
            raise _not_an_interval(f"{self.count}{self.unit}")
        for unit, carry, larger in _CARRIES:
            if self.unit == unit and self.count % carry == 0:
                msgspec.structs.force_setattr(self, "count", self.count // carry)
                msgspec.structs.force_setattr(self, "unit", larger)

    @classmethod
    def parse(cls, text: str | Interval) -> Interval:
        """Read ``"15m"``, ``"4h"``, ``"1d"``, ``"1M"``; an interval is returned as it is.

        Capital ``H``, ``D``, ``W`` and ``S`` are read as their small forms; ``m`` is minutes and ``M`` months.

        Raises
        ------
        ConfigError : the text is not an interval.
        """
        if isinstance(text, Interval):
            return text
        match = _PATTERN.fullmatch(text.strip())
        if match is None:
            raise _not_an_interval(text)
        count, unit = match.groups()
        return cls(int(count), "M" if unit == "M" else unit.lower())  # type: ignore[arg-type]

    @classmethod
    def from_ns(cls, length: int) -> Interval:
        """Interval whose bars lie ``length`` nanoseconds apart; spans of 28 to 31 days are months.

        Raises
        ------
        ConfigError : the length is not a whole number of seconds, or is no interval.
        """
        months = round(length / MONTH)
        if months >= 1 and 28 * DAY * months <= length <= 31 * DAY * months:
            return cls(months, "M")
        if length > 0 and length % WEEK == 0:
            return cls(length // WEEK, "w")
        if length <= 0 or length % SECOND:
            raise _not_an_interval(f"{length / SECOND:g}s")
        return cls(length // SECOND, "s")

    def __str__(self) -> str:
        return f"{self.count}{self.unit}"

    @property
    def ns(self) -> int:
        """Length in nanoseconds; exact for every unit but the month, whose mean length it is."""
        return self.count * _UNIT_NS[self.unit]

    @property
    def is_fixed(self) -> bool:
        """Whether every bar has the same length (all but months)."""
        return self.unit != "M"

    @overload
    def floor(self, ts: int) -> int: ...
    @overload
    def floor(self, ts: NDArray[np.int64]) -> NDArray[np.int64]: ...
    def floor(self, ts: int | NDArray[np.int64]) -> int | NDArray[np.int64]:
        """Start of the interval that holds each time (int64 ns UTC, scalar or array of any shape)."""
        if self.is_fixed:
            anchor = _FIRST_MONDAY if self.unit == "w" else 0
            return ts - (ts - anchor) % self.ns
        months = _month_number(ts)
        return _month_start(months - months % self.count)

    @overload
    def next(self, ts: int) -> int: ...
    @overload
    def next(self, ts: NDArray[np.int64]) -> NDArray[np.int64]: ...
    def next(self, ts: int | NDArray[np.int64]) -> int | NDArray[np.int64]:
        """Start of the interval after the one that holds each time; always later than the time."""
        if self.is_fixed:
            return self.floor(ts) + self.ns
        months = _month_number(ts)
        return _month_start(months - months % self.count + self.count)

    @overload
    def close_of(self, open_ts: int) -> int: ...
    @overload
    def close_of(self, open_ts: NDArray[np.int64]) -> NDArray[np.int64]: ...
    def close_of(self, open_ts: int | NDArray[np.int64]) -> int | NDArray[np.int64]:
        """Time at which a bar opened at ``open_ts`` is known.

        A bar need not open on a boundary: an hourly bar of a stock may run from 09:30 to 10:30.
        """
        return open_ts + self.ns if self.is_fixed else self.next(open_ts)

    def fits_into(self, longer: Interval) -> bool:
        """Whether bars of this interval fill bars of ``longer`` with none across a boundary."""
        if not self.is_fixed:
            return longer.unit == "M" and longer.count % self.count == 0
        if not longer.is_fixed:
            return self.unit != "w" and DAY % self.ns == 0
        if longer.unit == "w" and self.unit != "w":
            return WEEK % self.ns == 0 and _FIRST_MONDAY % self.ns == 0
        return (self.unit != "w" or longer.unit == "w") and longer.ns % self.ns == 0


def _not_an_interval(text: str) -> ConfigError:
    return ConfigError(
        f'"{text}" is not an interval',
        place="interval",
        mend='Write a count and one of s, m, h, d, w, M (months), at most twelve months: "1m", "15m", "4h", "1d".',
    )


@overload
def _month_number(ts: int) -> int: ...
@overload
def _month_number(ts: NDArray[np.int64]) -> NDArray[np.int64]: ...
def _month_number(ts: int | NDArray[np.int64]) -> int | NDArray[np.int64]:
    """Whole months since 1970-01."""
    months = np.asarray(ts, dtype=np.int64).view("datetime64[ns]").astype("datetime64[M]").view(np.int64)
    return months if isinstance(ts, np.ndarray) else int(months)


@overload
def _month_start(months: int) -> int: ...
@overload
def _month_start(months: NDArray[np.int64]) -> NDArray[np.int64]: ...
def _month_start(months: int | NDArray[np.int64]) -> int | NDArray[np.int64]:
    starts = np.asarray(months, dtype=np.int64).view("datetime64[M]").astype("datetime64[ns]").view(np.int64)
    return starts if isinstance(months, np.ndarray) else int(starts)
