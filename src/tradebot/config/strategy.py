"""The section that says what decides."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from tradebot.config.values import Positive, Section


class Logic(Section):
    """An entry or exit mixin by name, and its parameters."""

    name: str = Field(min_length=1, description='the mixin, such as "RSIBBVolumeEntryMixin"')
    params: dict[str, Any] = Field(default_factory=dict, description="parameters of the mixin")


class StrategyChoice(Section):
    """A strategy by name, or ``custom``: an entry mixin joined with an exit mixin."""

    type: str = Field(default="custom", min_length=1, description='"custom", or the name of a strategy')
    entry_logic: Logic | None = Field(default=None, description="the entry of a custom strategy")
    exit_logic: Logic | None = Field(default=None, description="the exit of a custom strategy")
    params: dict[str, Any] = Field(
        default_factory=dict, description="parameters of the strategy; trade_quantity fixes the size"
    )
    position_size: Positive | None = Field(default=None, description="share of equity an entry takes: 0.1 is a tenth")
