"""The end of a report: how the run was simulated, what it would be under either order, and what each figure means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tradebot.research import describe
from tradebot.research.report.markup import escape, figure_value, pairs, section, table
from tradebot.research.statistics.definitions import FIGURES, TRADE_FIGURES, Figure

if TYPE_CHECKING:
    from tradebot.research.result import BacktestResult

_COMPARED = ("total_return", "final_equity", "max_drawdown", "sharpe")
_COMPARED_TRADES = ("count", "win_rate", "profit_factor")


def assumptions(result: BacktestResult) -> str:
    """How fills were simulated, and the result if every ambiguous bar had gone the other way."""
    outcome = result.outcome
    rows = [(label, escape(value)) for label, value in describe.assumption_rows(outcome.assumptions)]
    rows += [
        ("Ambiguous bars", escape(describe.ambiguity_text(outcome))),
        ("Open at the end", escape(describe.open_position_text(outcome))),
    ]
    body = (
        f'<div class="split"><div class="card">{pairs(rows)}</div><div class="card">{_either_order(result)}</div></div>'
    )
    note = (
        "A bar is ambiguous where the order in which its high and low were reached decides the result, "
        "as when stop and target both lie inside it."
    )
    return section("assumptions", "Assumptions", body, note=note)


def _either_order(result: BacktestResult) -> str:
    if not result.can_rerun:
        return '<p class="note">The result under the other order was not computed: the run cannot be repeated.</p>'
    both = result.either_order()
    against, with_us = both["pessimistic"], both["optimistic"]
    rows = [
        [escape(f.label), figure_value(f, getattr(against, f.name)), figure_value(f, getattr(with_us, f.name))]
        for f in FIGURES
        if f.name in _COMPARED
    ] + [
        [escape(f.label), *(figure_value(f, getattr(stats.trades, f.name)) for stats in (against, with_us))]
        for f in TRADE_FIGURES
        if f.name in _COMPARED_TRADES
    ]
    return table(("Ambiguous bars resolved", "against the trader", "for the trader"), rows)


def statistics(result: BacktestResult) -> str:
    """Every figure with its definition and the source of its formula."""
    stats = result.stats
    blocks: list[str] = []
    for group in ("Result", "Risk", "Exposure", "Costs"):
        rows = [
            [escape(f.label), figure_value(f, getattr(stats, f.name)), _meaning(f)] for f in FIGURES if f.group == group
        ]
        blocks.append(f"<h3>{group}</h3>" + table(("Figure", "Value", "Meaning"), rows, kind="grid meanings"))
    sides = (stats.trades, stats.long, stats.short)
    rows = [
        [escape(f.label), *(figure_value(f, getattr(side, f.name)) for side in sides), _meaning(f)]
        for f in TRADE_FIGURES
    ]
    head = ("Figure", "All", "Long", "Short", "Meaning")
    blocks.insert(3, "<h3>Trades</h3>" + table(head, rows, kind="grid meanings"))
    note = (
        f"Ratios are taken from {stats.sampling} returns and annualised with {stats.periods_per_year:,.1f} periods "
        f"a year; drawdowns from every close. A dash is a figure that is undefined for this run."
    )
    return section("statistics", "Statistics", f'<div class="card">{"".join(blocks)}</div>', note=note)


def _meaning(figure: Figure) -> str:
    source = f" <cite>{escape(figure.source)}</cite>" if figure.source else ""
    return escape(figure.definition) + source
