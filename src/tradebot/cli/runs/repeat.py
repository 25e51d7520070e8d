"""``tradebot runs repeat``: a run again, from its record."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING, Any, Final

import click

from tradebot.cli.runs.selecting import RunName, open_store, print_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tradebot.research.runs import RunRecord, RunStore
    from tradebot.research.runs.differences import Difference
    from tradebot.research.runs.repetition import Repetition

_DIFFERENT: Final = 1
_SHOWN: Final = 8

_EPILOG: Final = """\b
Exit code 0: identical to the bit. Exit code 1: not identical.

\b
Examples:
  tradebot runs repeat latest
  tradebot runs repeat latest --as-recorded
  tradebot runs repeat latest --json
"""


@click.command(epilog=_EPILOG)
@click.argument("run", type=RunName())
@click.option("--as-recorded", is_flag=True, help="Run the strategy's source as it was kept, whatever it is today.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
def repeat(run: str, as_recorded: bool, as_json: bool) -> int:
    """Run RUN again from its record, and say that it is identical to the bit, or what has changed."""
    store = open_store()
    record = store.record(run)
    with contextlib.redirect_stdout(sys.stderr) if as_json else contextlib.nullcontext():
        verdict, result = _repeat(store, record, as_recorded=as_recorded, quiet=as_json)
    if as_json:
        import msgspec

        print_json({"id": str(record.id), **msgspec.to_builtins(verdict), "result": result})
    else:
        _print(record, verdict)
    return 0 if verdict.identical else _DIFFERENT


def _repeat(store: RunStore, record: RunRecord, *, as_recorded: bool, quiet: bool) -> tuple[Repetition, dict[str, Any]]:
    from tradebot.cli.running import run
    from tradebot.cli.runs.asking import request_of, strategy_as_recorded
    from tradebot.research.runs.repetition import compare_repetition

    with contextlib.ExitStack() as stack:
        source = {"strategy": stack.enter_context(strategy_as_recorded(store, record))} if as_recorded else {}
        ran = run(request_of(record, as_json=quiet, **source), recorded=record.data)
        verdict = compare_repetition(store, record, ran.result, ran.inputs)
        return verdict, ran.result.to_dict()


def _print(record: RunRecord, verdict: Repetition) -> None:
    if verdict.identical:
        click.echo(f"Run {record.short_id} again: {click.style('identical to the bit', fg='green', bold=True)}.")
    else:
        click.echo(f"Run {record.short_id} again: {click.style('not identical', fg='red', bold=True)}.")
    _print_differences("What has changed since:", verdict.changed)
    if not verdict.identical and not verdict.changed:
        click.echo("\nNothing the record knows of has changed: the strategy does not give the same result twice.")
    _print_differences("Where they part:", verdict.parted)


def _print_differences(title: str, rows: Sequence[Difference]) -> None:
    if not rows:
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, header_style="bold", padding=(0, 2, 0, 0))
    for column in ("", "was", "is"):
        table.add_column(column)
    for each in rows[:_SHOWN]:
        table.add_row(Text(each.what, style="dim"), Text(each.was), Text(each.now))
    console = Console()
    console.print(Text(f"\n{title}", style="bold cyan"))
    console.print(table)
    if len(rows) > _SHOWN:
        console.print(Text(f"and {len(rows) - _SHOWN} more; --json has all.", style="dim"))
