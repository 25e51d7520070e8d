"""Where the kills of a random killing have landed, over all of its seeds that one process has run."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable


class Landings:
    """How the killing of one kind of bot goes.

    Parameters
    ----------
    what : what is killed.
    certain : moments that so many kills cannot all have missed.

    Attributes
    ----------
    kills : processes that were killed.
    """

    ENOUGH = 100
    """Kills after which every certain moment must have been hit."""

    def __init__(self, what: str, certain: Iterable[str]) -> None:
        self.kills = 0
        self._what = what
        self._certain = frozenset(certain)
        self._began = time.monotonic()
        self._recoveries: list[float] = []
        self._landed: Counter[str] = Counter()

    def killed(self, moments: Iterable[str]) -> None:
        """A process was killed in the middle of these."""
        self.kills += 1
        self._landed.update(moments)

    def recovered(self, seconds: float) -> None:
        """One that was started again had come right after so long."""
        self._recoveries.append(seconds)

    @property
    def missed(self) -> set[str]:
        """Moments that enough kills should have hit and have not."""
        return set() if self.kills < self.ENOUGH else {*self._certain} - {*self._landed}

    def __str__(self) -> str:
        each = (time.monotonic() - self._began) / max(self.kills, 1)
        told = f"{self.kills} kills of {self._what}, {each:.2f} s each"
        if self._recoveries:
            told += f"; {len(self._recoveries)} recoveries, the slowest {max(self._recoveries):.2f} s"
        return f"{told}; landed on {dict(self._landed.most_common())}"
