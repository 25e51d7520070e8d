"""Instants: int64 nanoseconds UTC inside, ISO 8601 and ``datetime`` at the edges."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from tradebot.core.errors import DataError

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = 1_000


def to_ns(instant: datetime | date | str | int) -> int:
    """Nanoseconds since 1970-01-01 UTC.

    Parameters
    ----------
    instant : a ``datetime`` (without a zone: UTC), a ``date`` (its midnight UTC), ISO 8601 text of either,
        or nanoseconds, returned as they are.

    Raises
    ------
    DataError : the text is not ISO 8601.
    """
    if isinstance(instant, int):
        return instant
    if isinstance(instant, str):
        try:
            instant = datetime.fromisoformat(instant)
        except ValueError:
            raise DataError(
                f'"{instant}" is not a date or time',
                mend='Write it as "2025-05-04" or "2025-05-04T15:30:00" (UTC unless an offset is given).',
            ) from None
    if not isinstance(instant, datetime):
        instant = datetime(instant.year, instant.month, instant.day, tzinfo=UTC)
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=UTC)
    return (instant - _EPOCH) // timedelta(microseconds=1) * _MICROSECOND


def to_datetime(ts: int) -> datetime:
    """``datetime`` in UTC of an int64 ns instant, cut to the microsecond."""
    return _EPOCH + timedelta(microseconds=ts // _MICROSECOND)


def iso(ts: int) -> str:
    """ISO 8601 text of an int64 ns instant: ``2025-05-04T15:33:00Z``."""
    return to_datetime(ts).isoformat().replace("+00:00", "Z")
