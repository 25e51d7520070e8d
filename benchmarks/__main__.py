"""``python -m benchmarks [--only W1,W3] [--runs 5] [--peers ...] [--json FILE]``."""

from __future__ import annotations

import argparse
import json
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress

from benchmarks.processes import BenchmarkError, command_line, run
from benchmarks.results import RESULTS, Figure, markdown, summarise, verdicts
from benchmarks.workloads import CASES, Case

COMMANDS = ("tradebot --help", "tradebot backtest, 525,600 bars")
SLOW_RUNS = {
    "W1 backtrader, 100,000 bars": 3,
    "bars: W1 python, 10,000,000": 3,
    "W1 backtesting.py": 3,
    "W3 backtesting.py": 3,
}


def main() -> int:
    """Measure, print, and write the table; exit code 1 where an answer was wrong."""
    options = _options()
    groups = {group.strip() for group in options.only.split(",")} if options.only else set()
    cases = [case for case in CASES if _wanted(case, groups, options.peers)]
    console = Console(stderr=True)
    samples: dict[str, list[dict[str, Any]]] = defaultdict(list)
    try:
        with Progress(console=console) as progress:
            task = progress.add_task("measuring", total=options.runs * (len(cases) + len(COMMANDS)))
            for number in range(options.runs):
                # Ours and the peers take turns, so that a slow minute of the machine hits all alike.
                for case in cases:
                    progress.update(task, description=case.key, advance=1)
                    if number < SLOW_RUNS.get(case.key, options.runs) and (figures := run(case)) is not None:
                        samples[case.key].append(figures)
                for name in COMMANDS if not groups or "scale" in groups else ():
                    progress.update(task, description=name, advance=1)
                    samples[name].append(command_line(name))
    except BenchmarkError as error:
        console.print(f"[red]{error}[/]")
        return 1
    figures = [summarise(key, rows) for key, rows in samples.items()]
    table = markdown(figures)
    print(table)
    if options.json:
        Path(options.json).write_text(json.dumps(_document(figures), indent=2) + "\n")
    if not groups:
        RESULTS.write_text(table)
        console.print(f"Written: {RESULTS}")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", default="", help="workloads, e.g. W1,W3,W4,W5,scale")
    parser.add_argument("--runs", type=int, default=5, help="processes for each figure")
    parser.add_argument(
        "--peers", default="vectorbt,backtesting,backtrader", help="peers to measure; none for ours alone"
    )
    parser.add_argument("--json", help="file for the figures")
    return parser.parse_args()


def _wanted(case: Case, groups: set[str], peers: str) -> bool:
    if groups and case.group not in groups:
        return False
    return case.side != "peer" or any(name and name in case.module for name in peers.split(","))


def _document(figures: list[Figure]) -> dict[str, Any]:
    return {
        "figures": {figure.key: figure.as_dict() for figure in figures},
        "bounds": [verdict.as_dict() for verdict in verdicts(figures)],
    }


if __name__ == "__main__":
    sys.exit(main())
