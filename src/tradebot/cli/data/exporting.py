"""``tradebot data export``: stored bars into a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from tradebot.cli.data.output import print_json

if TYPE_CHECKING:
    from tradebot.store.rules import Violations

_EPILOG: Final = """\b
Examples:
  tradebot data export BTCUSDT --interval 1h -o btc.csv
  tradebot data export SPY --interval 1d --adjusted -o SPY-1d.parquet
"""


@click.command(epilog=_EPILOG)
@click.argument("market")
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), metavar="FILE",
              help="File to write: .csv, .parquet, .feather, .json or .jsonl.")  # fmt: skip
@click.option("--interval", help="Length of a bar; made of finer ones where it is not stored.")
@click.option("--start", metavar="TIME", help="First bar, as 2025-05-04 or 2025-05-04T12:00.")
@click.option("--end", metavar="TIME", help="Bars before this time.")
@click.option("--adjusted/--raw", default=False, help="Equity prices adjusted for splits and dividends, or raw.")
@click.option("--violations", type=click.Choice(["refuse", "widen", "drop"]), default="refuse", show_default=True,
              help="Kept rows whose open or close lies outside low..high.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
def export(
    market: str,
    output: Path,
    interval: str | None,
    start: str | None,
    end: str | None,
    adjusted: bool,
    violations: Violations,
    as_json: bool,
) -> None:
    """Write the stored bars of MARKET (SYMBOL or VENUE/SYMBOL) to a file, in one step; an older one is replaced."""
    from tradebot.core.instant import to_ns
    from tradebot.store.exporting import check_suffix, export_bars
    from tradebot.store.library import Library
    from tradebot.store.reading import stored_bars

    check_suffix(output)
    first, last = (None if moment is None else to_ns(moment) for moment in (start, end))
    found = stored_bars(Library(), market, interval, start=first, end=last, adjusted=adjusted, violations=violations)
    export_bars(found.bars, output)
    if as_json:
        print_json({"file": str(output), "rows": len(found.bars), "notes": list(found.notes)})
        return
    click.echo(f"{output}: {len(found.bars):,} bars")
    for note in found.notes:
        click.echo(f"  {note}")
