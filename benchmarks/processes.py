"""Runs measured processes one at a time, each in its own interpreter, and checks what they answer."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import numpy as np

from benchmarks import data
from benchmarks.results import Sample
from benchmarks.workloads import FLOOR, LIBRARIES, OURS, Case

ROOT = Path(__file__).resolve().parents[1]
PEERS_PYTHON = ROOT / ".venv-bench" / "bin" / "python"
FLOOR_CALLS = "21"
TIMEOUT_S = 900


class BenchmarkError(Exception):
    """A process failed, or its answer was wrong: then its time means nothing."""


class Machine:
    """What runs each side: our interpreter, the peers' and the C compiler.

    Parameters
    ----------
    pythons : interpreters of single peers, by name; the others share the one that ``make bench`` sets up.
    """

    def __init__(self, pythons: Mapping[str, Path]) -> None:
        self._pythons = pythons
        self._floor = compiled_floor()

    def missing(self, by: str) -> str:
        """Why a side cannot run here; empty when it can."""
        if by == FLOOR:
            return "" if self._floor else "the floor in C is left out: there is no C compiler (cc)"
        python = self._python(by)
        if not python.exists():
            return f"{by} is left out: {python} does not exist; make bench sets it up"
        imports = [str(python), "-c", f"import {_package(by)}"]
        if by != OURS and subprocess.run(imports, check=False, capture_output=True).returncode:
            return f"{by} is left out: it cannot be imported by {python}; name one that can: --python {by}=PATH"
        return ""

    def run(self, case: Case) -> Sample:
        """Figures of one process of a case.

        Raises
        ------
        BenchmarkError : the process failed, or its answer is wrong.
        """
        load = load_average()
        # The peers see nothing of ours but this package.
        path = [str(ROOT), *([os.environ.get("PYTHONPATH", "")] if case.by == OURS else [])]
        output = finished(case.key, self._command(case), ROOT, {"PYTHONPATH": os.pathsep.join(filter(None, path))})
        sample = json.loads(output.strip().splitlines()[-1])
        _check(case, sample)
        return sample | {"load": load}

    def _python(self, by: str) -> Path:
        return Path(sys.executable) if by in (OURS, *LIBRARIES) else self._pythons.get(by, PEERS_PYTHON)

    def _command(self, case: Case) -> list[str]:
        if case.by == FLOOR:
            return [str(self._floor), *case.command, str(_columns()), str(data.MILLION), FLOOR_CALLS]
        return [str(self._python(case.by)), "-m", *case.command]


def finished(key: str, command: list[str], folder: Path, settings: Mapping[str, str] = MappingProxyType({})) -> str:
    """What a process printed.

    Raises
    ------
    BenchmarkError : it failed, or took too long.
    """
    # Kept bytecode is how the programs are installed; without it each start would compile their sources anew.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment.update(settings)
    try:
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, timeout=TIMEOUT_S, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise BenchmarkError(f"{key}: no answer within {TIMEOUT_S} s") from error
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
        raise BenchmarkError(f"{key}: {lines[-1]}")
    return done.stdout


def load_average() -> float:
    """Programs that want a core, over the last minute; 0 where the system does not count them."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0


def compiled_floor() -> Path | None:
    """The floor, compiled for this machine; ``None`` without a C compiler."""
    compiler = shutil.which("cc")
    if compiler is None:
        return None
    data.CACHE.mkdir(exist_ok=True)
    program, source = data.CACHE / "floor", Path(__file__).with_name("floor.c")
    subprocess.run([compiler, "-O3", "-march=native", str(source), "-o", str(program)], check=True, timeout=60)
    return program


def _package(by: str) -> str:
    return "nautilus_trader" if by == "nautilus" else by


def _columns() -> Path:
    """The market of W1 as the floor reads it."""
    file = data.CACHE / "one.bin"
    if not file.exists():
        market = data.one()
        np.concatenate([market[name] for name in ("open", "high", "low", "close")]).tofile(file)
    return file


def _check(case: Case, sample: Sample) -> None:
    trades, equity = case.answer
    if sample["trades"] != trades or abs(sample["equity"] - equity) > case.tolerance:
        given = f"{sample['trades']:,} trades and {sample['equity']:,.2f}"
        raise BenchmarkError(f"{case.key}: answered {given}, not {trades:,} and {equity:,.2f}")
