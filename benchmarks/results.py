"""From samples to a table: medians, ratios, and what became of the bounds."""

from __future__ import annotations

import os
import platform
import statistics
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.workloads import BOUNDS, Bound

RESULTS = Path(__file__).with_name("RESULTS.md")


@dataclass(frozen=True, slots=True)
class Figure:
    """One case over all its processes; times in seconds."""

    key: str
    processes: int
    median_s: float
    least_s: float
    most_s: float
    cold_s: float | None
    cpu_s: float | None
    peak_mb: float | None
    units: int
    version: str

    @property
    def rate(self) -> float:
        """Units a second."""
        return self.units / self.median_s

    def as_dict(self) -> dict[str, Any]:
        return asdict(self) | {"rate": self.rate}


@dataclass(frozen=True, slots=True)
class Verdict:
    """A bound and what was measured."""

    bound: Bound
    value: float

    @property
    def is_met(self) -> bool:
        return self.value >= self.bound.limit if self.bound.at_least else self.value <= self.bound.limit

    def as_dict(self) -> dict[str, Any]:
        return {"bound": self.bound.text, "limit": self.bound.limit, "value": self.value, "met": self.is_met}


def summarise(key: str, rows: list[dict[str, Any]]) -> Figure:
    """Median, least and most of a case's processes."""
    times = [row["run_s"] for row in rows]

    def median(name: str) -> float | None:
        known = [row[name] for row in rows if row.get(name) is not None]
        return statistics.median(known) if known else None

    return Figure(
        key=key,
        processes=len(rows),
        median_s=statistics.median(times),
        least_s=min(times),
        most_s=max(times),
        cold_s=median("cold_s"),
        cpu_s=median("cpu_s"),
        peak_mb=median("peak_mb"),
        units=rows[0]["units"],
        version=rows[0]["version"],
    )


def verdicts(figures: list[Figure]) -> list[Verdict]:
    """The bounds for which both figures were measured."""
    known = {figure.key: figure for figure in figures}
    found: list[Verdict] = []
    for bound in BOUNDS:
        first = known.get(bound.numerator)
        second = known.get(bound.denominator) if bound.denominator else None
        if first is None or (bound.denominator and second is None):
            continue
        found.append(Verdict(bound, _value(bound, first, second)))
    return found


def _value(bound: Bound, first: Figure, second: Figure | None) -> float:
    if second is not None:
        return (first.median_s / first.units) / (second.median_s / second.units)
    if bound.figure == "rate":
        return first.rate
    if bound.figure == "memory":
        return first.peak_mb or float("nan")
    return first.median_s


def markdown(figures: list[Figure]) -> str:
    """The whole page."""
    lines = [
        "# How fast it is",
        "",
        f"Measured {time.strftime('%Y-%m-%d', time.gmtime())} by `make bench` on {_machine()}.",
        "",
        "Every figure is of a process of its own; ours and the peers take turns. A process makes one call that is",
        "not counted (`cold`: imports and compilation on demand), then several that are; its figure is their",
        "median, and the table shows the median and the least and most over the processes. Every run's trade count",
        "and final equity are checked against the reference; a wrong answer is an error, not a figure. `cpu` is",
        "processor time of one call, `peak` the largest memory of the process.",
        "",
        "| | bound | measured | |",
        "| --- | ---: | ---: | --- |",
        *(_bound_row(verdict) for verdict in verdicts(figures)),
        "",
        "| case | processes | median | least – most | cold | cpu | units/s | peak MB | version |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |",
        *(_figure_row(figure) for figure in figures),
        "",
        "W1: averages of 10 and 30 cross, one unit, next-open fills, 0.1 % fee, 1,000,000 one-minute bars. W3:",
        "W1's entry with a 1 % stop and a 2 % target from the fill (backtesting.py takes them from the signal's",
        "close). W4: W1 over 100 symbols of 10,000 bars; ours on one account. W5: a Python handler on each of",
        "1,000,000 ticks; an order book through 5,000,000 level updates. `orders`: an order on every bar. The",
        "floor is `floor.c`.",
        "",
    ]
    return "\n".join(lines)


def _bound_row(verdict: Verdict) -> str:
    bound = verdict.bound
    sign = "≥" if bound.at_least else "≤"
    outcome = "met" if verdict.is_met else "**not met**"
    return f"| {bound.text} | {sign} {bound.limit:,.9g} | {verdict.value:,.4g} | {outcome} |"


def _figure_row(figure: Figure) -> str:
    def cell(value: float | None, form: str) -> str:
        return "" if value is None else format(value, form)

    spread = f"{_seconds(figure.least_s)} – {_seconds(figure.most_s)}"
    cold = "" if figure.cold_s is None else _seconds(figure.cold_s)
    cpu = "" if figure.cpu_s is None else _seconds(figure.cpu_s)
    rate = f"{figure.rate:,.0f}" if figure.units > 1 else ""
    return (
        f"| {figure.key} | {figure.processes} | {_seconds(figure.median_s)} | {spread} | {cold} | {cpu} | {rate} | "
        f"{cell(figure.peak_mb, ',.0f')} | {figure.version} |"
    )


def _seconds(value: float) -> str:
    return f"{value:.2f} s" if value >= 1 else f"{value * 1e3:.1f} ms"


def _machine() -> str:
    model = platform.processor() or platform.machine()
    try:
        with Path("/proc/cpuinfo").open() as lines:
            model = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), model)
    except OSError:
        pass
    return f"{os.cpu_count()} cores of {model}, {platform.system()}, Python {platform.python_version()}"
