"""A result in a notebook cell: the headline figures as a small table in the notebook's own style."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tradebot.research import describe
from tradebot.research.report.markup import escape, number, pairs
from tradebot.research.statistics.definitions import FIGURES, TRADE_FIGURES, Figure

if TYPE_CHECKING:
    from tradebot.research.result import BacktestResult

_FIGURES = ("final_equity", "total_return", "cagr", "buy_and_hold_return", "max_drawdown", "volatility", "sharpe",
            "sortino", "exposure", "total_costs")  # fmt: skip
_TRADES = ("count", "win_rate", "profit_factor", "expectancy", "payoff_ratio", "sqn")


def summary_html(result: BacktestResult) -> str:
    """Warnings, what was run, and the headline figures."""
    outcome, stats = result.outcome, result.stats
    rows = [_row(f, float(getattr(stats, f.name))) for f in FIGURES if f.name in _FIGURES]
    rows += [_row(f, float(getattr(stats.trades, f.name))) for f in TRADE_FIGURES if f.name in _TRADES]
    warnings = "".join(f"<p><b>⚠ {escape(line)}</b></p>" for line in describe.warnings(outcome))
    return (
        f"<div>{warnings}<p><b>{escape(describe.strategy_line(outcome))}</b><br>"
        f"{escape(describe.market_line(outcome))}, ambiguous bars: {escape(describe.ambiguity_text(outcome))}</p>"
        f"{pairs(rows)}</div>"
    )


def _row(figure: Figure, value: float) -> tuple[str, str]:
    return figure.label, number(value, figure.unit)
