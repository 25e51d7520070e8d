"""Values that many answers share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Final, Generic, TypeVar

from fastapi import Path, Query
from pydantic import AfterValidator, BaseModel, Field

from tradebot.core.errors import TradebotError
from tradebot.core.instant import to_datetime, to_ns
from tradebot.core.interval import Interval

Item = TypeVar("Item")
Row = TypeVar("Row")
LARGEST: Final = 2**63 - 1
"""The largest number a cursor may have."""
# Where int64 nanoseconds end.
_END: Final = 2**63 - 2**57


def _instant(text: str) -> str:
    try:
        ts = to_ns(text)
    except (TradebotError, OverflowError) as error:
        raise ValueError(str(error)) from None
    if not 0 <= ts < _END:
        raise ValueError("it lies outside 1970..2261")
    return text


def _interval(text: str) -> str:
    try:
        return str(Interval.parse(text))
    except TradebotError as error:
        raise ValueError(str(error)) from None


Instant = Annotated[
    str, Field(min_length=4, max_length=40, description="ISO 8601, in UTC unless it says"), AfterValidator(_instant)
]
"""A moment as people write it."""

IntervalText = Annotated[
    str, Field(min_length=2, max_length=8, description="length of a bar: 1m, 4h, 1d"), AfterValidator(_interval)
]
"""Length of a bar."""

SymbolText = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$", description="the market: BTCUSDT")]
Symbol = Annotated[str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$", description="the market: BTCUSDT")]
Limit = Annotated[int, Query(ge=1, le=1_000, description="most items of a page")]
Offset = Annotated[int, Query(ge=0, le=10_000_000, description="rows that are passed over")]
Cursor = Annotated[
    str | None,
    Query(
        pattern=r"^[0-9]{1,19}(\.[0-9]{1,19})?$", description="`next` of the page before; the newest items where absent"
    ),
]
"""Where a page begins, as the one before it told."""


Number = Annotated[float, AfterValidator(lambda value: value + 0.0)]
"""A figure; a zero bears no sign."""


class Page(BaseModel, Generic[Item]):
    """Some of many, the newest first; what comes in while one turns the pages shifts none of them."""

    items: list[Item]
    limit: int
    next: str | None = Field(description="`cursor` of the page after this one; null where this is the last")


def page(
    found: Sequence[Row], limit: int, *, shown: Callable[[Row], Item], mark: Callable[[Row], object]
) -> Page[Item]:
    """The first ``limit`` of the rows found, of which there is one more where there is a next page.

    Parameters
    ----------
    shown : makes an item of a row.
    mark : tells the place of a row, from which :data:`Cursor` goes on.
    """
    rows = found[:limit]
    following = str(mark(rows[-1])) if len(found) > limit else None
    return Page[Item](items=[shown(row) for row in rows], limit=limit, next=following)


def place_of(cursor: str | None) -> tuple[int, int] | None:
    """The two numbers of a cursor, the second 0 where it has one alone; ``None`` for the beginning."""
    if cursor is None:
        return None
    first, _, second = cursor.partition(".")
    return min(int(first), LARGEST), min(int(second or 0), LARGEST)


def number_of(cursor: str | None) -> int | None:
    """The number of a cursor; ``None`` for the beginning."""
    place = place_of(cursor)
    return None if place is None else place[0]


def moment(ts: int | None) -> datetime | None:
    """Int64 nanoseconds UTC as a time; ``None`` and 0 as none."""
    return to_datetime(ts) if ts else None
