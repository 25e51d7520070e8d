"""Markets and their bars."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, Field


class SymbolInfo(BaseModel):
    """A market there are bars of."""

    symbol: str
    venue: str
    intervals: list[str] = Field(description="lengths of the bars that are kept; longer ones are made of them")
    is_traded: bool = Field(description="whether the bot trades it")
    first: datetime | None = None
    last: datetime | None = None


class Symbols(BaseModel):
    """Every market there are bars of."""

    symbols: list[SymbolInfo]


class BarOut(BaseModel):
    """A bar; it is known at its close."""

    time: datetime = Field(description="when it opens")
    open: float
    high: float
    low: float
    close: float
    volume: float


class History(BaseModel):
    """Bars of a market, the oldest first."""

    symbol: str
    interval: str
    source: str = Field(description="`bot` for what the bot has seen, `store` for what is kept")
    count: int
    bars: list[BarOut]


class Ohlcv(BaseModel):
    """Bars of a market as rows, the oldest first: milliseconds, open, high, low, close, volume."""

    symbol: str
    interval: str
    ohlcv: list[tuple[int, float, float, float, float, float]]


class MarketStats(BaseModel):
    """A market over its last 24 hours of bars."""

    symbol: str
    interval: str
    time: datetime = Field(description="close of the newest bar")
    last: float
    change: float = Field(description="change of the price, in quote currency")
    change_pct: float = Field(description="the same in percent")
    high: float
    low: float
    volume: float
    bars: int
