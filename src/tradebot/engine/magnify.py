"""Finer bars that tell the path inside the bars of a run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tradebot.core.errors import DataError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tradebot.core.bar import BarArray


class Magnified(NamedTuple):
    """Which finer bars make up each bar.

    Attributes
    ----------
    finer : the finer bars of the market.
    starts, ends : range of them that belongs to each bar, shape (n,); empty where they do not make it up.
    """

    finer: BarArray
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]

    @property
    def note(self) -> str:
        """What a report says of it."""
        told, bars = int(np.count_nonzero(self.ends > self.starts)), len(self.starts)
        share = "every bar" if told == bars else f"{told:,} of {bars:,} bars"
        rest = "" if told == bars else "; of the others the finer bars are missing or disagree"
        return f"{self.finer.symbol} magnified by {self.finer.interval} bars: {share}{rest}"


def magnify(bars: BarArray, finer: BarArray) -> Magnified:
    """Assign finer bars to the bars they make up.

    They make a bar up where their first open, highest high, lowest low and last close are the bar's, to half a tick;
    elsewhere something is missing, and the bar keeps its own path model.

    Raises
    ------
    DataError : the finer bars are not shorter, or make up none of the bars.
    """
    place = f"magnify of {bars.symbol}"
    if not finer.interval.ns < bars.interval.ns:
        raise DataError(
            f"{finer.interval} bars do not magnify {bars.interval} bars", place=place, mend="Give shorter ones."
        )
    starts = np.searchsorted(finer.ts, bars.ts).astype(np.int64)
    ends = np.searchsorted(finer.ts, bars.close_ts).astype(np.int64)
    some = np.flatnonzero(ends > starts)
    agrees = np.zeros(len(bars), bool)
    if len(some):
        # Ranges and the gaps between them alternate, so that one reduction serves all bars; the gaps are dropped.
        edges = np.column_stack((starts[some], ends[some])).ravel()
        edges = edges[:-1] if edges[-1] == len(finer) else edges
        parts = {
            "open": finer.open[starts[some]],
            "high": np.maximum.reduceat(finer.high, edges)[::2],
            "low": np.minimum.reduceat(finer.low, edges)[::2],
            "close": finer.close[ends[some] - 1],
        }
        slack = float(bars.instrument.tick_size) / 2
        near = [np.abs(values - getattr(bars, name)[some]) <= slack for name, values in parts.items()]
        agrees[some] = np.logical_and.reduce(near)
    if not agrees.any():
        raise DataError(
            f"its {finer.interval} bars make up none of the {bars.interval} bars",
            place=place,
            mend="Give finer bars of the same market, prices and time.",
        )
    return Magnified(finer, starts, np.where(agrees, ends, starts))


def by_symbol(finer: BarArray | Sequence[BarArray] | None, symbols: Sequence[str]) -> dict[str, BarArray]:
    """Finer bars by the symbol of their market.

    Raises
    ------
    DataError : a symbol is not traded, or comes twice.
    """
    if finer is None:
        return {}
    arrays = finer if isinstance(finer, Sequence) else (finer,)
    found: dict[str, BarArray] = {}
    for array in arrays:
        if array.symbol not in symbols:
            raise DataError(
                f"{array.symbol} is not traded", place="magnify", mend=f"Give bars of {', '.join(symbols)}."
            )
        if array.symbol in found:
            raise DataError(f"{array.symbol} comes twice", place="magnify", mend="Join its bars into one BarArray.")
        found[array.symbol] = array
    return found
