"""W7: the store; ``python -m benchmarks.ours.store read|import|sql [CALLS]``."""

from __future__ import annotations

import shutil
import sys

import numpy as np
from tradebot_native import MarketData

import tradebot
from benchmarks import data
from benchmarks.measure import Answer, report
from benchmarks.ours import market
from benchmarks.ours.library import csv, library
from tradebot.core.interval import Interval
from tradebot.store.importing import import_file
from tradebot.store.library import Library
from tradebot.store.query import query

MINUTE = Interval.parse("1m")
QUESTION = """\
SELECT count(*) AS days, sum(turnover) / sum(volume) AS price FROM (
  SELECT symbol, time_bucket(INTERVAL 1 DAY, time) AS day, sum(close * volume) AS turnover, sum(volume) AS volume
  FROM bars WHERE symbol <> 'TEN' GROUP BY ALL)"""


def read() -> Answer:
    """Ten years of minutes to the columns the native loop walks."""
    bars = library().bars.read(market.instrument("TEN"), MINUTE)
    MarketData(bars.ts, MINUTE.ns, bars.open, bars.high, bars.low, bars.close, bars.volume)
    return {"trades": len(bars), "equity": float(np.sum(bars.close))}


def imported() -> Answer:
    """A CSV file into an empty store, checked, cut into months and forced to the disk."""
    folder = data.CACHE / "imported"
    shutil.rmtree(folder, ignore_errors=True)
    done = import_file(Library(folder), csv())[0]
    return {"trades": done.written.added, "equity": float(len(done.faults))}


def asked() -> Answer:
    """Daily turnover of a hundred symbols."""
    answer = query(library(), QUESTION)
    return {"trades": int(answer["days"][0]), "equity": round(float(answer["price"][0]), 4)}


UNITS = {"read": data.TEN_YEARS, "import": data.MILLION, "sql": data.SYMBOLS * data.SYMBOL_BARS}


def main(what: str, calls: int = 5) -> None:
    call = {"read": read, "import": imported, "sql": asked}[what]
    report(call, units=UNITS[what], calls=calls, version=tradebot.__version__)


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
