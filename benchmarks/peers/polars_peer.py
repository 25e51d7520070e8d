"""Polars alone on the files of the store: its columns as numpy, and a CSV file into one Parquet file."""

from __future__ import annotations

import sys

import numpy as np
import polars as pl

from benchmarks import data
from benchmarks.measure import report


def read() -> dict[str, float]:
    frame = pl.read_parquet(sorted(data.stored_files("TEN")), columns=list(data.FIELDS)).rechunk()
    columns = {name: frame.get_column(name).to_numpy() for name in data.FIELDS}
    return {"trades": len(columns["ts"]), "equity": float(np.sum(columns["close"]))}


def imported() -> dict[str, float]:
    frame = pl.read_csv(data.CACHE / "BTCUSDT-1m.csv", try_parse_dates=True)
    frame.write_parquet(data.CACHE / "imported.parquet", compression="zstd")
    return {"trades": frame.height, "equity": 0.0}


UNITS = {"read": data.TEN_YEARS, "import": data.MILLION}


def main(what: str, calls: int = 5) -> None:
    report({"read": read, "import": imported}[what], units=UNITS[what], calls=calls, version=pl.__version__)


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
