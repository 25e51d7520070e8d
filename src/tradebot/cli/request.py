"""What a person asked `tradebot backtest` for, as it was typed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tradebot.store.files import Violations


@dataclass(frozen=True, slots=True, kw_only=True)
class BacktestRequest:
    """The options of the command, one field each, by the names the command gives them."""

    strategy: str
    params: tuple[str, ...]
    form: str
    data: tuple[str, ...]
    symbols: tuple[str, ...]
    interval: str | None
    venue: str | None
    start: str | None
    end: str | None
    violations: Violations
    adjusted: bool
    funding: tuple[str, ...]
    seed: int | None
    bars: int | None
    cash: float
    sizer: str
    limits: tuple[str, ...]
    protections: tuple[str, ...]
    leverage: float
    fees: str | None
    slippage: str
    fill: str
    path: str
    magnify: tuple[str, ...]
    touch: bool
    participation: str | None
    report: Path | None
    trades: Path | None
    as_json: bool
