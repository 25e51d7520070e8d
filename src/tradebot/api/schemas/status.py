"""Whether all is well."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

Health = Literal["ok", "degraded", "failed"]


class HealthState(BaseModel):
    """Whether the process answers."""

    status: Health
    version: str


class Part(BaseModel):
    """One part, and how it is."""

    name: str
    status: Health
    detail: str


class DetailedHealth(HealthState):
    """Every part, with the worst as the whole's."""

    started: datetime
    uptime_s: float
    parts: list[Part]
    listeners: int = Field(description="who hear the stream")
    backtests: int = Field(description="backtests that wait or run")


class Figures(BaseModel):
    """Figures of the process, as Prometheus reads them at /metrics."""

    figures: dict[str, float]
