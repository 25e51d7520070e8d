"""The rows of a run as tables a person can query, and back to the very arrays they were made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl
from tradebot_native import ORDER_STATES, ORDER_TYPES, REASONS, TIFS

from tradebot.research.frames import UTC_NS

if TYPE_CHECKING:
    from tradebot.engine.outcome import Columns, RunOutcome

TABLES: Final = ("fills", "orders", "trades")
EQUITY: Final = "equity"

_INSTRUMENT: Final = "instrument"
_WORDS: Final = {
    "type": ORDER_TYPES,
    "tif": TIFS,
    "state": ORDER_STATES,
    "reason": REASONS,
    "liquidity": ("taker", "maker"),
}
_SIDES: Final = {"fills": ("buy", "sell"), "orders": ("buy", "sell"), "trades": ("long", "short")}
_WIDTHS: Final = dict.fromkeys(("side", *_WORDS), np.int8)


def tables_of(outcome: RunOutcome) -> dict[str, pl.DataFrame]:
    """The run's tables by name: every fill, order and trade with codes as words and times as timestamps, and equity."""
    words = _words(outcome.symbols, outcome.tags)
    tables = {name: _written(getattr(outcome, name), name, words) for name in TABLES}
    times = pl.Series(outcome.ts, dtype=pl.Int64).cast(UTC_NS)
    return tables | {EQUITY: pl.DataFrame({"time": times, "equity": outcome.equity})}


def columns_of(table: pl.DataFrame, name: str, symbols: Sequence[str], tags: Sequence[str]) -> Columns:
    """The arrays that :func:`tables_of` wrote as the table of that name, bit for bit.

    Raises
    ------
    polars.exceptions.PolarsError : the table is not one of ours.
    """
    words = _words(symbols, tags)
    columns: Columns = {}
    for column in table.columns:
        series = table.get_column(column)
        role = _INSTRUMENT if column == "symbol" else column
        if role == "side":
            columns[role] = np.where((series == _SIDES[name][0]).to_numpy(), 1, -1).astype(np.int8)
        elif role in words:
            codes = series.cast(pl.Enum(words[role])).to_physical().cast(pl.Int64).fill_null(-1)
            columns[role] = codes.to_numpy().astype(_WIDTHS.get(role, np.int64))
        elif series.dtype == UTC_NS:
            columns[role] = series.cast(pl.Int64).to_numpy()
        else:
            columns[role] = series.to_numpy()
    return columns


def _written(columns: Columns, name: str, words: Mapping[str, Sequence[str]]) -> pl.DataFrame:
    table: dict[str, pl.Series] = {}
    for role, column in columns.items():
        series = pl.Series(column)
        if role == "side":
            positive, negative = _SIDES[name]
            series = pl.Series(np.where(column > 0, positive, negative), dtype=pl.Enum((positive, negative)))
        elif role in words:
            # A code without a word (an order that no tag names) is null.
            codes = series.cast(pl.Int64)
            series = pl.Series(words[role], dtype=pl.Enum(words[role])).gather(codes.set(codes < 0, None))
        elif role == "ts" or role.endswith("_ts"):
            series = series.cast(UTC_NS)
        table["symbol" if role == _INSTRUMENT else role] = series
    return pl.DataFrame(table)


def _words(symbols: Sequence[str], tags: Sequence[str]) -> dict[str, Sequence[str]]:
    return {_INSTRUMENT: symbols, "tag": tags, **_WORDS}
