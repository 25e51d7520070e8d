"""The closed bars of one market: what its indicators are computed from anew after a restart."""

from __future__ import annotations

import struct
from collections import deque
from typing import Final

from tradebot_native import Bar

_ROW: Final = struct.Struct("<q5dqd")


class Tape:
    """Bars as they came, beside the bytes that are saved of them, so that saving looks at none of them again.

    Attributes
    ----------
    bars : oldest first.
    """

    def __init__(self) -> None:
        self.bars: deque[Bar] = deque()
        self._rows = bytearray()

    def append(self, bar: Bar) -> None:
        """The next bar."""
        self.bars.append(bar)
        self._rows += _ROW.pack(bar.ts, bar.open, bar.high, bar.low, bar.close, bar.volume, bar.trades, bar.vwap)

    def keep(self, count: int) -> None:
        """Forget the oldest bars beyond a count."""
        while len(self.bars) > count:
            self.bars.popleft()
            del self._rows[: _ROW.size]

    def state(self) -> bytes:
        """What :meth:`restore` takes back."""
        return bytes(self._rows)

    def restore(self, state: bytes) -> None:
        """Go on from saved bars.

        Raises
        ------
        ValueError : the bytes are no bars.
        """
        try:
            rows = [Bar(*row) for row in _ROW.iter_unpack(state)]
        except struct.error as error:
            raise ValueError(str(error)) from None
        # In place: others hold the bars.
        self.bars.clear()
        self.bars.extend(rows)
        self._rows[:] = state
