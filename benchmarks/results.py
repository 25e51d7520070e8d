"""From the figures of single processes to one figure a case."""

from __future__ import annotations

import os
import statistics
from dataclasses import asdict, dataclass
from typing import Any

from benchmarks.percentiles import Times, p99

Sample = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Figure:
    """One case over all its processes; times in seconds, medians unless their names say otherwise.

    Attributes
    ----------
    cold_s : the first call of a process.
    peak_mb : memory of a process that makes one call.
    parts : what a time is made of, seconds by name: of the median one, and of the slowest hundredth.
    times : where the figure is a 99th percentile, what it is one of, by process; of all of them together it is made.
    is_noisy : most of the processes had to wait for a core.
    """

    key: str
    processes: int
    median_s: float
    least_s: float
    most_s: float
    cold_s: float | None
    cpu_s: float | None
    peak_mb: float | None
    units: int
    unit: str
    version: str
    is_noisy: bool
    parts: tuple[dict[str, float], ...] = ()
    times: Times = ()

    @property
    def rate(self) -> float:
        """Units a second."""
        return self.units / self.median_s

    def as_dict(self) -> dict[str, Any]:
        told = {name: value for name, value in asdict(self).items() if name != "times"}
        return told | {"rate": self.rate, "measured": sum(map(len, self.times))}


def summarise(key: str, samples: list[Sample], unit: str) -> Figure:
    """The figure of a case's processes."""
    times = [sample["run_s"] for sample in samples]

    def median(name: str) -> float | None:
        known = [sample[name] for sample in samples if sample.get(name) is not None]
        return statistics.median(known) if known else None

    measured = [sample["times"] for sample in samples if "times" in sample]
    return Figure(
        key=key,
        processes=len(samples),
        median_s=p99(measured) if measured else statistics.median(times),
        least_s=min(times),
        most_s=max(times),
        cold_s=median("cold_s"),
        cpu_s=median("cpu_s"),
        peak_mb=median("peak_mb"),
        units=samples[0]["units"],
        unit=unit,
        version=samples[0]["version"],
        is_noisy=sum(map(_waited, samples)) * 2 > len(samples),
        parts=_parts(samples),
        times=measured,
    )


def _parts(samples: list[Sample]) -> tuple[dict[str, float], ...]:
    """Means over the processes."""
    told = zip(*(sample["parts"] for sample in samples if "parts" in sample), strict=True)
    return tuple({name: statistics.mean(each[name] for each in of) for name in of[0]} for of in told)


def _waited(sample: Sample) -> bool:
    """Whether other programs kept the process waiting: more time passed than it computed, or none was left for it."""
    cpu = sample.get("cpu_s")
    return bool(cpu and sample["run_s"] > 1.15 * cpu) or sample["load"] > (os.cpu_count() or 1)
