"""``tradebot runs delete``: take runs away."""

from __future__ import annotations

import sys
from typing import Final

import click

from tradebot.cli.runs.selecting import RunName, open_store, print_json
from tradebot.core.errors import ConfigError

_EPILOG: Final = """\b
Examples:
  tradebot runs delete latest --yes
  tradebot runs delete --all-but 100 --yes
"""


@click.command(epilog=_EPILOG)
@click.argument("runs", nargs=-1, type=RunName())
@click.option("--all-but", type=click.IntRange(min=0), metavar="N", help="Delete all but the newest N runs.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask first.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
def delete(runs: tuple[str, ...], all_but: int | None, yes: bool, as_json: bool) -> None:
    """Delete RUNS: records, rows and sources. It cannot be undone."""
    if bool(runs) == (all_but is not None):
        raise ConfigError("give either runs or --all-but", place="runs delete", mend="`tradebot runs list` shows them.")
    store = open_store()
    names = store.names()[all_but:] if all_but is not None else list(dict.fromkeys(map(store.name, runs)))
    if names and not (yes or _confirmed(len(names))):
        names = []
    for name in names:
        store.delete(name)
    if as_json:
        print_json({"deleted": names})
    else:
        click.echo(f"{len(names):,} {'run' if len(names) == 1 else 'runs'} deleted.")


def _confirmed(count: int) -> bool:
    if not sys.stdin.isatty():
        raise ConfigError("nobody is there to confirm it", place="runs delete", mend="Add --yes.")
    return click.confirm(f"Delete {count:,} {'run' if count == 1 else 'runs'}?", err=True)
