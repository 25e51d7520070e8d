"""What the figures are held against."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from benchmarks.percentiles import ratio_interval
from benchmarks.results import Figure
from benchmarks.workloads import HELP, YEAR


@dataclass(frozen=True, slots=True)
class Bound:
    """A promise about one figure, or about the ratio of two.

    Attributes
    ----------
    text : what is promised.
    of, over : keys of the figures; with ``over``, their ratio of time for a unit counts.
    limit, at_least : the bound and its direction.
    figure : without ``over``: ``rate`` (units a second), ``memory`` (MB) or ``wall`` (seconds).
    """

    text: str
    of: str
    over: str | None
    limit: float
    at_least: bool
    figure: str = "ratio"


def _faster(ours: str, than: str, times: float) -> Bound:
    return Bound(f"{ours}: at least {times:g} x as fast as {than[3:]}", than, ours, times, at_least=True)


def _flat(large: str, small: str) -> Bound:
    return Bound(f"{large}: a unit costs at most 1.5 x that of {small}", large, small, 1.5, at_least=False)


def _at_most(ours: str, than: str, times: float) -> Bound:
    return Bound(f"{ours}: at most {times:g} x the time of {than[3:]}", ours, than, times, at_least=False)


BOUNDS = (
    _faster("W1 python", "W1 backtesting.py", 10),
    _faster("W1 python", "W1 backtrader, 100,000 bars", 100),
    _faster("W1 rules", "W1 vectorbt", 12),
    Bound("W1 rules: within 5 x of the floor in C", "W1 rules", "W1 floor in C", 5, at_least=False),
    _faster("W3 python", "W3 backtesting.py", 8),
    _faster("W3 rules", "W3 vectorbt", 6),
    _faster("W4 rules", "W4 vectorbt", 6),
    Bound("W5: ticks a second to a Python handler", "W5 ticks to Python", None, 1.5e6, True, "rate"),
    Bound("W5: L2 book updates a second", "W5 book updates", None, 5e6, True, "rate"),
    Bound("W1 python: peak memory of one call, MB", "W1 python", None, 250, False, "memory"),
    Bound("W1 rules: peak memory of one call, MB", "W1 rules", None, 250, False, "memory"),
    _flat("bars: W1 python, 10,000,000", "bars: W1 python, 100,000"),
    _flat("orders: 200,000 market", "orders: 20,000 market"),
    _flat("orders: 200,000 resting limits", "orders: 20,000 resting limits"),
    _at_most("W7 store to columns", "W7 polars to columns", 1.3),
    _at_most("W7 store to columns", "W7 duckdb to columns", 1.3),
    _at_most("W7 import of a CSV file", "W7 polars, CSV to Parquet", 2),
    Bound(
        "W8 durable journal entries: at least half the rate of sqlite commits",
        "W8 sqlite commits",
        "W8 durable journal entries",
        0.5,
        at_least=True,
    ),
    Bound("W9: facts of 1,000,000 bars, seconds", "W9 facts, 1,000,000 bars", None, 2, False, "wall"),
    Bound("W9: the package's columns of 1,000,000 bars, seconds", "W9 columns, 1,000,000 bars", None, 2, False, "wall"),
    _faster("W9 columns, 20,000 bars", "W9 smartmoneyconcepts, 20,000 bars", 40),
    Bound(
        "W11: 50 listeners and 200 requests a second change the p99 of bar to order by less than a tenth",
        "W11 bar to order, under load",
        "W11 bar to order",
        1.1,
        at_least=False,
    ),
    Bound("W11: p99 of /bot under that load, seconds", "W11 /bot, under load", None, 0.05, False, "wall"),
    Bound("W11: memory grown in 40 s of it, MB", "W11 bar to order, under load", None, 4, False, "memory"),
    Bound(f"{HELP}, seconds", HELP, None, 0.2, False, "wall"),
    Bound("tradebot backtest of a year of minutes, seconds", YEAR, None, 1.5, False, "wall"),
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """A bound and what was measured.

    Attributes
    ----------
    by_cpu : a ratio's value in processor time, which a busy machine spares.
    interval : where a ratio of 99th percentiles lies in 95 of 100 cases.
    """

    bound: Bound
    value: float
    by_cpu: float | None = None
    interval: tuple[float, float] | None = None

    @property
    def is_met(self) -> bool:
        return self.value >= self.bound.limit if self.bound.at_least else self.value <= self.bound.limit

    def as_dict(self) -> dict[str, Any]:
        return {
            **asdict(self.bound),
            "value": self.value,
            "by_cpu": self.by_cpu,
            "interval": self.interval,
            "met": self.is_met,
        }


def verdicts(figures: dict[str, Figure]) -> list[Verdict]:
    """The bounds whose figures were all measured."""
    return [_verdict(bound, figures) for bound in BOUNDS if {bound.of, bound.over} - {None} <= figures.keys()]


def _verdict(bound: Bound, figures: dict[str, Figure]) -> Verdict:
    of = figures[bound.of]
    if bound.over is not None:
        over = figures[bound.over]
        by_cpu = of.cpu_s / of.units / (over.cpu_s / over.units) if of.cpu_s and over.cpu_s else None
        interval = ratio_interval(of.times, over.times) if of.times and over.times else None
        return Verdict(bound, of.median_s / of.units / (over.median_s / over.units), by_cpu, interval)
    values = {"rate": of.rate, "memory": of.peak_mb or float("nan"), "wall": of.median_s}
    return Verdict(bound, values[bound.figure])
