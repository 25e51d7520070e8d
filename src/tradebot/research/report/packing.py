"""Numbers in a page: columns as steps, differences, deflated and in base64, a few bytes a value instead of eighteen."""

from __future__ import annotations

import base64
import math
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

Packed = dict[str, Any]

_INT32_MAX = 2**31 - 1
_LEVEL = 6


def pack(values: NDArray[Any], step: float) -> Packed:
    """A column for the page, rounded to whole multiples of ``step``.

    Parameters
    ----------
    values : finite numbers, shape (n,).
    step : resolution to keep; coarsened by tens where the range of the values needs it to fit 32 bits.

    Returns
    -------
    ``base`` (the first value), ``step``, ``count`` and ``data``: int32 differences, little-endian, deflated, base64.
    The page undoes it in ``data.js``.
    """
    column = np.asarray(values, dtype=np.float64)
    if len(column) == 0:
        return {"base": 0.0, "step": step, "count": 0, "data": ""}
    base = float(column[0])
    while float(np.ptp(column)) / step > _INT32_MAX:
        step *= 10.0
    whole = np.rint((column - base) / step).astype(np.int64)
    differences = np.diff(whole, prepend=0).astype("<i4")
    data = base64.b64encode(zlib.compress(differences.tobytes(), _LEVEL)).decode()
    return {"base": base, "step": step, "count": len(column), "data": data}


def money_step(values: NDArray[np.float64]) -> float:
    """Resolution for amounts of money: a cent, or finer where all amounts are small."""
    largest = float(np.max(np.abs(values), initial=0.0))
    return min(0.01, significant_step(largest, digits=4)) if largest > 0.0 else 0.01


def significant_step(value: float, *, digits: int = 6) -> float:
    """Power of ten that keeps so many significant digits of a value."""
    return 10.0 ** (math.floor(math.log10(value)) - digits + 1)


def decimals_of(step: float) -> int:
    """Digits after the point that show a multiple of ``step``."""
    return len(f"{step:.12f}".rstrip("0").partition(".")[2])
