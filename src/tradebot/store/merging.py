"""New rows into stored ones: what is added, what is changed, and what was there already."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

if TYPE_CHECKING:
    import polars as pl


class Written(msgspec.Struct, frozen=True):
    """What a write did.

    Parameters
    ----------
    added : rows at times that held none.
    replaced : rows whose stored values differed and gave way.
    same : rows that were there already.
    """

    added: int = 0
    replaced: int = 0
    same: int = 0

    def __add__(self, other: Written) -> Written:
        return Written(self.added + other.added, self.replaced + other.replaced, self.same + other.same)


class Merge(NamedTuple):
    """Rows of both, what that did, and the time of the first row that gave way (``None`` where none did)."""

    frame: pl.DataFrame
    written: Written
    first_replaced: int | None


def merge_rows(old: pl.DataFrame, new: pl.DataFrame, *, tolerance: float = 0.0) -> Merge:
    """Put rows among stored ones, one row a time; both are sorted and have the same columns.

    Parameters
    ----------
    tolerance : relative difference of two values up to which the stored one stands and counts as the same.

    Where both know a value and differ, the new row stands whole; otherwise each fills what the other does not know,
    so that bars without a number of trades do not wipe out one that was stored.
    """
    import polars as pl

    names = [name for name in new.columns if name != "ts"]
    stored, given = old.with_columns(stored=pl.lit(value=True)), new.with_columns(given=pl.lit(value=True))
    both = stored.join(given, on="ts", how="full", coalesce=True, suffix="_new").sort("ts")
    # A value that one side does not know contradicts nothing.
    differs = pl.any_horizontal(_differ(name, tolerance).fill_null(value=False) for name in names)
    both = both.with_columns(differs=differs, stored=pl.col("stored").fill_null(value=False))
    replaced = both.get_column("differs")
    count, added = int(replaced.sum()), int((~both.get_column("stored")).sum())
    frame = both.select(
        "ts",
        *(
            pl.when(pl.col("differs"))
            .then(pl.col(f"{name}_new"))
            .otherwise(pl.coalesce(name, f"{name}_new"))
            .alias(name)
            for name in names
        ),
    )
    first = int(both.get_column("ts")[int(replaced.arg_max() or 0)]) if count else None
    return Merge(frame, Written(added, count, new.height - added - count), first)


def _differ(name: str, tolerance: float) -> pl.Expr:
    import polars as pl

    old, new = pl.col(name), pl.col(f"{name}_new")
    # Written so that NaN, which no comparison holds for, is the same as NaN alone.
    return old.ne(new) & ~((old - new).abs() <= tolerance * pl.max_horizontal(old.abs(), new.abs()))


def replace_span(old: pl.DataFrame, new: pl.DataFrame, first: int, last: int) -> Merge:
    """Put rows in place of every stored one of ``first <= ts <= last``; several rows may share a time."""
    import polars as pl

    between = old.filter(pl.col("ts").is_between(first, last))
    frame = pl.concat([old.filter(pl.col("ts") < first), new, old.filter(pl.col("ts") > last)])
    if between.equals(new):
        return Merge(frame, Written(same=new.height), None)
    gone = between.height
    return Merge(frame, Written(max(new.height - gone, 0), gone), first if gone else None)
