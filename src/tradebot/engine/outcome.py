"""What one run of the engine leaves behind, as plain arrays: the input of every statistic and report."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from tradebot.core.bar import BarArray

Columns = dict[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Costs:
    """Money paid over the run, each as a positive number in the account's currency (funding and borrow may be negative: received)."""

    fees: float
    slippage: float
    funding: float
    borrow: float


@dataclass(frozen=True, slots=True)
class Assumptions:
    """How fills were simulated; every report prints them."""

    fill: str
    path: str
    touch: bool
    participation: float | None
    slippage: str
    leverage: float
    fees: str
    form: str
    costless: bool
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """Raw result of a run.

    Attributes
    ----------
    times : gives the close time of every step of the run, int64 ns UTC.
    equity : account equity after each step, marked at the close, shape (n,).
    fills, orders, trades : column name -> array, the columns of ``SimExchange.fills/orders/trades``;
        codes are decoded through ``tags`` and the constants of ``tradebot_native``.
    ambiguous_bars : bars whose result depended on the unknown path inside the bar.
    end_positions : signed quantity still open at the end, by symbol.
    bars : the markets that were traded, in instrument order.
    """

    strategy: str
    version: str
    params: dict[str, Any]
    symbols: tuple[str, ...]
    initial_cash: float
    final_equity: float
    times: Callable[[], NDArray[np.int64]]
    equity: NDArray[np.float64]
    fills: Columns
    orders: Columns
    trades: Columns
    tags: tuple[str, ...]
    costs: Costs
    ambiguous_bars: int
    end_positions: dict[str, float]
    assumptions: Assumptions
    bars: tuple[BarArray, ...]
    rejections: dict[str, int] = field(default_factory=dict)
    halted: str = ""
    id: UUID = field(default_factory=uuid4)

    @property
    def ts(self) -> NDArray[np.int64]:
        """Close time of each step, int64 ns UTC, shape (n,), as ``equity``; worked out when asked for."""
        return self.times()[: len(self.equity)]
