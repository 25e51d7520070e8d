"""The report of a run: one HTML file that opens offline, light or dark, with zoomable charts and every assumption."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tradebot.core.errors import TradebotError
from tradebot.research.report.document import build

if TYPE_CHECKING:
    from tradebot.research.result import BacktestResult

__all__ = ["build", "write_page", "write_report"]


def write_report(result: BacktestResult, path: Path) -> Path:
    """Write the report of a run, as :func:`write_page` does.

    Raises
    ------
    TradebotError : the file cannot be written there.
    """
    return write_page(build(result), path)


def write_page(page: str, path: Path) -> Path:
    """Write a page in one step: a reader sees the old file or the new one, never a part.

    Raises
    ------
    TradebotError : the file cannot be written there.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, page)
    except OSError as error:
        reason = error.strerror or str(error)
        raise TradebotError(
            f"the report cannot be written: {reason}",
            place=str(path),
            mend="Give a path to a file in a writable folder.",
        ) from error
    return path


def _replace(path: Path, text: str) -> None:
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        # mkstemp makes files private; a report is as readable as any new file of its user.
        mask = os.umask(0)
        os.umask(mask)
        Path(draft).chmod(0o666 & ~mask)
        Path(draft).replace(path)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise
