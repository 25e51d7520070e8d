"""A run beside its repetition: the same to the bit, or what has changed and where the two part."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np
import polars as pl

from tradebot.research.formatting import write_time
from tradebot.research.runs.differences import Difference, differences
from tradebot.research.runs.fingerprint import market_prints
from tradebot.research.runs.provenance import provenance_of
from tradebot.research.runs.rows import tables_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tradebot.research.result import BacktestResult
    from tradebot.research.runs.inputs import Inputs
    from tradebot.research.runs.record import CodePrint, MarketPrint, RunRecord
    from tradebot.research.runs.store import RunStore

# Tables in the order a person asks about them, with the column that tells when a row was.
_MOMENTS: Final = {"trades": "exit_ts", "equity": "time", "orders": "created_ts", "fills": "ts"}


class Repetition(msgspec.Struct, frozen=True):
    """The verdict on a repeated run.

    Attributes
    ----------
    identical : whether every figure, fill, order and trade and the equity after every bar are the same to the bit.
    changed : what the run hangs on and is not as it was; may hold something even where the result is identical.
    parted : the first trade and the first equity that differ, then every figure that does.
    """

    identical: bool
    changed: tuple[Difference, ...]
    parted: tuple[Difference, ...]


def compare_repetition(store: RunStore, record: RunRecord, result: BacktestResult, inputs: Inputs) -> Repetition:
    """Hold a repeated run against the record it was made from.

    Parameters
    ----------
    result : of the repetition.
    inputs : what it was made of.

    Raises
    ------
    DataError : a table of the kept run is gone or damaged.
    """
    now = market_prints(result.outcome.bars, inputs)
    changed = [*_data_changes(record.data, now), *_code_changes(record.code, provenance_of(inputs.strategy).code)]
    fresh = tables_of(result.outcome)
    rows = [_first_row(store.table(record, name), fresh[name], name) for name in _MOMENTS]
    parted = [each for each in rows if each is not None]
    # A figure that is undefined is null in both; a figure only one version knows says nothing.
    told = msgspec.json.decode(msgspec.json.encode(result.to_dict() | {"id": str(record.id)}))
    parted += differences(record.result, told)
    return Repetition(not parted, tuple(changed), tuple(parted))


def _data_changes(was: Sequence[MarketPrint], now: Sequence[MarketPrint]) -> list[Difference]:
    before, after = ({each.symbol: each for each in prints} for prints in (was, now))
    if list(before) != list(after):
        return [Difference("markets", ", ".join(before), ", ".join(after))]
    changes: list[Difference] = []
    for symbol, print_was in before.items():
        print_now = after[symbol]
        if _bars_text(print_was) != _bars_text(print_now):
            changes.append(Difference(f"bars of {symbol}", _bars_text(print_was), _bars_text(print_now)))
        if print_was.funding_digest != print_now.funding_digest:
            texts = [f"{each.funding:,} payments {each.funding_digest[:8]}" for each in (print_was, print_now)]
            changes.append(Difference(f"funding of {symbol}", *texts))
        if print_was.finer_digest != print_now.finer_digest:
            texts = [f"{each.finer} {each.finer_digest[:8]}".strip() or "none" for each in (print_was, print_now)]
            changes.append(Difference(f"finer bars of {symbol}", *texts))
        rules = differences(print_was.instrument, print_now.instrument)
        changes += [Difference(f"{each.what} of {symbol}", each.was, each.now) for each in rules]
    return changes


def _bars_text(market: MarketPrint) -> str:
    span = f"{write_time(market.first)} to {write_time(market.last)}"
    return f"{market.rows:,} bars of {market.interval}, {span}, {market.digest[:8]}"


def _code_changes(was: CodePrint, now: CodePrint) -> list[Difference]:
    changes = differences(was.versions, now.versions)
    for what, before, after in (
        ("source of tradebot", was.package_digest, now.package_digest),
        ("native core", was.engine_digest, now.engine_digest),
        ("source of the strategy", was.strategy_digest, now.strategy_digest),
    ):
        if before != after:
            changes.append(Difference(what, before[:8] or "none", after[:8] or "none"))
    return changes


def _first_row(was: pl.DataFrame, now: pl.DataFrame, name: str) -> Difference | None:
    """The first row in which two tables differ by a bit; the number of rows where one merely goes on."""
    shared = min(len(was), len(now))
    firsts = {
        column: int(np.argmax(unlike))
        for column in was.columns
        if column in now.columns and bool((unlike := _bits(was[column][:shared]) != _bits(now[column][:shared])).any())
    }
    if firsts:
        column, row = min(firsts.items(), key=lambda item: item[1])
        moment = write_time(was[_MOMENTS[name]].cast(pl.Int64)[row])
        what = f"{name.removesuffix('s')} {row + 1:,} at {moment}, {column}"
        return Difference(what, str(was[column][row]), str(now[column][row]))
    if len(was) != len(now):
        return Difference(f"rows of {name}", f"{len(was):,}", f"{len(now):,}")
    return None


def _bits(series: pl.Series) -> NDArray[np.generic]:
    """Values that are equal exactly where every bit is."""
    if series.dtype == pl.Float64:
        return series.to_numpy().view(np.int64)
    if series.dtype.is_numeric() or series.dtype.is_temporal():
        return series.cast(pl.Int64).to_numpy()
    return series.cast(pl.String).fill_null("").to_numpy()
