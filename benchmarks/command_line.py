"""The ``tradebot`` command as a user waits for it: the whole process."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from benchmarks import data
from benchmarks.processes import finished, load_average
from benchmarks.results import Sample
from benchmarks.workloads import HELP

YEAR_BARS = 525_600


def run(name: str) -> Sample:
    """Wall time of one process.

    Raises
    ------
    BenchmarkError : the command failed.
    """
    command = [*_tradebot(), *(["--help"] if name == HELP else ["backtest", "sma_cross", "--data", str(_year())])]
    load, processor, started = load_average(), _children_s(), time.perf_counter()
    # A run is kept as a user's is, though not among the user's.
    finished(name, command, data.CACHE, {"TRADEBOT_HOME": str(data.CACHE / "home")})
    wall = time.perf_counter() - started
    return {"run_s": wall, "cpu_s": _children_s() - processor, "units": 1, "version": "", "load": load}


def _children_s() -> float:
    """Processor time of all finished processes that this one started."""
    times = os.times()
    return times.children_user + times.children_system


def _tradebot() -> list[str]:
    script = Path(sys.executable).with_name("tradebot")
    return [str(script)] if script.exists() else [sys.executable, "-m", "tradebot"]


def _year() -> Path:
    import polars as pl

    file = data.CACHE / "BTCUSDT-1m.parquet"
    if not file.exists():
        market = data.one(YEAR_BARS)
        frame = pl.DataFrame({"open_time" if name == "ts" else name: market[name] for name in data.FIELDS})
        frame.with_columns(pl.from_epoch("open_time", time_unit="ns")).write_parquet(file)
    return file
