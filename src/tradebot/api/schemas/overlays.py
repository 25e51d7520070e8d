"""What is drawn over a market's bars: a strategy's indicators, and price structures."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field


class Line(BaseModel):
    """An indicator, one value a bar."""

    name: str = Field(description="as the strategy calls it")
    pane: int = Field(description="0 is drawn on the prices; those of another number share a pane below")
    values: list[float | None] = Field(description="null while it warms up")


class Indicators(BaseModel):
    """What the bot's strategy computes of a market, on the bars it trades on."""

    symbol: str
    interval: str
    strategy: str
    time: list[datetime] = Field(description="when the bars open, the oldest first")
    lines: list[Line]


class Swing(BaseModel):
    """A swing high or low."""

    side: Literal["high", "low"]
    time: datetime = Field(description="of its bar")
    level: float
    known_at: datetime = Field(description="from when on it could be known")


class Break(BaseModel):
    """A swing's line that was passed: a break of structure, or a change of character."""

    kind: Literal["bos", "choch"]
    side: Literal["bullish", "bearish"]
    start: datetime
    end: datetime
    level: float


class Zone(BaseModel):
    """An order block or a gap."""

    side: Literal["bullish", "bearish"]
    start: datetime
    top: float
    bottom: float
    known_at: datetime
    mitigated_at: datetime | None = Field(description="when the price came back to it")


class Structures(BaseModel):
    """Price structures of the bars shown, each with the moment from which it could be known."""

    symbol: str
    interval: str
    swing_length: int
    swings: list[Swing]
    breaks: list[Break]
    order_blocks: list[Zone]
    gaps: list[Zone]
