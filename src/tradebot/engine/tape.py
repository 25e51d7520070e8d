"""The closed bars of one market: what its indicators are computed from anew after a restart."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final

from tradebot_native import Bar

_ROW: Final = struct.Struct("<q5dqd")


class Tape:
    """Bars as they came, oldest first, as the bytes that are saved of them; only the newest is kept as an object too.

    Attributes
    ----------
    last : the newest bar; ``None`` before the first.
    """

    def __init__(self) -> None:
        self.last: Bar | None = None
        self._rows = bytearray()

    def __len__(self) -> int:
        return len(self._rows) // _ROW.size

    def __iter__(self) -> Iterator[Bar]:
        return (Bar(*row) for row in _ROW.iter_unpack(bytes(self._rows)))

    def __reversed__(self) -> Iterator[Bar]:
        return (self._at(number) for number in reversed(range(len(self))))

    def _at(self, number: int) -> Bar:
        return Bar(*_ROW.unpack_from(self._rows, number * _ROW.size))

    def append(self, bar: Bar) -> None:
        """The next bar."""
        self.last = bar
        self._rows += _ROW.pack(bar.ts, bar.open, bar.high, bar.low, bar.close, bar.volume, bar.trades, bar.vwap)

    def keep(self, count: int) -> None:
        """Forget the oldest bars beyond a count."""
        del self._rows[: max(0, len(self) - count) * _ROW.size]

    def state(self) -> bytes:
        """What :meth:`restore` takes back."""
        return bytes(self._rows)

    def restore(self, state: bytes) -> None:
        """Go on from saved bars.

        Raises
        ------
        ValueError : the bytes are no bars.
        """
        if len(state) % _ROW.size:
            raise ValueError(f"{len(state)} bytes are no bars of {_ROW.size}")
        self._rows[:] = state
        self.last = self._at(len(self) - 1) if state else None
