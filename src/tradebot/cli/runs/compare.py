"""``tradebot runs compare``: runs side by side."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from tradebot.cli.checks import check_target
from tradebot.cli.runs.selecting import RunName, open_store, print_json
from tradebot.core.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tradebot.research.runs.comparison import Comparison, Curve, Row

_BLOCKS: Final = "▁▂▃▄▅▆▇█"
_SPARK_WIDTH: Final = 24

_EPILOG: Final = """\b
Examples:
  tradebot runs compare latest latest~1
  tradebot runs compare latest latest~1 --report comparison.html
  tradebot runs compare latest latest~1 --json
"""


@click.command(epilog=_EPILOG)
@click.argument("runs", nargs=-1, required=True, type=RunName())
@click.option("--report", type=click.Path(path_type=Path), metavar="FILE.html", help="Write the comparison as a page.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
def compare(runs: tuple[str, ...], report: Path | None, as_json: bool) -> None:
    """Put two or more RUNS side by side: figures, equity, and what was different between them."""
    check_target("--report", report, (".html", ".htm"))
    store = open_store()
    records = [store.record(run) for run in dict.fromkeys(runs)]
    if len({record.id for record in records}) < 2:
        fact = "one run is nothing to compare" if len(runs) == 1 else "they are all the same run"
        raise ConfigError(fact, place="runs", mend="Name two or more; `tradebot runs list` shows them.")
    from tradebot.research.runs.comparison import compare as compare_runs

    comparison = compare_runs(store, records)
    if report is not None:
        from tradebot.research.report import write_page
        from tradebot.research.runs.comparison_page import page

        write_page(page(comparison), report)
    if as_json:
        print_json(_as_dict(comparison) | {"files": {} if report is None else {"report": str(report)}})
        return
    _print(comparison)
    if report is not None:
        click.echo(f"\nReport: {report}")


def _as_dict(comparison: Comparison) -> dict[str, Any]:
    ids = [str(record.id) for record in comparison.runs]
    return {
        "runs": [record.result for record in comparison.runs],
        "figures": {row.label: dict(zip(ids, row.values, strict=True)) for row in comparison.figures},
        "different": {row.label: dict(zip(ids, row.cells, strict=True)) for row in comparison.settings},
    }


def _print(comparison: Comparison) -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console()
    names = [f"{record.short_id}\n{record.result['strategy']}" for record in comparison.runs]
    console.print(_table("Figures", names, comparison.figures))
    bounds = _bounds(comparison.curves)
    sparks = [sparkline(curve.growth.tolist(), *bounds) for curve in comparison.curves]
    console.print(Text("\nEquity, all on one scale", style="bold cyan"))
    for record, spark in zip(comparison.runs, sparks, strict=True):
        console.print(Text(f"{record.short_id}  {spark}"))
    console.print(Text())
    if comparison.settings:
        console.print(_table("What was different", names, comparison.settings))
    else:
        console.print(Text("Nothing was different: the same request, data and code.", style="dim"))


def _table(title: str, names: Sequence[str], rows: Sequence[Row]) -> object:
    from rich.table import Table
    from rich.text import Text

    table = Table(
        title=Text(title, style="bold cyan"), title_justify="left", box=None, header_style="bold", padding=(0, 2, 0, 0)
    )
    table.add_column("", style="dim", no_wrap=True)
    for name in names:
        table.add_column(name, justify="right")
    for row in rows:
        table.add_row(Text(row.label), *(Text(cell, style="" if row.differs else "dim") for cell in row.cells))
    return table


def sparkline(values: Sequence[float], low: float, high: float, width: int = _SPARK_WIDTH) -> str:
    """Values as a line of blocks between two bounds; each block shows the last value of its stretch."""
    if not values:
        return ""
    count = min(width, len(values))
    picked = [values[(index + 1) * len(values) // count - 1] for index in range(count)]
    top = len(_BLOCKS) - 1
    return "".join(_BLOCKS[round((value - low) / (high - low) * top) if high > low else 0] for value in picked)


def _bounds(curves: Sequence[Curve]) -> tuple[float, float]:
    values = [
        float(value) for curve in curves for value in (curve.growth.min(initial=1.0), curve.growth.max(initial=1.0))
    ]
    return min(values), max(values)
