"""What a process has asked a provider, for the process that goes on in its place."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path
from typing import Final

_SENT: Final = "sent"
_ANSWERED: Final = "answered"


class RequestRecord:
    """A file with a line for each request that was sent and each that was answered, with the time of the wall clock.

    Parameters
    ----------
    file : where; ``None`` keeps nothing. One that cannot be written keeps nothing either: the limit then holds within
        a run alone.
    seconds : how long a request counts.
    """

    def __init__(self, file: Path | None, seconds: float) -> None:
        self._file, self._seconds = file, seconds

    def ages(self) -> list[float]:
        """Seconds since the answers that still count, oldest first; what was under way may arrive as late as now."""
        if self._file is None:
            return []
        now, under_way, answers = time.time(), 0, list[float]()
        with contextlib.suppress(OSError):
            for line in self._file.read_text(encoding="ascii", errors="replace").splitlines():
                word, _, at = line.partition(" ")
                under_way += (word == _SENT) - (word == _ANSWERED)
                with contextlib.suppress(ValueError):
                    answers += [float(at)] if word == _ANSWERED else []
            answers = sorted(min(at, now) for at in answers if at + self._seconds > now) + [now] * max(under_way, 0)
            _keep(self._file, answers)
        return [now - at for at in answers]

    def sent(self) -> None:
        """Note that a request is about to be sent."""
        self._add(_SENT)

    def answered(self) -> None:
        """Note that a request has been answered, or given up."""
        self._add(_ANSWERED)

    def _add(self, word: str) -> None:
        if self._file is not None:
            with contextlib.suppress(OSError), self._file.open("a", encoding="ascii") as file:
                file.write(f"{word} {time.time():.6f}\n")


def _keep(file: Path, answers: list[float]) -> None:
    shorter = file.with_suffix(".shorter")
    shorter.write_text("".join(f"{_SENT} {at:.6f}\n{_ANSWERED} {at:.6f}\n" for at in answers), encoding="ascii")
    shorter.replace(file)
