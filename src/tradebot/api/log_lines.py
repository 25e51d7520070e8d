"""The end of a log file as JSON, for the clerk's process: taking secrets out of thousands of lines takes its time."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tradebot.api.schemas.records import LogLines
from tradebot.core.redaction import Redactor

_TAIL_BYTES: Final = 2_000_000


def last_lines(told: LogLines, file: Path, search: str, limit: int, secrets: frozenset[str]) -> bytes:
    """The answer with the last lines of a file that hold a text.

    Parameters
    ----------
    told : the answer but for its lines.
    limit : most lines.
    secrets : values that must never be seen.
    """
    with file.open("rb") as opened:
        opened.seek(max(file.stat().st_size - _TAIL_BYTES, 0))
        lines = opened.read().decode(errors="replace").splitlines()
    redactor = Redactor(secrets)
    found = [redactor.text(line) for line in [line for line in lines if search in line][-limit:]]
    return told.model_copy(update={"lines": found}).model_dump_json().encode()
