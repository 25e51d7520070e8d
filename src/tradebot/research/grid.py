"""Backtests over a grid of two parameters: what a heat map is drawn from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from tradebot.core.errors import TradebotError
from tradebot.research.backtest import backtest

if TYPE_CHECKING:
    from tradebot.core.bar import BarArray
    from tradebot.core.protocols import Policy
    from tradebot.research.backtest import Progress
    from tradebot.strategies import Strategy

FIGURES: Final = ("total_return", "sharpe_ratio", "max_drawdown", "win_rate", "total_trades", "final_balance")


@dataclass(frozen=True, slots=True)
class Axis:
    """One parameter and the values it takes, in the order of the heat map."""

    name: str
    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """A pair of values that gave no result, and why: the strategy does not take them, or nothing could be traded."""

    x: Any
    y: Any
    fact: str


@dataclass(slots=True)
class Grid:
    """What came of every pair of values.

    Attributes
    ----------
    figures : by name (as in ``BacktestResult.to_dict``), one row for each value of ``y`` with one number for each of
        ``x``; ``None`` where there is none.
    refused : pairs that gave no result.
    """

    x: Axis
    y: Axis
    figures: dict[str, list[list[float | None]]] = field(
        default_factory=lambda: {name: list[list[float | None]]() for name in FIGURES}
    )
    refused: list[Refused] = field(default_factory=list[Refused])


def grid(
    make: Callable[..., Strategy | Policy],
    bars: BarArray,
    x: Axis,
    y: Axis,
    *,
    params: Mapping[str, Any],
    cash: float = 10_000.0,
    tf_roles: Mapping[str, str] | None = None,
    progress: Progress | None = None,
) -> Grid:
    """Backtest a strategy for every pair of values of two of its parameters.

    Parameters
    ----------
    make : makes the strategy from its parameters, as a registry's entry does.
    bars : the market; it is the same for all.
    x, y : the two parameters.
    params : the others.
    cash, tf_roles : as for :func:`~tradebot.research.backtest.backtest`.
    progress : called after each pair with the pairs done and the pairs in all.
    """
    made = Grid(x, y)
    done, total = 0, len(x.values) * len(y.values)
    for of_y in y.values:
        rows: dict[str, list[float | None]] = {name: [] for name in FIGURES}
        for of_x in x.values:
            found: Mapping[str, Any] = {}
            try:
                decider = make(**{**params, x.name: of_x, y.name: of_y})
                found = backtest(decider, bars, cash=cash, tf_roles=tf_roles).to_dict()
            except TradebotError as error:
                made.refused.append(Refused(of_x, of_y, str(error)))
            for name, row in rows.items():
                row.append(found.get(name))
            done += 1
            if progress is not None:
                progress(done, total)
        for name, row in rows.items():
            made.figures[name].append(row)
    return made
