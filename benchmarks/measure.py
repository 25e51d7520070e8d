"""What every measured process does: a first call, then timed calls, then one line of JSON."""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

Answer = dict[str, float]


def report(call: Callable[[], Answer], *, units: int, calls: int, version: str) -> None:
    """Time ``call`` and print its figures.

    Parameters
    ----------
    call : the work, with its data already loaded; gives its ``trades`` and ``equity``, the same each time.
    units : bars, ticks, updates or orders in one call.
    calls : calls to take the median of, after a first one that is told apart (``cold_s``); with 0 the first counts.
    version : of what is measured.
    """
    cold_s, cold_cpu_s, answer = _timed(call)
    peak_mb = peak_memory_mb()
    walls, processor = [cold_s], [cold_cpu_s]
    for number in range(calls):
        wall, cpu, again = _timed(call)
        if again != answer:
            raise AssertionError(f"call {number + 2} answered {again}, the first one {answer}")
        walls.append(wall)
        processor.append(cpu)
    counted = slice(1 if calls else 0, None)
    figures = {
        "run_s": statistics.median(walls[counted]),
        "cold_s": cold_s,
        "cpu_s": statistics.median(processor[counted]),
        "peak_mb": peak_mb,
        "units": units,
        "version": version,
    }
    json.dump(figures | answer, sys.stdout)
    print(flush=True)


def report_time(seconds: float, answer: Answer, *, version: str) -> None:
    """Print a time that was measured inside the call, such as a percentile of many."""
    json.dump({"run_s": seconds, "peak_mb": peak_memory_mb(), "units": 1, "version": version} | answer, sys.stdout)
    print(flush=True)


def peak_memory_mb() -> float:
    """The most memory this process has held so far, interpreter and data included."""
    # Not ru_maxrss where it can be helped: on Linux it begins with the size of the process that started this one.
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
        return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))
    except OSError:
        import resource

        bytes_a_unit = 1 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * bytes_a_unit / 2**20


def _timed(call: Callable[[], Answer]) -> tuple[float, float, Answer]:
    processor, started = time.process_time(), time.perf_counter()
    answer = call()
    return time.perf_counter() - started, time.process_time() - processor, answer
