"""What every measured process does: one warm-up call, timed calls, one JSON line."""

from __future__ import annotations

import json
import resource
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any


def report(call: Callable[[], dict[str, Any]], *, units: int, calls: int = 5, version: str = "") -> None:
    """Time ``call`` and print the figures; its answer (trades, equity) is printed with them.

    The first call is reported as ``cold_s``; the median of the others as ``run_s``.
    """
    cold, answer = _timed(call)
    processor = time.process_time()
    times = [_timed(call)[0] for _ in range(calls)] or [cold]
    spent = (time.process_time() - processor) / max(calls, 1)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    figures = {
        "run_s": statistics.median(times),
        "cold_s": cold,
        "cpu_s": spent if calls else None,
        "peak_mb": peak,
        "units": units,
        "version": version,
    }
    json.dump(figures | answer, sys.stdout)
    print(flush=True)


def _timed(call: Callable[[], dict[str, Any]]) -> tuple[float, dict[str, Any]]:
    started = time.perf_counter()
    answer = call()
    return time.perf_counter() - started, answer
