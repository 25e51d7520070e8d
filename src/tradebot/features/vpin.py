"""VPIN: how one-sided trading is, in buckets of equal volume."""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray

from tradebot.core.errors import IndicatorError
from tradebot.core.tick_array import TickArray
from tradebot.indicators.parameters import real, whole


class Vpin:
    """Volume-synchronised probability of informed trading, trade by trade.

    Trades fill buckets of ``bucket`` volume, a trade that overflows one going on in the next. VPIN is
    Σ |buys - sells| / (n V) over the last n buckets of volume V. Easley, López de Prado and O'Hara (2012), Flow
    toxicity and liquidity in a high-frequency world, Review of Financial Studies 25; who bought is what the trades
    say, not guessed from the price.

    Parameters
    ----------
    bucket : volume of a bucket, in units of the instrument; the paper takes a fiftieth of a day's volume.
    window : buckets to average over; the paper takes 50.

    Raises
    ------
    IndicatorError : ``bucket`` is not positive, or ``window`` is not a whole number of at least 1.
    """

    def __init__(self, bucket: float, window: int = 50) -> None:
        self.bucket = real("vpin", "bucket", bucket, above=0)
        self.window = whole("vpin", "window", window)
        self.value = np.nan
        self._filled = 0.0
        self._excess = 0.0
        self._imbalances: deque[float] = deque(maxlen=self.window)

    def update(self, size: float, side: int) -> float:
        """Take a trade; returns VPIN as of the last full bucket, nan until ``window`` of them are full.

        Parameters
        ----------
        size : quantity, in units of the instrument.
        side : +1 where the buyer crossed the spread, -1 where the seller did.

        Raises
        ------
        IndicatorError : ``side`` is neither.
        """
        if side not in (1, -1):
            mend = "VPIN needs trades that tell who crossed the spread."
            raise IndicatorError(f"the side of a trade is {side}", place="vpin", mend=mend)
        while size > 0:
            part = min(size, self.bucket - self._filled)
            self._filled += part
            self._excess += part * side
            size -= part
            if self._filled >= self.bucket:
                self._close_bucket()
        return self.value

    def _close_bucket(self) -> None:
        self._imbalances.append(abs(self._excess))
        self._filled = self._excess = 0.0
        if len(self._imbalances) == self.window:
            self.value = sum(self._imbalances) / (self.window * self.bucket)


def vpin(ticks: TickArray, bucket: float, window: int = 50) -> NDArray[np.float64]:
    """VPIN after each trade, as :class:`Vpin` gives it; float64 of shape (trades,).

    Raises
    ------
    IndicatorError : a parameter is out of bounds, or a trade does not tell its side.
    """
    measure = Vpin(bucket, window)
    values = (measure.update(size, side) for size, side in zip(ticks.size.tolist(), ticks.side.tolist(), strict=True))
    return np.fromiter(values, dtype=np.float64, count=len(ticks))
