"""``python -m benchmarks``: our engine and its peers, side by side in one run."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from benchmarks import command_line, workloads
from benchmarks.bounds import verdicts
from benchmarks.page import RESULTS, machine, markdown
from benchmarks.processes import ROOT, BenchmarkError, Machine
from benchmarks.results import Figure, Sample, summarise
from benchmarks.terminal import show

Measurement = Callable[[], Sample]


def main() -> int:
    """Measure, print, and write what was asked for; exit code 1 where a process failed or answered wrongly."""
    options = _options()
    console = Console(stderr=bool(options.json == "-"))
    for prepared in ("benchmarks.data", "benchmarks.ours.library"):
        subprocess.run([sys.executable, "-m", prepared], cwd=ROOT, check=True)
    chosen, notes = _chosen(options)
    for note in notes:
        console.print(f"[yellow]{note}[/]")
    most = {case.key: case.most for case in workloads.CASES}
    runs = {key: min(options.runs, most.get(key, options.runs)) for key in chosen}
    samples, failures = _measure(chosen, runs, console)
    units = {case.key: case.unit for case in workloads.CASES}
    figures = {key: summarise(key, rows, units.get(key, "")) for key, rows in samples.items()}
    show(console, figures)
    for failure in failures:
        console.print(f"[red]{failure}[/]", highlight=False)
    if options.json:
        _write_json(options.json, figures, failures)
    if not (options.only or failures) and set(workloads.USUAL_PEERS) <= options.peers:
        loads = [sample["load"] for rows in samples.values() for sample in rows]
        RESULTS.write_text(markdown(figures, (min(loads), max(loads)), notes))
        console.print(f"Written: {RESULTS.relative_to(ROOT)}")
    return 1 if failures else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--only", type=partial(_words, known=workloads.GROUPS), default=set(), help=f"of {', '.join(workloads.GROUPS)}"
    )
    parser.add_argument("--runs", type=int, choices=range(1, 100), default=5, metavar="N", help="processes a figure")
    known = (*workloads.USUAL_PEERS, *workloads.FURTHER_PEERS)
    parser.add_argument(
        "--peers",
        type=partial(_words, known=known),
        default=set(workloads.USUAL_PEERS),
        help=f"of {', '.join(known)}, or none; without it {', '.join(workloads.USUAL_PEERS)}",
    )
    parser.add_argument(
        "--python",
        type=_python,
        action="append",
        default=[],
        metavar="PEER=PATH",
        help="interpreter of a peer that has an environment of its own",
    )
    parser.add_argument("--json", metavar="FILE", help="write the figures as JSON; - for standard output")
    return parser.parse_args()


def _words(text: str, known: tuple[str, ...]) -> set[str]:
    words = {word.strip() for word in text.split(",")} - {"", "none"}
    if unknown := sorted(words - set(known)):
        raise argparse.ArgumentTypeError(f"{', '.join(unknown)} is not among {', '.join(known)}")
    return words


def _python(text: str) -> tuple[str, Path]:
    peer, _, path = text.partition("=")
    if not path:
        raise argparse.ArgumentTypeError(f"{text} is not of the form PEER=PATH")
    return peer, Path(path).absolute()


def _chosen(options: argparse.Namespace) -> tuple[dict[str, Measurement], list[str]]:
    """What to measure, by the name of its figure, and what had to be left out."""
    computer = Machine(dict(options.python))
    sides = {workloads.OURS, workloads.FLOOR, *workloads.LIBRARIES, *options.peers}
    wanted = [
        case for case in workloads.CASES if case.by in sides and (not options.only or options.only & set(case.groups))
    ]
    missing = {side: computer.missing(side) for side in dict.fromkeys(case.by for case in wanted)}
    chosen: dict[str, Measurement] = {case.key: partial(computer.run, case) for case in wanted if not missing[case.by]}
    if not options.only or "cli" in options.only:
        chosen |= {name: partial(command_line.run, name) for name in workloads.COMMAND_LINES}
    return chosen, [why for why in missing.values() if why]


def _measure(
    chosen: dict[str, Measurement], runs: dict[str, int], console: Console
) -> tuple[dict[str, list[Sample]], list[BenchmarkError]]:
    """Processes of every case, in turns; a case that fails is not run again.

    A process that measures more than its case tells it in samples of their own, ``beside``.
    """
    samples: dict[str, list[Sample]] = defaultdict(list)
    failures: dict[str, BenchmarkError] = {}
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=sum(runs.values()))
        for turn in range(max(runs.values(), default=0)):
            for key, measure in chosen.items():
                if turn >= runs[key]:
                    continue
                progress.update(task, description=key)
                if key not in failures:
                    try:
                        sample = measure()
                        samples[key].append(sample)
                        for other, more in sample.get("beside", {}).items():
                            samples[other].append(more | {"load": sample["load"]})
                    except BenchmarkError as error:
                        failures[key] = error
                progress.advance(task)
    return {key: rows for key, rows in samples.items() if key not in failures}, list(failures.values())


def _write_json(target: str, figures: dict[str, Figure], failures: list[BenchmarkError]) -> None:
    document: dict[str, Any] = {
        "machine": machine(),
        "figures": {key: figure.as_dict() for key, figure in figures.items()},
        "bounds": [verdict.as_dict() for verdict in verdicts(figures)],
        "failures": list(map(str, failures)),
    }
    text = json.dumps(document, indent=2) + "\n"
    if target == "-":
        sys.stdout.write(text)
    else:
        Path(target).write_text(text)


if __name__ == "__main__":
    sys.exit(main())
