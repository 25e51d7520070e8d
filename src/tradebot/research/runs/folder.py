"""Run folders: how they are named and found, and how one appears in a single step."""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Final
from uuid import UUID

from tradebot.core.errors import DataError

LATEST: Final = "latest"

_DRAFT: Final = ".draft-"
_GONE: Final = ".gone-"
_NAME: Final = re.compile(r"\d{8}T\d{12}Z-(?P<id>[0-9a-f]{32})")
_BACK: Final = re.compile(rf"{LATEST}(?:~(?P<steps>\d+))?")
# A draft this old belongs to a process that was killed.
_ABANDONED_S: Final = 86_400.0


def folders(root: Path) -> list[Path]:
    """Run folders, newest first."""
    found = root.iterdir() if root.is_dir() else ()
    return sorted((folder for folder in found if _NAME.fullmatch(folder.name)), reverse=True)


def id_of(folder: Path) -> str:
    """The 32 letters of the run that a folder holds."""
    return folder.name.rpartition("-")[2]


def find(root: Path, wanted: str) -> Path:
    """The folder of the run that is meant.

    Parameters
    ----------
    wanted : its id or the beginning of it; or ``latest``, or ``latest~1`` for the one before.

    Raises
    ------
    DataError : no run, or more than one, is meant.
    """
    every = folders(root)
    if back := _BACK.fullmatch(wanted):
        matching = every[int(back["steps"] or 0) :][:1]
    else:
        letters = wanted.replace("-", "").casefold()
        matching = [folder for folder in every if letters and id_of(folder).startswith(letters)]
    if len(matching) == 1:
        return matching[0]
    place = f'run "{wanted}"'
    if matching:
        some = ", ".join(id_of(folder)[:12] for folder in matching[:5])
        raise DataError(f"{len(matching)} runs begin so: {some}", place=place, mend="Give more letters of the id.")
    raise DataError("there is no such run", place=place, mend="`tradebot runs list` shows those that are kept.")


def name_at(kept_at: datetime) -> str:
    """How the name of a folder begins that was kept at a time (UTC); names go up with it."""
    return f"{kept_at:%Y%m%dT%H%M%S%f}Z"


@contextmanager
def new_folder(root: Path, id_: UUID, kept_at: datetime) -> Generator[Path]:
    """A folder that takes its name when the block has ended and all of it is on the disk; gone if the block failed."""
    _sweep(root)
    draft = root / f"{_DRAFT}{id_.hex}"
    draft.mkdir()
    try:
        yield draft
        for file in [*draft.rglob("*"), draft]:
            _to_disk(file)
        draft.rename(root / f"{name_at(kept_at)}-{id_.hex}")
        _to_disk(root)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise


def remove(folder: Path) -> None:
    """Take a folder away: its run is gone in one step, its files after that."""
    shutil.rmtree(folder.rename(folder.with_name(f"{_GONE}{folder.name}")), ignore_errors=True)


def _sweep(root: Path) -> None:
    for folder in [*root.glob(f"{_DRAFT}*"), *root.glob(f"{_GONE}*")]:
        # Another process may finish its draft while we look at it.
        with suppress(FileNotFoundError):
            if time.time() - folder.stat().st_mtime > _ABANDONED_S:
                shutil.rmtree(folder, ignore_errors=True)


def _to_disk(path: Path) -> None:
    if os.name == "nt":  # Windows syncs nothing that is open for reading alone
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
