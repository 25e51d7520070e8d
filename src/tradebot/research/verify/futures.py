"""Other futures: the same past up to a bar, and something else after it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tradebot.core.bar import BarArray

Columns = dict[str, NDArray[Any]]

_PRICES: Final = ("open", "high", "low", "close", "vwap")
# Far from anything the past has seen, and back again: what is averaged over it cannot stay the same.
_FACTORS: Final = (10.0, 0.1)
_STRETCH: Final = 50


def futures(bars: BarArray, last: int, seed: int) -> Iterator[tuple[str, BarArray]]:
    """The bars with another future after bar ``last``, each with the name of what was done to it."""
    columns = {name: value for name, value in _columns(bars).items() if value is not None}
    cut, rest = last + 1, len(bars) - last - 1
    shuffled = np.random.default_rng(seed).permutation(rest)
    factors = np.resize(np.repeat(_FACTORS, _STRETCH), rest)
    yield "shuffled", _joined(bars, {name: _then(whole, cut, whole[cut:][shuffled]) for name, whole in columns.items()})
    yield (
        "shifted",
        _joined(bars, {name: _then(whole, cut, np.roll(whole[cut:], rest // 3)) for name, whole in columns.items()}),
    )
    priced = {name: _then(whole, cut, whole[cut:] * factors) for name, whole in columns.items() if name in _PRICES}
    yield "absurd", _joined(bars, columns | priced)
    yield "absent", bars[:cut]


def _columns(bars: BarArray) -> dict[str, NDArray[Any] | None]:
    return {
        field.name: getattr(bars, field.name)
        for field in fields(bars)
        if field.name not in ("instrument", "interval", "ts")
    }


def _then(whole: NDArray[Any], cut: int, future: NDArray[Any]) -> NDArray[Any]:
    return np.concatenate([whole[:cut], future])


def _joined(bars: BarArray, columns: Columns) -> BarArray:
    return BarArray.trusted(bars.instrument, bars.interval, {"ts": bars.ts, **columns})
