"""The latest bars of a market in columns, written by a bot and read beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from tradebot.core.bar import BarArray

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tradebot.core.bar import Bar
    from tradebot.core.instrument import Instrument
    from tradebot.core.interval import Interval

_COLUMNS: Final = ("ts", "open", "high", "low", "close", "volume")


class LatestBars:
    """Keeps the newest bars in room that is taken at the start; neither side waits for the other.

    One thread adds. A row that was given to a reader is never written again: what is full is left to those who read it.

    Parameters
    ----------
    instrument, interval : of the bars.
    most : bars that are kept.
    """

    def __init__(self, instrument: Instrument, interval: Interval, most: int) -> None:
        self._instrument = instrument
        self._interval = interval
        self._most = most
        self._at = (self._room(), 0)

    def add(self, bars: Iterable[Bar]) -> None:
        """Add bars, the oldest first."""
        for bar in bars:
            columns, end = self._at
            if end == 2 * self._most:
                columns, end = self._moved(columns), self._most
            for name in _COLUMNS:
                columns[name][end] = getattr(bar, name)
            # Only now does a reader see it.
            self._at = (columns, end + 1)

    def bars(self) -> BarArray:
        """The bars, the oldest first; nothing is copied."""
        columns, end = self._at
        rows = slice(max(end - self._most, 0), end)
        return BarArray.trusted(self._instrument, self._interval, {name: each[rows] for name, each in columns.items()})

    def _moved(self, full: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        """New room, with what is kept of the old at its beginning."""
        room = self._room()
        for name, column in room.items():
            column[: self._most] = full[name][self._most :]
        return room

    def _room(self) -> dict[str, NDArray[Any]]:
        # Filled, so that the memory is taken now and not row by row.
        return {name: np.full(2 * self._most, 0, np.int64 if name == "ts" else np.float64) for name in _COLUMNS}
