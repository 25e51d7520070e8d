"""``tradebot data check``: gaps, faulty rows and damaged files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from tradebot.cli.data.output import moment, print_json

if TYPE_CHECKING:
    from tradebot.store.inspection import Gap, Inspection

_EPILOG: Final = """\b
Examples:
  tradebot data check
  tradebot data check BTCUSDT --all
  tradebot data check SPY-1d.csv
  tradebot data check --rebuild
"""
_EXIT_UNSOUND: Final = 1
_MOST_GAPS: Final = 5


@click.command(epilog=_EPILOG)
@click.argument("what", nargs=-1, metavar="[MARKET|FILE]...")
@click.option("--symbol", help="Market of a file.  [default: told by its name]")
@click.option("--venue", help="Venue of a file's market.  [default: told by folder and symbol]")
@click.option("--interval", help="Length of a file's bars.  [default: told by name and times]")
@click.option("--timezone", help="Zone of a file's times that carry none.")
@click.option("--all", "all_gaps", is_flag=True, help="Show every gap rather than the first few.")
@click.option("--rebuild", is_flag=True, help="First make a manifest that is gone or damaged anew from the files.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
def check(what: tuple[str, ...], all_gaps: bool, rebuild: bool, as_json: bool, **told: str | None) -> None:
    """Check stored markets, or bar files before they are imported; everything stored where none is named.

    Gaps are held against the market's sessions. The exit code is 1 where a row is faulty or a stored file damaged; a
    gap alone is only told, for it may be the market's own.
    """
    made = _rebuild(shown=not as_json) if rebuild else None
    found = [each for name in what for each in _inspected(name, told)] if what else _inspected(None, told)
    if as_json:
        told_of = {"sound": all(each.is_sound for each in found), "checked": [_as_dict(each) for each in found]}
        print_json(told_of if made is None else told_of | {"rebuilt": made})
    else:
        for each in found:
            _show(each, len(each.gaps) if all_gaps else _MOST_GAPS)
        if not found:
            click.echo("Nothing is stored yet. Import files, or download: `tradebot data --help`.")
    if not all(each.is_sound for each in found):
        click.get_current_context().exit(_EXIT_UNSOUND)


def _rebuild(*, shown: bool) -> list[dict[str, Any]]:
    from tradebot.store.library import Library

    done: list[dict[str, Any]] = []
    for archive in Library().archives():
        found = archive.rebuild()
        if found is None:
            continue
        damaged = [str(path) for path in found.damaged]
        done.append({"kind": archive.kind.name, "series": len(found.series), "damaged": damaged})
        if shown:
            count = f"{len(found.series):,} series"
            click.echo(
                f"The manifest of {archive.kind.name} was made anew: {count}. A download will ask again for all."
            )
            for path in damaged:
                click.echo(f"  {click.style('damage', fg='red')}  {path}: set aside, its bytes have changed")
    if shown and not done:
        click.echo("Every manifest is sound: nothing was made anew.")
    return done


def _inspected(name: str | None, told: dict[str, str | None]) -> list[Inspection]:
    from tradebot.core.errors import DataError
    from tradebot.store.inspection import inspect_file, inspect_series
    from tradebot.store.library import Library
    from tradebot.store.tables import SUFFIXES

    if name is not None and (Path(name).is_file() or name.lower().endswith(SUFFIXES)):
        return [inspect_file(Path(name), **told)]
    found = [
        inspect_series(archive, series)
        for archive in Library().archives()
        for series in archive.series()
        if name is None or series.key.is_named(name)
    ]
    if name is not None and not found:
        mend = "`tradebot data list` shows what there is; a file needs its whole name."
        raise DataError("nothing is stored under this name", place=name, mend=mend)
    return found


def _show(found: Inspection, most_gaps: int) -> None:
    heading = f"{click.style(found.name, bold=True)}  {found.kind}, {found.rows:,} rows, "
    click.echo(f"{heading}{moment(found.first)} to {moment(found.last)}")
    for fault in found.faults:
        click.echo(f"  {click.style('fault', fg='red')}   {fault.text}")
    for damage in found.damage:
        click.echo(f"  {click.style('damage', fg='red')}  {damage}")
    if found.gaps:
        count, bars = len(found.gaps), found.missing
        told = f"{count:,} gap{'' if count == 1 else 's'}, {bars:,} bar{'' if bars == 1 else 's'} missing"
        click.echo(f"  {click.style('gaps', fg='yellow')}    {told}")
    for gap in found.gaps[:most_gaps]:
        click.echo(f"          {_gap_text(gap)}")
    if len(found.gaps) > most_gaps:
        click.echo(f"          and {len(found.gaps) - most_gaps:,} more; --all shows them")
    if found.outside:
        click.echo(f"  {'note':<8}{found.outside:,} bars lie outside the regular sessions")
    if found.is_sound and not found.gaps:
        click.echo(f"  {click.style('sound', fg='green')}")


def _gap_text(gap: Gap) -> str:
    bars = f"{gap.missing:,} bar{'' if gap.missing == 1 else 's'}"
    own = " (the provider has none either)" if gap.is_markets_own else ""
    return f"{moment(gap.start)} to {moment(gap.end)}: {bars}{own}"


def _as_dict(found: Inspection) -> dict[str, Any]:
    import msgspec

    from tradebot.core.instant import iso

    gaps = [msgspec.to_builtins(gap) | {"start": iso(gap.start), "end": iso(gap.end)} for gap in found.gaps]
    times = {name: None if ts is None else iso(ts) for name, ts in (("first", found.first), ("last", found.last))}
    return msgspec.to_builtins(found) | times | {"gaps": gaps, "missing": found.missing, "sound": found.is_sound}
