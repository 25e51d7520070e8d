"""The page the figures are published on."""

from __future__ import annotations

import os
import platform
import time
from pathlib import Path

from benchmarks.bounds import Verdict, verdicts
from benchmarks.results import Figure

RESULTS = Path(__file__).with_name("RESULTS.md")

_HOW = """\
Every figure comes from processes of their own, and in each round ours and the peers take turns, so that a slow minute
of the machine hits all alike. A process loads its data, makes one call that is told apart (`first call`: compilation on
demand, first touch of memory), then 3 to 5 that count (backtrader: 1; at seconds a call it has nothing to warm up); its
figure is their median. The tables show the median over the processes and the least and most. `cpu` is processor time of
a call, `peak` the memory of a process up to the end of its first call, interpreter and data included. Every process
says how many trades it made and what it ended with; a wrong answer fails the run. Ratios are of time per bar within
this run; beside each stands the same ratio in processor time, which another program on the machine disturbs less. A `~`
marks figures most of whose processes had to wait for a core.

W1: averages of 10 and 30 bars cross, one unit, fills at the next open, 0.1 % fee, 1,000,000 one-minute bars (19,626
trades). W3: W1's entry with a stop 1 % below and a target 2 % above the fill (backtesting.py can take them only from
the signal's close: 3,751 trades instead of 3,747). W4: W1 on 100 symbols of 10,000 bars, ours on one account. W5: a
Python handler hears each of 1,000,000 trade ticks; an L2 book takes 5,000,000 level updates. W6: W1 and W3 as a plain
loop in C that keeps an equity curve ([floor.c](floor.c)). W7: 5,260,320 stored minutes to the columns the native loop
walks, beside Polars and DuckDB on the same files; 1,000,000 CSV rows into the store (checked, cut into months, forced
to the disk) beside Polars into one file; daily turnover of 100 symbols in SQL, beside DuckDB without the store. W8:
orders into the journal and its ledger, each on the disk before the next, beside bare commits of SQLite on that disk.
W9: all smart money structures of W1's bars, as facts and as the columns of smartmoneyconcepts, whose answer ours must
equal; its time grows faster than the bars, so it is given the first 20,000.
W10: from a closed bar to the orders it leads to, percentiles of 3,800 bars in one process: `bar to order` with the bar,
the verdicts and the orders on the disk, `trader alone` without a journal; W8 shows what one commit costs there.
W11: the same way in a served bot: 30 bars a second come over a pipe from another process, each leads to an order, and
what counts is the time from a bar's leaving there to its order's leaving here. A minute of it left alone and a minute
with 50 WebSocket listeners, each of which hears everything, and 200 requests a second take turns; the 99th percentile
is that of all processes' orders together, 9,000 a side, and beside the ratio stands where the bootstrap over processes
and their orders puts it in 95 of 100 cases. The bot is idle for most of the time between two bars, so that each finds
a core that sleeps and caches that are cold, alone as under load. Of an order's time, below the tables, `to the bot`
goes from the market's process over the pipe, the feed and the queue to the driver; `in the journal` are the statements
and the commits of the fill before it, of the bar and of the order itself; `in the bot` is the rest, decisions too.
The 99th percentile of `/bot` is that of the 9,000 requests for it under the same load.
`orders`: an order on every bar. `python` is a strategy whose `on_bar` is called on every bar, `rules` the same strategy
as conditions. Ours runs through `tradebot.backtest`.
Further peers, each in an environment of its own: `python -m benchmarks --peers basana --python basana=PATH`, and
`nautilus` likewise."""


def markdown(figures: dict[str, Figure], loads: tuple[float, float], notes: list[str]) -> str:
    """The whole page.

    Parameters
    ----------
    loads : least and most load average of the machine while it was measured.
    notes : what was left out, and why.
    """
    lines = [
        "# How fast it is",
        "",
        f"Written by `make bench` on {time.strftime('%Y-%m-%d', time.gmtime())}: {machine()}; load average",
        f"{loads[0]:.1f} to {loads[1]:.1f}, of which this run is 1.",
        "",
        "| promise | bound | measured | by cpu | |",
        "| --- | ---: | ---: | ---: | --- |",
        *map(_bound_row, verdicts(figures)),
        "",
        "| case | version | processes | median | least to most | first call | cpu | a second | peak MB |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
        *map(_figure_row, figures.values()),
        "",
        *(line for figure in figures.values() for line in _parts_lines(figure)),
        *(f"Note: {note}." for note in notes),
        *([""] if notes else []),
        "## How it is measured",
        "",
        _HOW,
        "",
    ]
    return "\n".join(lines)


def machine() -> str:
    """Cores, processor, system and Python of this machine."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        named = (line.split(":", 1)[1].strip() for line in cpuinfo.read_text().splitlines() if "model name" in line)
        model = next(named, model)
    return f"{os.cpu_count()} cores of {model}, {platform.system()}, Python {platform.python_version()}"


def bound_cells(verdict: Verdict) -> tuple[str, str, str, str, str]:
    """Promise, bound, measured, the same by processor time, and whether it is met."""
    bound = verdict.bound
    sign = "≥" if bound.at_least else "≤"
    by_cpu = "" if verdict.by_cpu is None else _number(verdict.by_cpu)
    between = "" if verdict.interval is None else f" ({' to '.join(map(_number, verdict.interval))})"
    return (
        bound.text,
        f"{sign} {_number(bound.limit)}",
        _number(verdict.value) + between,
        by_cpu,
        "met" if verdict.is_met else "not met",
    )


def figure_cells(figure: Figure) -> tuple[str, ...]:
    """Case, version, processes, median, spread, first call, cpu, rate and memory."""
    return (
        f"{figure.key}{' ~' if figure.is_noisy else ''}",
        figure.version,
        str(figure.processes),
        _seconds(figure.median_s),
        f"{_seconds(figure.least_s)} – {_seconds(figure.most_s)}",
        _seconds(figure.cold_s),
        _seconds(figure.cpu_s),
        f"{_many(figure.rate)} {figure.unit}" if figure.units > 1 else "",
        "" if figure.peak_mb is None else f"{figure.peak_mb:,.0f}",
    )


def _bound_row(verdict: Verdict) -> str:
    *cells, outcome = bound_cells(verdict)
    return f"| {' | '.join(cells)} | {outcome if verdict.is_met else f'**{outcome}**'} |"


def _figure_row(figure: Figure) -> str:
    return f"| {' | '.join(figure_cells(figure))} |"


def _parts_lines(figure: Figure) -> list[str]:
    told = [", ".join(f"{_seconds(value)} {name}" for name, value in of.items()) for of in figure.parts]
    names = ("the median order", "an order of the slowest hundredth")
    made = "; ".join(f"{name}: {each}" for name, each in zip(names, told, strict=False))
    return [f"{figure.key}, {made}.", ""] if told else []


def _number(value: float) -> str:
    return _many(value) if value >= 1000 else f"{value:.3g}"


def _many(value: float) -> str:
    return f"{value / 1e6:.3g} M" if value >= 1e6 else f"{value / 1e3:.3g} k"


def _seconds(value: float | None) -> str:
    if value is None:
        return ""
    if value < 0.01:
        return f"{value * 1e3:.2f} ms"
    return f"{value:.2f} s" if value >= 1 else f"{value * 1e3:.1f} ms"
