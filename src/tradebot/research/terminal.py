"""A result as a compact table for the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.console import Console, ConsoleOptions, Group, RenderableType
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from tradebot.research import describe
from tradebot.research.formatting import UNDEFINED, write_number, write_time
from tradebot.research.statistics.definitions import FIGURES, TRADE_FIGURES, Unit
from tradebot.research.statistics.summary import start_of

if TYPE_CHECKING:
    from tradebot.research.result import BacktestResult

_UNITS: dict[str, Unit] = {figure.name: figure.unit for figure in FIGURES}
_TRADE_UNITS: dict[str, Unit] = {figure.name: figure.unit for figure in TRADE_FIGURES}
_LABELS = {figure.name: figure.label for figure in FIGURES}
_TRADE_LABELS = {figure.name: figure.label for figure in TRADE_FIGURES}

_COLOURED = {"net_profit", "total_return", "cagr", "buy_and_hold_return", "alpha", "expectancy", "average_return"}

_RESULT = ("initial_cash", "final_equity", "net_profit", "total_return", "cagr", "buy_and_hold_return", "alpha", "beta")
_RISK = ("max_drawdown", "max_drawdown_days", "volatility", "sharpe", "sortino", "calmar", "omega",
         "value_at_risk", "expected_shortfall", "skewness", "kelly_leverage", "probability_of_halving")  # fmt: skip
_EXPOSURE = ("exposure", "average_leverage", "max_leverage", "turnover")
_TRADES = ("count", "win_rate", "profit_factor", "expectancy", "average_return", "payoff_ratio", "sqn",
           "kelly_fraction", "best", "worst", "longest_losing_streak", "average_hours_held")  # fmt: skip
_COSTS = ("fees", "slippage", "funding", "borrow", "total_costs")

_LEFT_WIDTH = 56
_UNBOUNDED = 1_000
_ALIGNED_FROM = 96  # width at which every right-hand group fits beside a left one of that width


def render(result: BacktestResult) -> RenderableType:
    """The whole result: warnings, heading, figures by group, assumptions."""
    return _Sheet(result)


class _Sheet:
    """Puts groups beside each other where the terminal is wide enough, below each other where not."""

    def __init__(self, result: BacktestResult) -> None:
        self.result = result

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[RenderableType]:
        result = self.result
        yield from _warnings(result)
        yield _heading(result)
        money = Group(_figures(result, "Result", _RESULT), Text(), _figures(result, "Exposure", _EXPOSURE))
        groups = (money, _figures(result, "Risk", _RISK)), (_trade_figures(result), _figures(result, "Costs", _COSTS))
        for left, right in groups:
            yield Text()
            grid = Table.grid(padding=(0, 2))
            grid.add_column(min_width=_LEFT_WIDTH if options.max_width >= _ALIGNED_FROM else None)
            grid.add_row(left, right)
            fits = Measurement.get(console, options.update(max_width=_UNBOUNDED), grid).maximum <= options.max_width
            yield from (grid,) if fits else (left, Text(), right)
        yield Text()
        yield _assumptions(result)


def _warnings(result: BacktestResult) -> list[RenderableType]:
    return [Text(f"! {line}", style="bold yellow") for line in describe.warnings(result.outcome)]


def _heading(result: BacktestResult) -> Text:
    outcome = result.outcome
    end = write_time(int(outcome.ts[-1])) if len(outcome.ts) else UNDEFINED
    heading = Text(describe.strategy_line(outcome), style="bold")
    heading.append(f"\n{describe.market_line(outcome)}, {write_time(start_of(outcome))} to {end}, ", style="dim")
    heading.append(f"{len(outcome.ts):,} bars", style="dim")
    heading.append(f"\nrun {result.id}", style="dim")
    return heading


def _grid(title: str) -> Table:
    table = Table(
        title=Text(title, style="bold cyan"), title_justify="left", box=None, show_header=False, padding=(0, 1, 0, 0)
    )
    table.add_column(style="dim", no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    return table


def _figures(result: BacktestResult, title: str, names: tuple[str, ...]) -> Table:
    table = _grid(title)
    for name in names:
        value = float(getattr(result.stats, name))
        table.add_row(_LABELS[name], _cell(name, value, _UNITS[name]))
    return table


def _trade_figures(result: BacktestResult) -> Table:
    table = _grid("Trades")
    table.show_header = True
    table.columns[1].header = "all"
    for side in ("long", "short"):
        table.add_column(side, justify="right", no_wrap=True)
    stats = result.stats
    for name in _TRADES:
        unit = _TRADE_UNITS[name]
        cells = [_cell(name, float(getattr(side, name)), unit) for side in (stats.trades, stats.long, stats.short)]
        table.add_row(_TRADE_LABELS[name], *cells)
    return table


def _cell(name: str, value: float, unit: Unit) -> Text:
    style = ""
    if name in _COLOURED and value != 0.0:
        style = "green" if value > 0.0 else "red" if value < 0.0 else ""
    return Text(write_number(value, unit), style=style)


def _assumptions(result: BacktestResult) -> Table:
    outcome = result.outcome
    table = Table(title=Text("Assumptions", style="bold cyan"), title_justify="left", box=None, show_header=False,
                  padding=(0, 1, 0, 0))  # fmt: skip
    table.add_column(style="dim", no_wrap=True)
    table.add_column()
    for label, value in describe.assumption_rows(outcome.assumptions):
        table.add_row(label, value)
    table.add_row("Ratios from", f"{result.stats.sampling} returns, {result.stats.periods_per_year:,.0f} a year")
    table.add_row("Ambiguous bars", describe.ambiguity_text(outcome))
    table.add_row("Rejected orders", describe.rejection_text(outcome))
    table.add_row("Open at the end", describe.open_position_text(outcome))
    return table
