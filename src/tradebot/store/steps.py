"""Price steps that fit the data."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from tradebot.core.instrument import Instrument

# A tick above this share of the price would bend every fill by more than most fees.
_COARSEST_TICK: Final = 1e-3
_MOST_DECIMALS: Final = 8


def with_fitting_ticks(instrument: Instrument, lows: NDArray[np.float64]) -> Instrument:
    """The instrument, with a finer tick where the venue's is coarse against the prices and they do not keep to it.

    Back-adjusted stocks fall to cents long ago and currency pairs near one move by the pip; snapped to
    a tick of 0.01 their prices would be far off. The tick then becomes the last decimal the data use.

    Parameters
    ----------
    instrument : a venue's default.
    lows : low prices, float64, shape (n,); NaN is passed over.
    """
    tick = float(instrument.tick_size)
    prices = lows[np.isfinite(lows) & (lows > 0)]
    if not len(prices) or tick <= _COARSEST_TICK * float(prices.min()) or _kept(prices, tick):
        return instrument
    decimals = next((d for d in range(_MOST_DECIMALS) if _kept(prices, 10.0**-d)), _MOST_DECIMALS)
    return msgspec.structs.replace(instrument, tick_size=Decimal(1).scaleb(-decimals))


def _kept(prices: NDArray[np.float64], tick: float) -> bool:
    steps = prices / tick
    return bool(np.all(np.abs(steps - np.rint(steps)) < 1e-6))
