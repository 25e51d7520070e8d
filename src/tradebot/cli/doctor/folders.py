"""What is kept: the folder and its disk, runs, bars, the person's own strategies."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final

from tradebot.cli.doctor.finding import Finding
from tradebot.store.home import HOME_VARIABLE, home

_MEGABYTE: Final = 1_000_000
_GIGABYTE: Final = 1_000 * _MEGABYTE
_LEAST_FREE: Final = 200 * _MEGABYTE
_LITTLE_FREE: Final = 2 * _GIGABYTE
_PARQUET: Final = b"PAR1"
# The mark twice, and between them the length of what describes the file.
_LEAST_PARQUET: Final = 12
_MOST_FILES: Final = 100_000
_NAMED: Final = 3


def folder_findings() -> Iterator[Finding]:
    """The folder of everything kept and what is in it, and the folder of strategies."""
    folder = home()
    yield _writable(folder)
    yield _disk(folder)
    yield _runs()
    yield _bars(folder / "bars")
    yield _strategies()


def _existing(folder: Path) -> Path:
    """The folder, or the nearest one above it that exists."""
    return next(each for each in (folder, *folder.parents) if each.is_dir())


def _writable(folder: Path) -> Finding:
    mend = f"Make it writable, or name another folder by {HOME_VARIABLE}."
    if folder.exists() and not folder.is_dir():
        return Finding("Folder", "problem", f"{folder} is a file", mend)
    nearest = _existing(folder)
    if not os.access(nearest, os.W_OK | os.X_OK):
        return Finding("Folder", "problem", f"{nearest} cannot be written to", mend)
    return Finding("Folder", "ok", str(folder) if folder.is_dir() else f"{folder}, made when something is kept")


def _disk(folder: Path) -> Finding:
    free = shutil.disk_usage(_existing(folder)).free
    fact = f"{_size(free)} free"
    if free < _LEAST_FREE:
        return Finding("Disk", "problem", fact, "Free some: runs and bars can no longer be kept for long.")
    if free < _LITTLE_FREE:
        return Finding("Disk", "note", fact, "A year of one-minute bars takes about 20 MB a market, a run about 1 MB.")
    return Finding("Disk", "ok", fact)


def _runs() -> Finding:
    from tradebot.research.runs import RunStore, runs_folder

    root = runs_folder()
    shelf = RunStore(root).shelf()
    size = _size(sum(file.stat().st_size for file in root.rglob("*") if file.is_file()))
    if shelf.broken:
        first = next(iter(shelf.broken.values()))
        more = f"{len(shelf.broken)} of {len(shelf.broken) + len(shelf.records)} cannot be read"
        return Finding("Runs", "problem", f"{more}: {first.place}: {first.fact}", first.mend)
    return Finding("Runs", "ok", f"{len(shelf.records):,} kept, {size}")


def _bars(folder: Path) -> Finding:
    files = list(islice(folder.rglob("*.parquet"), _MOST_FILES)) if folder.is_dir() else []
    broken = [file for file in files if not _is_whole(file)]
    if broken:
        named = ", ".join(str(file.relative_to(folder)) for file in broken[:_NAMED])
        fact = f"{len(broken)} of {len(files):,} files in {folder} are damaged: {named}"
        return Finding("Bars", "problem", fact, "Delete these files and load their months again.")
    size = _size(sum(file.stat().st_size for file in files))
    return Finding("Bars", "ok", f"{len(files):,} files, {size}" if files else "none kept")


def _is_whole(file: Path) -> bool:
    """Whether a Parquet file begins and ends as one; a file that was cut off does not."""
    try:
        with file.open("rb") as opened:
            head = opened.read(len(_PARQUET))
            size = opened.seek(-len(_PARQUET), os.SEEK_END) + len(_PARQUET)
            return size >= _LEAST_PARQUET and head == opened.read() == _PARQUET
    except OSError:
        return False


def _strategies() -> Finding:
    from tradebot.strategies.registry import catalog

    found = catalog()
    if found.broken:
        error = next(iter(found.broken.values()))
        more = f"{len(found.broken)} {'does' if len(found.broken) == 1 else 'do'} not load: {error.place}: {error.fact}"
        return Finding("Strategies", "problem", more, error.mend or "Correct the file, or move it away.")
    return Finding("Strategies", "ok", f"{len(found.strategies)} found")


def _size(count: int) -> str:
    for unit, size in (("GB", _GIGABYTE), ("MB", _MEGABYTE)):
        if count >= size:
            return f"{count / size:,.1f} {unit}"
    return f"{count / 1_000:,.1f} kB"
