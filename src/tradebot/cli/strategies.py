"""``tradebot strategies``: what the registry knows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import click

if TYPE_CHECKING:
    from tradebot.strategies.param import Param
    from tradebot.strategies.registry import Catalog, Listing


_EPILOG: Final = """\b
Examples:
  tradebot strategies
  tradebot strategies sma_cross
  tradebot strategies --json
"""
_LIST_EPILOG: Final = """\b
Examples:
  tradebot strategies list
  tradebot strategies list --json
"""
_SHOW_EPILOG: Final = """\b
Examples:
  tradebot strategies show sma_cross
  tradebot strategies show RSIBBEntryMixin+ATRExitMixin --json
"""


class _Strategies(click.Group):
    """The group, where a name that is no subcommand is a strategy to show."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in self.commands:
            return "show", self.commands["show"], args
        return super().resolve_command(ctx, args)


@click.group(cls=_Strategies, invoke_without_command=True, epilog=_EPILOG)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
@click.pass_context
def strategies(context: click.Context, as_json: bool) -> None:
    """List the strategies, or describe the one named (a name, FILE.py, FILE.py:NAME or ENTRY+EXIT)."""
    context.obj = as_json
    if context.invoked_subcommand is None:
        _list(as_json)


@strategies.command("list", epilog=_LIST_EPILOG)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
@click.pass_obj
def list_all(asked: bool, as_json: bool) -> None:
    """List the strategies with version, forms, timeframes and parameters."""
    _list(asked or as_json)


@strategies.command(epilog=_SHOW_EPILOG)
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
@click.pass_obj
def show(asked: bool, name: str, as_json: bool) -> None:
    """Describe the strategy NAME (a name, FILE.py, FILE.py:NAME or ENTRY+EXIT): its idea, parameters and bounds."""
    from tradebot.strategies import registry

    listing = registry.describe(registry.find(name))
    _print_json(_as_dict(listing)) if asked or as_json else _print_details(listing)


def _list(as_json: bool) -> None:
    from tradebot.strategies import mixins, registry

    catalog, entries, exits = registry.catalog(), mixins.names("entry"), mixins.names("exit")
    if as_json:
        broken = [{"location": place, "error": str(error)} for place, error in catalog.broken.items()]
        strategies = [_as_dict(listing) for listing in catalog.strategies]
        _print_json({"strategies": strategies, "entries": entries, "exits": exits, "broken": broken})
    else:
        _print_table(catalog, entries, exits)


def _as_dict(listing: Listing) -> dict[str, Any]:
    return {
        "name": listing.name,
        "version": listing.version,
        "summary": listing.summary,
        "docs": listing.docs,
        "forms": listing.forms,
        "timeframes": listing.timeframes,
        "roles": listing.roles,
        "origin": listing.origin,
        "location": listing.location,
        "params": [_param_as_dict(param) for param in listing.params],
    }


def _param_as_dict(param: Param) -> dict[str, Any]:
    return {
        "name": param.name,
        "type": param.kind.__name__,
        "default": param.default,
        "ge": param.ge,
        "le": param.le,
        "step": param.step,
        "choices": param.choices,
        "doc": param.doc,
    }


def _print_json(document: dict[str, Any]) -> None:
    import msgspec

    click.echo(msgspec.json.format(msgspec.json.encode(document), indent=2))


def _print_table(catalog: Catalog, entries: list[str], exits: list[str]) -> None:
    from rich.console import Console
    from rich.padding import Padding
    from rich.text import Text

    from tradebot.strategies.files import user_folder

    console = Console()
    names = max((len(listing.name) for listing in catalog.strategies), default=0)
    for listing in catalog.strategies:
        params = ", ".join(f"{param.name}={param.default}" for param in listing.params)
        heading = Text(f"{listing.name:<{names}}", style="bold")
        heading.append(f"  {listing.version:<6}{', '.join(listing.forms):<15}", style="not bold cyan")
        if timeframes := _timeframes(listing):
            heading.append(f"{timeframes}  ", style="not bold magenta")
        heading.append(params, style="not bold")
        console.print(heading)
        console.print(Padding(Text(listing.summary, style="dim"), (0, 0, 1, 2)))
    console.print(Text("Any entry with any exit is a strategy too, as ENTRY+EXIT:", style="dim"))
    console.print(Padding(Text(", ".join(entries)), (0, 0, 0, 2)))
    console.print(Padding(Text(", ".join(exits)), (0, 0, 1, 2)))
    console.print(Text(f"Your own go into {user_folder()}.", style="dim"), soft_wrap=True)
    for error in catalog.broken.values():
        click.echo(f"{click.style('Skipped:', fg='yellow', bold=True)} {error}", err=True)


def _timeframes(listing: Listing) -> str:
    """Intervals a strategy reads, those of roles after their names."""
    roles = [f"{role} {interval}" for role, interval in listing.roles.items()]
    return ", ".join(roles or listing.timeframes)


def _print_details(listing: Listing) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    console.print(Text(f"{listing.name} {listing.version}", style="bold"))
    # The lines of a paragraph are the source's own; a terminal has others. Lists and indented lines stay.
    console.print(Text("\n" + re.sub(r"(?<!\n)\n(?=[^\s*-])", " ", listing.docs) + "\n"))
    facts = Table.grid(padding=(0, 2, 0, 0))
    facts.add_column(style="dim")
    facts.add_row("Forms", ", ".join(listing.forms))
    if timeframes := _timeframes(listing):
        facts.add_row("Timeframes", timeframes)
    facts.add_row("From", Text(f"{listing.location} ({listing.origin})"))
    console.print(facts)
    if not listing.params:
        return
    table = Table(box=None, header_style="bold cyan", padding=(0, 2, 0, 0))
    for column in ("Parameter", "Type", "Default", "Bounds", "Step", "What it is"):
        table.add_column(column)
    for param in listing.params:
        step = "" if param.step is None else f"{param.step:g}"
        cells = (param.name, param.kind.__name__, str(param.default), param.bounds, step, param.doc)
        table.add_row(*map(Text, cells))
    console.print()
    console.print(table)
