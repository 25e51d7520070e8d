"""Walk-forward splits with purging and embargo."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tradebot.research.models import walk_forward


@given(
    bars=st.integers(20, 400),
    folds=st.integers(1, 8),
    embargo=st.integers(0, 20),
    first=st.floats(0.05, 0.9),
    seed=st.integers(0, 2**32 - 1),
)
def test_nothing_learnt_reaches_into_what_is_judged(bars: int, folds: int, embargo: int, first: float, seed: int):
    ends = np.arange(bars) + np.random.default_rng(seed).integers(1, 15, bars)
    splits = walk_forward(ends, folds=folds, embargo=embargo, first=first)
    for split in splits:
        start, _ = split.test
        assert (ends[split.train] + embargo < start).all()
        # All of the past that may be learnt from is.
        left_out = np.setdiff1d(np.arange(start), split.train)
        assert (ends[left_out] + embargo >= start).all()


@given(bars=st.integers(20, 400), folds=st.integers(1, 8), first=st.floats(0.05, 0.9))
def test_the_judged_stretches_follow_one_another_to_the_end(bars: int, folds: int, first: float):
    splits = walk_forward(np.arange(bars) + 1, folds=folds, embargo=0, first=first)
    assert len(splits) == folds
    assert splits[0].test[0] == int(bars * first)
    assert splits[-1].test[1] == bars
    assert all(before.test[1] == after.test[0] for before, after in pairwise(splits))
    lengths = [stop - start for start, stop in (split.test for split in splits)]
    assert max(lengths) - min(lengths) <= 1
