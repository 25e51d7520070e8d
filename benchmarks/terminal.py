"""The figures in the terminal."""

from __future__ import annotations

from rich import box
from rich.console import Console
from rich.table import Table

from benchmarks.bounds import verdicts
from benchmarks.page import bound_cells, figure_cells
from benchmarks.results import Figure

FIGURE_COLUMNS = ("case", "version", "n", "median", "least – most", "first call", "cpu", "a second", "peak MB")
NARROW_COLUMNS = ("case", "median", "cpu", "a second", "peak MB")
BOUND_COLUMNS = ("promise", "bound", "measured", "by cpu", "")
WORDS = ("case", "version", "promise", "")
WIDE = 130


def show(console: Console, figures: dict[str, Figure]) -> None:
    """Print the figures and what became of the bounds."""
    if not figures:
        return
    shown = FIGURE_COLUMNS if console.width >= WIDE else NARROW_COLUMNS
    table = _table(shown)
    for figure in figures.values():
        cells = dict(zip(FIGURE_COLUMNS, figure_cells(figure), strict=True))
        table.add_row(*(cells[name] for name in shown), style="dim" if figure.is_noisy else "")
    console.print(table)
    found = verdicts(figures)
    if found:
        table = _table(BOUND_COLUMNS)
        for verdict in found:
            *cells, outcome = bound_cells(verdict)
            table.add_row(*cells, f"[{'green' if verdict.is_met else 'red'}]{outcome}[/]")
        console.print(table)


def _table(columns: tuple[str, ...]) -> Table:
    table = Table(box=box.SIMPLE_HEAD)
    for name in columns:
        is_text = name in WORDS
        table.add_column(name, justify="left" if is_text else "right", no_wrap=not is_text, overflow="fold")
    return table
