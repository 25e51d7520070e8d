"""Runs side by side: their figures, and what was asked of one and not of the other."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

import msgspec
import numpy as np

from tradebot.research.formatting import UNDEFINED, write_number, write_time
from tradebot.research.runs.differences import flat, in_words
from tradebot.research.runs.record import RunRecord
from tradebot.research.runs.store import RunStore
from tradebot.research.statistics.definitions import FIGURES, TRADE_FIGURES, Figure
from tradebot.research.statistics.sampling import FloatArray, IntArray

_FIGURES: Final = (
    "final_equity", "net_profit", "total_return", "cagr", "buy_and_hold_return", "max_drawdown", "max_drawdown_days",
    "volatility", "sharpe", "sortino", "calmar", "expected_shortfall", "exposure", "max_leverage", "turnover",
    "total_costs",
)  # fmt: skip
_TRADE_FIGURES: Final = (
    "count", "win_rate", "profit_factor", "expectancy", "average_return", "payoff_ratio", "best", "worst",
    "average_hours_held",
)  # fmt: skip


class Row(msgspec.Struct, frozen=True):
    """One figure or setting of every run, in words, in the order of the runs; ``values`` are the bare figures."""

    label: str
    cells: tuple[str, ...]
    values: tuple[Any, ...] = ()

    @property
    def differs(self) -> bool:
        """Whether not all runs have the same."""
        return len(set(self.cells)) > 1


class Curve(msgspec.Struct, frozen=True):
    """Equity of one run over its initial cash, at most a few hundred points; times in int64 ns UTC."""

    ts: IntArray
    growth: FloatArray


class Comparison(msgspec.Struct, frozen=True):
    """Two or more runs beside one another.

    Attributes
    ----------
    figures : the main statistics.
    settings : what was asked, traded and run with, where the runs differ.
    curves : equity of each run.
    """

    runs: tuple[RunRecord, ...]
    figures: tuple[Row, ...]
    settings: tuple[Row, ...]
    curves: tuple[Curve, ...]


def compare(store: RunStore, records: Sequence[RunRecord], *, points: int = 400) -> Comparison:
    """Put kept runs side by side.

    Parameters
    ----------
    points : most points of an equity curve.

    Raises
    ------
    DataError : the equity of a run is gone or damaged.
    """
    settings = [_settings(record) for record in records]
    names = dict.fromkeys(name for each in settings for name in each)
    rows = (Row(name, tuple(each.get(name, UNDEFINED) for each in settings)) for name in names)
    return Comparison(
        runs=tuple(records),
        figures=figure_rows(records),
        settings=tuple(row for row in rows if row.differs),
        curves=tuple(_curve(store, record, points) for record in records),
    )


def figure_rows(records: Sequence[RunRecord]) -> tuple[Row, ...]:
    """The main statistics of runs, one row a figure."""
    chosen = [(figure, figure.name) for figure in _chosen(FIGURES, _FIGURES)]
    chosen += [(figure, f"trades.{figure.name}") for figure in _chosen(TRADE_FIGURES, _TRADE_FIGURES)]
    statistics = [flat(record.result["statistics"]) for record in records]
    return tuple(_figure_row(figure, [each.get(path) for each in statistics]) for figure, path in chosen)


def _chosen(figures: Sequence[Figure], names: Sequence[str]) -> list[Figure]:
    by_name = {figure.name: figure for figure in figures}
    return [by_name[name] for name in names]


def _figure_row(figure: Figure, values: Sequence[float | None]) -> Row:
    cells = [write_number(math.nan if value is None else value, figure.unit) for value in values]
    return Row(figure.label, tuple(cells), tuple(values))


def _settings(record: RunRecord) -> dict[str, str]:
    """What a run hangs on, by name, in words."""
    found = {"strategy": f"{record.result['strategy']} {record.result['version']}".strip()}
    found |= {name: in_words(value) for name, value in record.result["params"].items()}
    # Told better by the lines above and below.
    told = {"strategy", "params"}
    options = record.request.get("options", {})
    found |= {name: in_words(value) for name, value in flat(options).items() if name not in told}
    for market in record.data:
        span = f"{write_time(market.first)} to {write_time(market.last)}"
        found[f"bars of {market.symbol}"] = f"{market.rows:,} of {market.interval}, {span} ({market.digest[:8]})"
    found |= record.code.versions
    found["source of the strategy"] = record.code.strategy_digest[:8]
    found["source of tradebot"] = record.code.package_digest[:8]
    found["native core"] = record.code.engine_digest[:8]
    return found


def _curve(store: RunStore, record: RunRecord, points: int) -> Curve:
    table = store.table(record, "equity")
    picked = np.unique(np.linspace(0, len(table) - 1, min(points, len(table))).astype(np.int64))
    ts = table["time"].cast(int).to_numpy()[picked]
    return Curve(ts, table["equity"].to_numpy()[picked] / record.result["initial_balance"])
