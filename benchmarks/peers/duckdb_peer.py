"""DuckDB alone on the files of the store: its columns as numpy, and a question over a hundred symbols."""

from __future__ import annotations

import sys

import duckdb
import numpy as np

from benchmarks import data
from benchmarks.measure import report

QUESTION = """\
SELECT count(*) AS days, sum(turnover) / sum(volume) AS price FROM (
  SELECT symbol, time_bucket(INTERVAL 1 DAY, make_timestamp_ns(ts)) AS day, sum(close * volume) AS turnover,
         sum(volume) AS volume
  FROM read_parquet(?, hive_partitioning = true) WHERE symbol <> 'TEN' GROUP BY ALL)"""


def read() -> dict[str, float]:
    # Without an order: the months are in order, and sorting would cost it twice the time.
    scan = f"SELECT {', '.join(data.FIELDS)} FROM read_parquet(?)"
    with duckdb.connect() as connection:
        columns = connection.execute(scan, [sorted(map(str, data.stored_files("TEN")))]).fetchnumpy()
    return {"trades": len(columns["ts"]), "equity": float(np.sum(columns["close"]))}


def asked() -> dict[str, float]:
    with duckdb.connect() as connection:
        row = connection.execute(QUESTION, [sorted(map(str, data.stored_files("*")))]).fetchall()[0]
    return {"trades": row[0], "equity": round(row[1], 4)}


UNITS = {"read": data.TEN_YEARS, "sql": data.SYMBOLS * data.SYMBOL_BARS}


def main(what: str, calls: int = 5) -> None:
    report({"read": read, "sql": asked}[what], units=UNITS[what], calls=calls, version=duckdb.__version__)


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
