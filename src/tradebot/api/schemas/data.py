"""What the store keeps."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import BaseModel, ConfigDict, Field

from tradebot.api.schemas.values import IntervalText, SymbolText


class Gap(BaseModel):
    """Bars that are not there."""

    start: datetime
    end: datetime
    missing: int
    is_markets_own: bool = Field(description="a provider was asked for this time and had nothing")


class Series(BaseModel):
    """A kept series."""

    venue: str
    symbol: str
    kind: str = Field(description="`bars`, `funding`, `factors`, `trades` or `quotes`")
    interval: str
    rows: int
    first: datetime | None
    last: datetime | None
    size_bytes: int


class SeriesDetail(Series):
    """A kept series with its gaps."""

    gaps: list[Gap] = Field(description="the first thousand")
    missing: int = Field(description="bars in all the gaps")
    faults: list[str]
    months: dict[str, int] = Field(description="rows by month")


class CoveredDay(BaseModel):
    """A day (UTC) with bars, or without bars that it should have."""

    day: date
    bars: int
    missing: int = Field(description="bars of the market's hours that are not there")


class CoverageCalendar(BaseModel):
    """A series of bars day by day; days on which the market was closed are left out."""

    symbol: str
    venue: str
    interval: str
    days: list[CoveredDay]


class Coverage(BaseModel):
    """Everything the store keeps."""

    series: list[Series]


class ImportRequest(BaseModel):
    """A file of bars that was sent as text."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}\.(csv|json|jsonl|ndjson)$", description="file name")
    content: str = Field(min_length=1, max_length=900_000)
    symbol: SymbolText | None = None
    venue: str | None = Field(default=None, pattern=r"^[a-z0-9_]{1,32}$")
    interval: IntervalText | None = None
    replace: bool = Field(default=False, description="whether stored rows with other values give way")


class ImportedRows(BaseModel):
    """What became of one kind of rows."""

    kind: str
    series: str
    rows: int
    first: datetime
    last: datetime
    faults: list[str]


class ImportAnswer(BaseModel):
    """What became of a file."""

    file: str
    imported: list[ImportedRows]
