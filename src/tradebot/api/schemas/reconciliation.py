"""Our books beside the broker's."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field


class ComparedThing(BaseModel):
    """A position, an order or a balance, as we and as the broker have it."""

    kind: Literal["position", "order", "balance"]
    name: str = Field(description="the market, the order's client id, or the currency")
    ours: float | str | None = Field(description="units, the order's state, or money; absent where we have none")
    brokers: float | str | None
    differs: bool


class Reconciliation(BaseModel):
    """The books as they stood once the broker's last answer had been booked, beside that answer."""

    account: str
    time: datetime | None = Field(description="the broker's time of its answer; absent where it has given none")
    is_simulated: bool
    compared: list[ComparedThing]
    differences: int
    quarantined: list[str] = Field(description="markets that take no entries until the bot is released")
    halted: str = Field(description="why the bot is halted")
