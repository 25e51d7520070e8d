"""Random numbers that repeat, and values on a grid."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from tradebot.core.errors import DataError

Floats = NDArray[np.float64]

_SEPARATOR: Final = 256  # no byte of a name


class RandomStreams:
    """An independent stream of random numbers (PCG64) for each quantity of a market.

    A quantity drawn whole from a stream of its own makes a longer run begin with the shorter one.

    Parameters
    ----------
    seed : zero or more.
    symbol : each market has streams of its own.

    Raises
    ------
    DataError : the seed is negative.
    """

    __slots__ = ("_entropy",)

    def __init__(self, seed: int, symbol: str) -> None:
        if seed < 0:
            raise DataError(f"the seed {seed} is negative", place="mock market seed", mend="Use 0 or more.")
        self._entropy = [seed, *symbol.encode()]

    def __call__(self, quantity: str) -> np.random.Generator:
        """Generator of one quantity, at its beginning."""
        words = [*self._entropy, _SEPARATOR, *quantity.encode()]
        return np.random.Generator(np.random.PCG64(np.random.SeedSequence(words)))


def on_grid(steps: Floats, step: float) -> Floats:
    """Values of whole numbers of steps: the doubles nearest to the decimals wherever a unit holds whole steps."""
    per_unit = round(1.0 / step)
    return steps / per_unit if abs(per_unit * step - 1.0) < 1e-12 else steps * step
