"""What one run of the engine leaves behind, as plain arrays: the input of every statistic and report."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import numpy as np
import tradebot_native as native
from numpy.typing import NDArray

if TYPE_CHECKING:
    from tradebot.core.bar import BarArray

Columns = dict[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Costs:
    """Money paid over the run, in the account's currency; funding that was received is negative."""

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
    magnified: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Records:
    """Where a run's rows come from; each is asked once, when somebody first looks.

    Attributes
    ----------
    times : close time of every step of the run, int64 ns UTC.
    fills, orders, trades : column name -> array, the columns of ``SimExchange``.
    tags : texts of the tag codes.
    """

    times: Callable[[], NDArray[np.int64]]
    fills: Callable[[], Columns]
    orders: Callable[[], Columns]
    trades: Callable[[], Columns]
    tags: Callable[[], Sequence[str]]


@dataclass(frozen=True)
class RunOutcome:
    """Raw result of a run.

    Attributes
    ----------
    equity : account equity after each step, marked at the close, shape (n,).
    records : the run's rows, behind ``ts``, ``fills``, ``orders``, ``trades`` and ``tags``.
    ambiguous_bars : bars whose result depended on the unknown path inside the bar.
    end_positions : signed quantity still open at the end, by symbol.
    bars : the markets that were traded, in instrument order.
    halted : limit that ended entries for good; empty when none did.
    """

    strategy: str
    version: str
    params: dict[str, Any]
    symbols: tuple[str, ...]
    initial_cash: float
    final_equity: float
    equity: NDArray[np.float64]
    records: Records
    costs: Costs
    ambiguous_bars: int
    end_positions: dict[str, float]
    assumptions: Assumptions
    bars: tuple[BarArray, ...]
    halted: str = ""
    id: UUID = field(default_factory=uuid4)

    @cached_property
    def ts(self) -> NDArray[np.int64]:
        """Close time of each step, int64 ns UTC, shape (n,), as ``equity``."""
        return self.records.times()[: len(self.equity)]

    @cached_property
    def fills(self) -> Columns:
        """Every execution."""
        return self.records.fills()

    @cached_property
    def orders(self) -> Columns:
        """Every order; codes are decoded through ``tags`` and the constants of ``tradebot_native``."""
        return self.records.orders()

    @cached_property
    def trades(self) -> Columns:
        """Closed trades, one for each pair of entry order and exit order."""
        return self.records.trades()

    @cached_property
    def tags(self) -> tuple[str, ...]:
        """Texts of the tag codes."""
        return tuple(self.records.tags())

    @cached_property
    def rejections(self) -> dict[str, int]:
        """Orders that risk or the venue refused, counted by reason."""
        refused = [native.ORDER_STATES.index(state) for state in ("denied", "rejected")]
        reasons = self.orders["reason"][np.isin(self.orders["state"], refused)]
        codes, counts = np.unique(reasons, return_counts=True)
        return {native.REASONS[code]: int(count) for code, count in zip(codes, counts, strict=True)}
