"""``tradebot data import``: files into the store."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from tradebot.cli.data.output import moment, print_json

if TYPE_CHECKING:
    from tradebot.store.importing import Imported

_EPILOG: Final = """\b
Examples:
  tradebot data import binance_usdm/BTCUSDT-1m.parquet
  tradebot data import SPY-1d.csv --venue us_equity --bad repair
  tradebot data import SPY-factors.csv
"""
_EXIT_REFUSED: Final = 2


@click.command("import", epilog=_EPILOG, context_settings={"show_default": True})
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--kind", type=click.Choice(["bars", "funding", "factors", "trades", "quotes", "recording"]),
              help="What the files hold.  [default: told by name and columns]")  # fmt: skip
@click.option("--symbol", help="Market of the file.  [default: told by its name]")
@click.option("--venue", help="Venue of the market.  [default: told by folder and symbol]")
@click.option("--interval", help="Length of a bar, such as 1m or 4h.  [default: told by name and times]")
@click.option("--timezone", help="Zone of times that carry none.  [default: told by the column's name, or UTC]")
@click.option("--bad", type=click.Choice(["refuse", "repair", "keep", "drop"]), default="refuse",
              help="Rows out of order, doubled, or with odd values.")  # fmt: skip
@click.option("--replace", is_flag=True, help="Let stored rows with other values give way.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
def import_files(files: tuple[Path, ...], as_json: bool, **options: Any) -> None:
    """Store what FILES hold: Parquet, CSV, Feather, JSON or JSON lines with bars, funding, factors, trades or quotes.

    Each file is stored whole or not at all, and what was found wrong with it is told. A file that is refused does not
    keep the others from being stored; the exit code is then 2.
    """
    from tradebot.core.errors import ConfigError, TradebotError
    from tradebot.store.importing import import_file
    from tradebot.store.library import Library

    if options["symbol"] and len(files) > 1:
        fact = f"one symbol is given for {len(files)} files"
        raise ConfigError(fact, place="--symbol", mend="Import them one by one, or leave it out.")
    library = Library()
    imported: list[Imported] = []
    refused: dict[str, str] = {}
    for file in files:
        try:
            found = import_file(library, file, **options)
        except TradebotError as error:
            refused[str(file)] = str(error)
            click.echo(f"{click.style('Error:', fg='red', bold=True)} {error}", err=True)
            continue
        imported += found
        if not as_json:
            for each in found:
                _show(each)
    if as_json:
        print_json({"imported": [_as_dict(each) for each in imported], "refused": refused})
    if refused:
        click.get_current_context().exit(_EXIT_REFUSED)


def _show(found: Imported) -> None:
    written = found.written
    click.echo(
        f"{click.style(found.series, bold=True)}  {found.kind}, {found.rows:,} rows, "
        f"{moment(found.first)} to {moment(found.last)}"
    )
    told = {"stored": written.added, "replaced": written.replaced, "there already": written.same}
    click.echo("  " + ", ".join(f"{count:,} {what}" for what, count in told.items() if count or what == "stored"))
    for fault in found.faults:
        click.echo(f"  {fault.text}: {fault.outcome}")
    if found.unused_columns:
        click.echo(f"  not stored: the columns {', '.join(found.unused_columns)}")
    if found.unused:
        click.echo(f"  {found.unused:,} messages of other kinds are not stored")


def _as_dict(found: Imported) -> dict[str, Any]:
    import msgspec

    from tradebot.core.instant import iso

    return msgspec.to_builtins(found) | {"first": iso(found.first), "last": iso(found.last)}
