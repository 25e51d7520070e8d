"""``tradebot data resample``: longer bars of stored ones."""

from __future__ import annotations

from typing import Final

import click

from tradebot.cli.data.output import moment, print_json

_EPILOG: Final = """\b
Examples:
  tradebot data resample BTCUSDT --to 4h
  tradebot data resample us_equity/SPY --from 1m --to 1d
"""


@click.command("resample", epilog=_EPILOG)
@click.argument("market")
@click.option("--to", required=True, metavar="INTERVAL", help="Length of the bars to make, such as 4h, 1w or 1M.")
@click.option("--from", "source", metavar="INTERVAL", help="Stored bars to take.  [default: the longest that fit]")
@click.option("--replace", is_flag=True, help="Let stored bars with other values give way.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
def resample_series(market: str, to: str, source: str | None, replace: bool, as_json: bool) -> None:
    """Make longer bars of the stored ones of MARKET (SYMBOL or VENUE/SYMBOL) and store them beside.

    Exchanges with sessions are cut by them: hours count from the open, a day is the regular session. A first or last
    bar that the data do not fill is left out.
    """
    from tradebot.store.library import Library
    from tradebot.store.reading import longer_bars

    library = Library()
    made = longer_bars(library, market, to, source=source)
    done = library.bars.upsert(made.bars, replace=replace)
    bars = made.bars
    if as_json:
        import msgspec

        from tradebot.core.instant import iso

        times = {"first": iso(int(bars.ts[0])), "last": iso(int(bars.ts[-1]))}
        left = {"outside": made.outside, "incomplete": made.incomplete}
        series = f"{bars.instrument.venue}/{bars.symbol}/{bars.interval}"
        print_json({"series": series, "rows": len(bars), **times, "written": msgspec.to_builtins(done), **left})
        return
    name = click.style(f"{bars.instrument.venue}/{bars.symbol}/{bars.interval}", bold=True)
    click.echo(f"{name}  {len(bars):,} bars, {moment(int(bars.ts[0]))} to {moment(int(bars.ts[-1]))}")
    click.echo(f"  {done.added:,} stored, {done.replaced:,} replaced, {done.same:,} there already")
    if made.outside:
        click.echo(f"  {made.outside:,} shorter bars lie outside the regular sessions and are in none")
    if made.incomplete:
        click.echo(f"  {made.incomplete:,} shorter bars at the ends fill no whole bar and are in none")
