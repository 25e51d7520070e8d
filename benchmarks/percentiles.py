"""The 99th percentile of times from several processes, and how sure it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

Times = Sequence[Sequence[float]]
"""Seconds, by process."""
_DRAWS: Final = 1_000
_SURE: Final = (2.5, 97.5)


def p99(times: Times) -> float:
    """The 99th percentile of all of them."""
    return float(np.percentile(np.concatenate([np.asarray(each) for each in times]), 99))


def ratio_interval(of: Times, over: Times) -> tuple[float, float]:
    """Where the ratio of two 99th percentiles lies in 95 of 100 cases, by the bootstrap.

    Processes are drawn with replacement, and from each its times: what differs between two processes counts too.
    Davison and Hinkley (1997), Bootstrap Methods and their Application, section 3.8.
    """
    random = np.random.default_rng(1)
    ratios = [_drawn(of, random) / _drawn(over, random) for _ in range(_DRAWS)]
    low, high = np.percentile(ratios, _SURE)
    return float(low), float(high)


def _drawn(times: Times, random: np.random.Generator) -> float:
    chosen: list[NDArray[np.float64]] = []
    for _ in times:
        each = np.asarray(times[random.integers(len(times))])
        chosen.append(random.choice(each, len(each)))
    return float(np.percentile(np.concatenate(chosen), 99))
