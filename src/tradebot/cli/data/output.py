"""How the commands of the group show what they did."""

from __future__ import annotations

from typing import Any, Final

import click

from tradebot.core.instant import iso

NOTHING: Final = "–"


def print_json(document: Any) -> None:
    """One JSON document on standard output."""
    import msgspec

    click.echo(msgspec.json.format(msgspec.json.encode(document), indent=2))


def moment(ts: int | None) -> str:
    """An instant for people: the date alone at midnight, else to the minute or second; a dash where there is none."""
    if ts is None:
        return NOTHING
    text = iso(ts).partition(".")[0].removesuffix("Z").replace("T", " ")
    return text.removesuffix(":00").removesuffix(" 00:00")


def print_table(columns: dict[str, str], rows: list[list[str]]) -> None:
    """A table with column names and how each is set (``left`` or ``right``)."""
    from rich.table import Table
    from rich.text import Text

    from tradebot.cli.tables import print_whole

    table = Table(box=None, header_style="bold cyan", padding=(0, 2, 0, 0))
    for name, side in columns.items():
        is_number = side == "right"
        table.add_column(name, justify="right" if is_number else "left", no_wrap=is_number, overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row))
    print_whole(table)
