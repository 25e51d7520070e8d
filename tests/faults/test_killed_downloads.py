"""A download that is killed at fifty moments of its life ends as one that was not, and never asks beyond the limit."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from binance_answers import END, HOUR, ROWS, START, klines
from downloader import PACE, PAGE, SYMBOLS
from loopback import loopback
from tradebot.core.instrument import instrument_for
from tradebot.store.bars import ParquetBarStore

KILLS = 50
PAGES = len(SYMBOLS) * (END - START) // HOUR.ns // PAGE


@contextmanager
def downloader(url: str) -> Generator[subprocess.Popen[str]]:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, map(os.path.abspath, sys.path)))}
    command = [sys.executable, str(Path(__file__).parents[1] / "downloader.py"), url]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        yield process
        assert process.stdin is not None
        process.stdin.close()


def started(process: subprocess.Popen[str], root: Path) -> int:
    """Process id of a download into a folder, which has begun."""
    assert process.stdin is not None
    process.stdin.write(f"{root}\n")
    process.stdin.flush()
    return int(ended(process))


def ended(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def wait_until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120.0
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.001)


class Gate:
    """Klines of so many pages and no more, so that no download is done before it is killed."""

    def __init__(self) -> None:
        self.pages: set[tuple[str, str]] = set()
        self.allowed = PAGES

    def answer(self, path: str, query: dict[str, str]) -> Any:
        self.pages.add((query["symbol"], query["startTime"]))
        wait_until(lambda: len(self.pages) <= self.allowed)
        return klines(path, query)


def contents(root: Path) -> dict[str, bytes]:
    files = (*root.rglob("*.parquet"), root / "manifest.json")
    return {str(file.relative_to(root)): file.read_bytes() for file in files}


def test_a_download_killed_at_fifty_moments_ends_as_one_that_was_not(tmp_path: Path):
    rng = random.Random(20240101)
    moments = sorted(rng.sample(range(1, PAGES - 5), KILLS))
    stored: list[int] = []
    killed, whole = tmp_path / "killed", tmp_path / "whole"
    gate = Gate()
    with loopback(gate.answer) as server, downloader(server.url) as process:
        for moment in moments:
            before = len(server.requests)
            gate.allowed = max(moment, len(gate.pages)) + 1
            child = started(process, killed)
            wait_until(lambda before=before, moment=moment: (
                len(server.requests) > before and len(gate.pages) >= moment
            ))  # fmt: skip
            # From here on it is under way, read, stored file by file, or noted in the manifest.
            time.sleep(rng.uniform(0.0, 0.03))
            os.kill(child, signal.SIGKILL)
            assert ended(process) == str(-signal.SIGKILL)
            stored.append(sum(series.rows for series in ParquetBarStore(killed).series()))
        gate.allowed = PAGES
        started(process, killed)
        assert ended(process) == "0"
        assert len(gate.pages) == PAGES
        # No more is asked twice than was under way.
        assert len(server.requests) <= PAGES + KILLS * PACE.concurrency
        assert server.most_in(PACE.seconds) <= PACE.requests
        started(process, whole)
        assert ended(process) == "0"

    rows = len(SYMBOLS) * len(ROWS)
    assert sum(0 < count < rows for count in stored) >= 0.9 * KILLS
    assert len(set(stored)) >= 0.6 * KILLS
    assert min(stored) < 0.1 * rows
    assert max(stored) > 0.9 * rows
    assert stored == sorted(stored)
    for symbol in SYMBOLS:
        market = instrument_for(symbol, "binance_usdm")
        ours, theirs = (ParquetBarStore(root).read(market, HOUR).columns() for root in (killed, whole))
        assert ours.keys() == theirs.keys()
        for name, column in ours.items():
            np.testing.assert_array_equal(column, theirs[name], err_msg=name)
        assert ours["ts"].tolist() == [row[0] * 1_000_000 for row in ROWS]
    assert contents(killed) == contents(whole)
