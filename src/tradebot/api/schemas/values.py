"""Values that many answers share."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final, Generic, TypeVar

from fastapi import Path, Query
from pydantic import AfterValidator, BaseModel, Field

from tradebot.core.errors import TradebotError
from tradebot.core.instant import to_datetime, to_ns
from tradebot.core.interval import Interval

Item = TypeVar("Item")
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
Offset = Annotated[int, Query(ge=0, le=100_000, description="items that are passed over")]


class Page(BaseModel, Generic[Item]):
    """Some of many, the newest first."""

    items: list[Item]
    limit: int
    offset: int
    has_more: bool = Field(description="whether there are more after these")


def page(found: list[Item], limit: int, offset: int) -> Page[Item]:
    """The page that begins at ``offset``, of rows up to one beyond its end."""
    return Page[Item](
        items=found[offset : offset + limit], limit=limit, offset=offset, has_more=len(found) > offset + limit
    )


def moment(ts: int | None) -> datetime | None:
    """Int64 nanoseconds UTC as a time; ``None`` and 0 as none."""
    return to_datetime(ts) if ts else None
