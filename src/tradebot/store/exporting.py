"""Bars out of the store into files, written whole or not at all."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tradebot.core.errors import DataError
from tradebot.store.durable import make_folder, storage_errors, write_durably

if TYPE_CHECKING:
    import polars as pl

    from tradebot.core.bar import BarArray

EXPORT_SUFFIXES: Final = (".csv", ".parquet", ".feather", ".json", ".jsonl")


def export_bars(bars: BarArray, path: Path) -> None:
    """Write bars as CSV, Parquet, Feather, JSON or JSON lines, by the file's name; an older file is replaced.

    The columns are ``time`` (UTC; ISO 8601 text in CSV and JSON), open, high, low, close, volume, and trades and vwap
    where they are known. :func:`tradebot.store.files.read_bars` gives the same bars back, to the bit.

    Raises
    ------
    DataError : the name has another end, or the file cannot be written.
    """
    check_suffix(path)
    content = io.BytesIO()
    frame, suffix = _frame(bars), path.suffix.lower()
    if suffix == ".parquet":
        frame.write_parquet(content, compression="zstd")
    elif suffix == ".feather":
        frame.write_ipc(content, compression="zstd")
    else:
        frame = _as_text(frame)
        if suffix == ".csv":
            frame.write_csv(content)
        elif suffix == ".json":
            frame.write_json(content)
        else:
            frame.write_ndjson(content)
    with storage_errors(path):
        make_folder(path.parent)
        write_durably(path, content.getvalue())


def check_suffix(path: Path) -> None:
    """Refuse a file name that tells no format, before anything is read."""
    if path.suffix.lower() not in EXPORT_SUFFIXES:
        fact = f'"{path.name}" tells no format'
        raise DataError(fact, place="export", mend=f"Let the name end in one of {', '.join(EXPORT_SUFFIXES)}.")
    if path.is_dir():
        raise DataError("is a folder", place=str(path), mend="Give the name of a file in it.")


def _frame(bars: BarArray) -> pl.DataFrame:
    import polars as pl

    frame = pl.DataFrame(bars.columns())
    return frame.with_columns(pl.col("ts").cast(pl.Datetime("ns", "UTC")).alias("time")).select(
        "time", *(name for name in frame.columns if name != "ts")
    )


def _as_text(frame: pl.DataFrame) -> pl.DataFrame:
    """Times as ISO 8601 in UTC, with as many decimals as they need; NaN as nothing, for JSON has no word for it."""
    import polars as pl

    whole = (frame.get_column("time").dt.nanosecond() == 0).all()
    form = "%Y-%m-%dT%H:%M:%SZ" if whole else "%Y-%m-%dT%H:%M:%S%.9fZ"
    frame = frame.with_columns(pl.col("time").dt.strftime(form))
    return frame.with_columns(pl.col("vwap").fill_nan(None)) if "vwap" in frame.columns else frame
