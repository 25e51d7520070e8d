"""``tradebot runs show``: what was kept of one run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from tradebot.cli.runs.selecting import RunName, document_of, open_store, print_json

if TYPE_CHECKING:
    from tradebot.research.runs import RunRecord

_HASH_LETTERS: Final = 12

_EPILOG: Final = """\b
Examples:
  tradebot runs show latest
  tradebot runs show latest~1 --json
  tradebot runs show latest --source
"""


@click.command(epilog=_EPILOG)
@click.argument("run", type=RunName())
@click.option("--source", is_flag=True, help="Print the strategy's source as it was.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
def show(run: str, source: bool, as_json: bool) -> None:
    """Show what was kept of RUN: its figures, its data, its code and what was asked for."""
    store = open_store()
    record = store.record(run)
    texts = store.source_texts(record) if source else {}
    if as_json:
        print_json(document_of(record) | ({"sources": texts} if source else {}))
    elif source:
        for name, text in texts.items():
            click.echo(click.style(f"# {name}", fg="cyan"), err=True)
            click.echo(text, nl=not text.endswith("\n"))
    else:
        _print(record)


def _print(record: RunRecord) -> None:
    from rich.console import Console
    from rich.text import Text

    result = record.result
    console = Console()
    console.print(Text(f"{result['strategy']} {result['version']} on {result['symbol']}", style="bold"))
    console.print(Text(f"run {record.id}, kept {record.kept_at:%Y-%m-%d %H:%M:%S} UTC", style="dim"))
    for title, rows in (
        ("Result", _figures(record)),
        ("Asked for", _request(record)),
        ("Data", _data(record)),
        ("Code", _code(record)),
    ):
        console.print(_grid(title, rows))


def _grid(title: str, rows: list[tuple[str, str]]) -> object:
    from rich.table import Table
    from rich.text import Text

    heading = Text(f"\n{title}", style="bold cyan")
    table = Table(title=heading, title_justify="left", box=None, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(style="dim", no_wrap=True)
    table.add_column()
    for label, value in rows:
        table.add_row(Text(label), Text(value))
    return table


def _figures(record: RunRecord) -> list[tuple[str, str]]:
    from tradebot.research.formatting import write_number
    from tradebot.research.runs.comparison import figure_rows

    return [(row.label, row.cells[0]) for row in figure_rows([record])] + [
        ("Ambiguous bars", write_number(record.result["ambiguous_bars"], "count")),
        ("Halted", record.result["halted"] or "no"),
    ]


def _request(record: RunRecord) -> list[tuple[str, str]]:
    from tradebot.research.runs.differences import flat, in_words

    asked = flat(record.request.get("options", record.request))
    return [(name, in_words(value)) for name, value in asked.items() if value not in (None, [], "")]


def _data(record: RunRecord) -> list[tuple[str, str]]:
    from tradebot.research.formatting import write_time

    rows: list[tuple[str, str]] = []
    for market in record.data:
        span = f"{write_time(market.first)} to {write_time(market.last)}"
        text = f"{market.rows:,} bars of {market.interval}, {span}, sha256 {market.digest[:_HASH_LETTERS]}"
        rows.append((f"{market.symbol} ({market.venue})", text))
        if market.funding:
            rows.append(("", f"{market.funding:,} funding payments, sha256 {market.funding_digest[:_HASH_LETTERS]}"))
        if market.finer:
            rows.append(("", f"magnified by {market.finer}, sha256 {market.finer_digest[:_HASH_LETTERS]}"))
    return rows


def _code(record: RunRecord) -> list[tuple[str, str]]:
    code = record.code
    versions = ", ".join(f"{name} {text}" for name, text in code.versions.items())
    rows = [
        ("Versions", versions),
        ("Source of tradebot", f"sha256 {code.package_digest[:_HASH_LETTERS]}"),
        ("Native core", f"sha256 {code.engine_digest[:_HASH_LETTERS]}"),
    ]
    if code.strategy_digest:
        files = ", ".join(code.sources)
        rows.append(("Strategy", f"{code.strategy_class} in {files}, sha256 {code.strategy_digest[:_HASH_LETTERS]}"))
    if code.commit is not None:
        rows.append(("Git commit", code.commit + (", the strategy's file modified" if code.modified else "")))
    return rows
