"""Messages of the stream."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

Topic = Literal["ticks", "bars", "signals", "orders", "fills", "positions", "equity", "health", "log", "backtests"]


class StreamMessage(BaseModel):
    """A message of the stream."""

    seq: int = Field(description="its number; every later one is greater, over restarts too")
    topic: Topic
    type: str
    ts: datetime
    data: dict[str, Any]
