"""The store of the benchmarks, made once: ten years of minutes, a hundred symbols, and a CSV file to import."""

from __future__ import annotations

from pathlib import Path

from benchmarks import data
from benchmarks.ours import market
from tradebot.store.bars import ParquetBarStore
from tradebot.store.library import Library


def library() -> Library:
    """The store; filled by running this module."""
    return Library(data.CACHE / "library")


def csv() -> Path:
    """1,000,000 one-minute bars as people export them."""
    return data.CACHE / "BTCUSDT-1m.csv"


def _fill(store: ParquetBarStore) -> None:
    store.write(market.bars(data.one(data.TEN_YEARS), "TEN"))
    for number, columns in enumerate(data.many()):
        store.write(market.bars(columns, f"S{number}"))


def _write_csv(file: Path) -> None:
    import polars as pl

    columns = data.one()
    frame = pl.DataFrame({"time" if name == "ts" else name: columns[name] for name in data.FIELDS})
    frame.with_columns(pl.from_epoch("time", time_unit="ns").dt.strftime("%Y-%m-%d %H:%M:%S")).write_csv(file)


if __name__ == "__main__":
    bars = library().bars
    if len(bars.series()) < 1 + data.SYMBOLS:
        _fill(bars)
    if not csv().exists():
        _write_csv(csv())
