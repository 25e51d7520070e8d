"""``tradebot data list``: what is stored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click

from tradebot.cli.data.output import moment, print_json, print_table

if TYPE_CHECKING:
    from tradebot.store.archive import Archive
    from tradebot.store.manifest import Series

_EPILOG: Final = """\b
Examples:
  tradebot data list
  tradebot data list BTCUSDT --json
"""
_MEGABYTE: Final = 1_000_000


@click.command("list", epilog=_EPILOG)
@click.argument("market", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
def list_series(market: str | None, as_json: bool) -> None:
    """List what is stored, of all markets or of MARKET (SYMBOL, VENUE/SYMBOL or VENUE/SYMBOL/INTERVAL)."""
    from tradebot.store.library import Library

    library = Library()
    found = [
        (archive, series)
        for archive in library.archives()
        for series in archive.series()
        if market is None or series.key.is_named(market)
    ]
    if as_json:
        print_json({"home": str(library.root), "series": [_as_dict(*each) for each in found]})
    elif not found:
        what = "Nothing" if market is None else f"Nothing of {market}"
        click.echo(f"{what} is stored in {library.root}. Import files, or download: `tradebot data --help`.")
    else:
        sides = dict.fromkeys(("Kind", "Market", "Interval"), "left") | {"Rows": "right", "First": "left"}
        rows = [_row(*each) for each in found]
        print_table(sides | {"Last": "left", "MB": "right"}, rows)


def _row(archive: Archive, series: Series) -> list[str]:
    key = series.key
    size = f"{archive.size(series) / _MEGABYTE:,.1f}"
    market = f"{key.venue}/{key.symbol}"
    rows = f"{series.rows:,}"
    return [archive.kind.name, market, key.interval, rows, moment(series.first), moment(series.last), size]


def _as_dict(archive: Archive, series: Series) -> dict[str, Any]:
    from tradebot.core.instant import iso

    key = series.key
    return {
        "kind": archive.kind.name,
        "venue": key.venue,
        "symbol": key.symbol,
        "interval": key.interval or None,
        "rows": series.rows,
        "first": None if series.first is None else iso(series.first),
        "last": None if series.last is None else iso(series.last),
        "covered": [{"start": iso(start), "end": iso(end)} for start, end in series.covered],
        "bytes": archive.size(series),
        "files": len(series.parts),
    }
