"""Runs measured processes one at a time and reads their figures."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import data
from benchmarks.workloads import Case

ROOT = Path(__file__).resolve().parents[1]
PEERS_PYTHON = Path(os.environ.get("TRADEBOT_BENCH_PYTHON", ROOT / ".venv-bench" / "bin" / "python"))
FLOOR_CALLS = "21"


class BenchmarkError(Exception):
    """A process failed, or its answer was wrong: then its time means nothing."""


def run(case: Case) -> dict[str, Any] | None:
    """Figures of one case; ``None`` where what it needs is not on this machine."""
    command = _command(case)
    if command is None:
        return None
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=900, check=False)
    if done.returncode:
        raise BenchmarkError(f"{case.key}: {done.stderr.strip().splitlines()[-1] if done.stderr else done.returncode}")
    figures = json.loads(done.stdout.strip().splitlines()[-1])
    if case.answer is not None:
        trades, equity = case.answer
        if figures["trades"] != trades or abs(figures["equity"] - equity) > 0.01:
            given = f"{figures['trades']} trades and {figures['equity']:.2f}"
            raise BenchmarkError(f"{case.key}: gave {given}, not {trades} and {equity}")
    return figures


def _command(case: Case) -> list[str] | None:
    if case.side == "floor":
        program = floor()
        return None if program is None else [str(program), case.module, str(_columns()), "1000000", FLOOR_CALLS]
    if case.side == "peer" and not PEERS_PYTHON.exists():
        return None
    interpreter = str(PEERS_PYTHON) if case.side == "peer" else sys.executable
    return [interpreter, "-m", case.module, *case.arguments]


def floor() -> Path | None:
    """The compiled floor; ``None`` without a C compiler."""
    compiler = shutil.which("cc")
    if compiler is None:
        return None
    data.CACHE.mkdir(exist_ok=True)
    program = data.CACHE / "floor"
    source = Path(__file__).with_name("floor.c")
    subprocess.run([compiler, "-O3", "-march=native", str(source), "-o", str(program)], check=True, timeout=60)
    return program


def _columns() -> Path:
    file = data.CACHE / "one.bin"
    if not file.exists():
        market = data.one()
        np.concatenate([market[name] for name in ("open", "high", "low", "close")]).tofile(file)
    return file


def command_line(name: str) -> dict[str, Any]:
    """Wall time of the whole ``tradebot`` process, as a user waits for it."""
    arguments = ["--help"]
    if name != "tradebot --help":
        arguments = ["backtest", "sma_cross", "--data", str(_year())]
    started = time.perf_counter()
    done = subprocess.run([sys.executable, "-m", "tradebot", *arguments], capture_output=True, timeout=60, check=False)
    wall = time.perf_counter() - started
    if done.returncode:
        raise BenchmarkError(f"{name}: exit code {done.returncode}")
    return {"run_s": wall, "units": 1, "version": ""}


def _year() -> Path:
    import polars as pl

    file = data.CACHE / "BTCUSDT-1m.parquet"
    if not file.exists():
        market = data.one()
        frame = pl.DataFrame({name: market[name][:525_600] for name in data.FIELDS})
        frame.with_columns(ts=pl.from_epoch("ts", time_unit="ns")).rename({"ts": "open_time"}).write_parquet(file)
    return file
