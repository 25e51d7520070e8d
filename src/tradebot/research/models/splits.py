"""Walk-forward splits: each model learns from the past alone, and from none of it that reaches into what it judges."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Indices = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Split:
    """What one model learns from and what it judges.

    Attributes
    ----------
    train : indices of the bars it learns from, rising.
    test : the bars it judges, from its first up to before its second number.
    """

    train: Indices
    test: tuple[int, int]


def walk_forward(ends: Indices, *, folds: int, embargo: int, first: float) -> list[Split]:
    """Stretches of bars to judge, one after another, each with all of the past that may be learnt from.

    A bar is learnt from only where its label ends, and ``embargo`` bars more have passed, before the first bar that is
    judged: overlapping labels are purged.

    Parameters
    ----------
    ends : index of the last bar each bar's label has seen, shape (bars,).
    folds : number of stretches; they are of equal length.
    embargo : bars left out between the two.
    first : share of the bars before the first stretch, in 0..1.

    Notes
    -----
    López de Prado (2018), Advances in Financial Machine Learning, sections 7.4 (purging and embargo) and 12.2
    (walk-forward).
    """
    bars = len(ends)
    bounds = np.linspace(int(bars * first), bars, folds + 1).astype(np.int64).tolist()
    return [
        Split(np.flatnonzero(ends + embargo < start).astype(np.int64), (start, stop))
        for start, stop in pairwise(bounds)
    ]
