"""``tradebot data delete``: stored data away."""

from __future__ import annotations

import sys
from typing import Final

import click

from tradebot.cli.data.output import print_json

_EPILOG: Final = """\b
Examples:
  tradebot data delete BTCUSDT --interval 1m --end 2020-01-01 --yes
  tradebot data delete binance_usdm/BTCUSDT --kind funding --yes
"""


@click.command(epilog=_EPILOG, context_settings={"show_default": True})
@click.argument("market")
@click.option("--kind", type=click.Choice(["bars", "funding", "factors", "trades", "quotes"]), default="bars",
              help="What to remove.")  # fmt: skip
@click.option("--interval", help="Bars of this length alone.  [default: all]")
@click.option("--start", metavar="TIME", help="Rows from this time on.")
@click.option("--end", metavar="TIME", help="Rows before this time.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
def delete(
    market: str, kind: str, interval: str | None, start: str | None, end: str | None, yes: bool, as_json: bool
) -> None:
    """Remove the stored rows of MARKET (SYMBOL, VENUE/SYMBOL or VENUE/SYMBOL/INTERVAL) for good."""
    from tradebot.core.errors import ConfigError, DataError
    from tradebot.core.instant import to_ns
    from tradebot.core.interval import Interval
    from tradebot.store.kinds import KINDS
    from tradebot.store.library import Library, find_series

    archive = Library().archive(KINDS[kind])
    first, last = (None if moment is None else to_ns(moment) for moment in (start, end))
    keys = find_series(archive, market, None if interval is None else str(Interval.parse(interval)))
    if not keys:
        raise DataError(f"no {interval} {kind} are stored", place=market, mend="`tradebot data list` shows all.")
    if not yes:
        if as_json or not sys.stdin.isatty():
            raise ConfigError(
                "nobody can be asked here", place="data delete", mend="Give --yes to delete all the same."
            )
        span = "" if start is None and end is None else f" from {start or 'the first'} to {end or 'the last'}"
        click.confirm(f"Delete {kind} of {', '.join(map(str, keys))}{span}?", abort=True)
    deleted = {str(key): archive.delete(key, first, last) for key in keys}
    if as_json:
        print_json({"deleted": deleted})
        return
    for name, rows in deleted.items():
        click.echo(f"{name}: {rows:,} rows of {kind} deleted")
