"""``tradebot runs list``: what was run, one line each."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import click

from tradebot.cli.runs.selecting import open_store, print_json

if TYPE_CHECKING:
    from tradebot.research.runs import RunRecord
    from tradebot.research.statistics.definitions import Unit

_KEYS: Final = (
    "id", "symbol", "strategy", "version", "params", "start_date", "end_date", "initial_balance", "final_balance",
    "total_return", "max_drawdown", "sharpe_ratio", "total_trades", "winning_trades", "losing_trades", "win_rate",
)  # fmt: skip
# Width from which the parameters have room too.
_ROOMY: Final = 110

_EPILOG: Final = """\b
Examples:
  tradebot runs list
  tradebot runs list --strategy sma_cross --limit 5
  tradebot runs list --json
"""


@click.command("list", epilog=_EPILOG, context_settings={"show_default": True})
@click.option("--limit", type=click.IntRange(min=1), default=20, help="Most runs to look at, from the newest on.")
@click.option("--strategy", help="Only runs of this strategy.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
def list_runs(limit: int, strategy: str | None, as_json: bool) -> None:
    """List the kept runs, newest first."""
    store = open_store()
    shelf = store.shelf(None if strategy else limit)
    records = [each for each in shelf.records if strategy in (None, each.result["strategy"])][:limit]
    if as_json:
        broken = [{"run": name, "error": str(error)} for name, error in shelf.broken.items()]
        print_json({"runs": [_as_dict(record) for record in records], "broken": broken})
        return
    if records:
        _print_table(records)
    elif not shelf.broken:
        click.echo(f"No run is kept in {store.root}. `tradebot backtest` keeps each of its own.")
    for error in shelf.broken.values():
        click.echo(f"{click.style('Skipped:', fg='yellow', bold=True)} {error}", err=True)


def _as_dict(record: RunRecord) -> dict[str, Any]:
    return {key: record.result[key] for key in _KEYS} | {"kept_at": record.kept_at}


def _print_table(records: list[RunRecord]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from tradebot.cli.tables import print_whole
    from tradebot.research.formatting import write_params

    console = Console()
    table = Table(box=None, header_style="bold cyan", padding=(0, 1, 0, 0))
    for heading in ("Run", "Kept (UTC)"):
        table.add_column(heading, no_wrap=True)
    # Long names give way before the ids and figures do.
    for heading in ("Strategy", "Market"):
        table.add_column(heading, overflow="fold")
    for heading in ("Return", "Drawdown", "Sharpe", "Trades"):
        table.add_column(heading, justify="right", no_wrap=True)
    roomy = not console.is_terminal or console.width >= _ROOMY
    if roomy:
        table.add_column("Parameters", no_wrap=True)
    for record in records:
        result = record.result
        cells = [record.short_id, f"{record.kept_at:%Y-%m-%d %H:%M}", result["strategy"], _market(record)]
        cells += [_cell(result["total_return"], "percent"), _cell(result["max_drawdown"], "percent")]
        cells += [_cell(result["sharpe_ratio"], "ratio"), _cell(result["total_trades"], "count")]
        table.add_row(*map(Text, [*cells, write_params(result["params"])] if roomy else cells))
    print_whole(table)


def _cell(value: float | None, unit: Unit) -> str:
    from tradebot.research.formatting import write_number

    return write_number(math.nan if value is None else value, unit)


def _market(record: RunRecord) -> str:
    first, *rest = record.data
    return f"{first.symbol} {first.interval}" + (f" and {len(rest)} more" if rest else "")
