"""``tradebot data sql``: one question to the store."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, Final

import click

from tradebot.cli.data.output import NOTHING, print_table

if TYPE_CHECKING:
    import polars as pl

_EPILOG: Final = """\b
Examples:
  tradebot data sql "SELECT symbol, interval, count(*) FROM bars GROUP BY ALL"
  tradebot data sql "SELECT time, close FROM bars WHERE symbol = 'BTCUSDT' AND interval = '1h'" --csv
  tradebot data sql "DESCRIBE bars"
"""


@click.command(epilog=_EPILOG, context_settings={"show_default": True})
@click.argument("question")
@click.option("--limit", type=click.IntRange(min=1), default=100, help="Most rows the table shows.")
@click.option("--csv", "as_csv", is_flag=True, help="Print all rows as CSV.")
@click.option("--json", "as_json", is_flag=True, help="Print all rows as one JSON document.")
def sql(question: str, limit: int, as_csv: bool, as_json: bool) -> None:
    """Ask the store QUESTION, one SELECT in DuckDB's SQL, over the views bars, funding, factors, trades and quotes.

    Nothing can be changed this way. Times are UTC.
    """
    from tradebot.core.errors import ConfigError
    from tradebot.store.library import Library
    from tradebot.store.query import query

    if as_csv and as_json:
        raise ConfigError("--csv and --json are both given", place="data sql", mend="Give one of them.")
    answer = query(Library(), question)
    if as_csv or as_json:
        content = io.BytesIO()
        answer.write_csv(content) if as_csv else _as_text(answer).write_json(content)
        click.echo(content.getvalue().decode().rstrip("\n"))
        return
    columns = {name: "right" if kind.is_numeric() else "left" for name, kind in answer.schema.items()}
    print_table(columns, [[_cell(value) for value in row] for row in answer.head(limit).iter_rows()])
    if answer.height > limit:
        click.echo(f"{limit:,} of {answer.height:,} rows; --limit shows more, --csv and --json all.", err=True)


def _as_text(answer: pl.DataFrame) -> pl.DataFrame:
    """Times as ISO 8601, and NaN and infinities, for which JSON has no words, as nothing."""
    import polars as pl
    from polars import selectors

    finite = pl.when(selectors.float().is_finite()).then(selectors.float())
    times = selectors.datetime().dt.strftime("%Y-%m-%dT%H:%M:%S%.fZ")
    return answer.with_columns(finite, times)


def _cell(value: Any) -> str:
    if value is None:
        return NOTHING
    if isinstance(value, float):
        # Sums of whole numbers come as doubles; they are shown to the last digit a double holds.
        return f"{value:.15g}" if value.is_integer() else f"{value:.10g}"
    return str(value)
