"""What a model learns to predict."""

from __future__ import annotations

import numpy as np
import pytest

from tradebot.feeds.mock import mock_bars
from tradebot.research.models import forward_return, triple_barrier

CLOSE = mock_bars("AUSDT", "1h", 600, seed=4).close
HORIZON = 12


def test_the_forward_return_is_that_from_the_close_to_the_close_horizon_bars_later():
    labels = forward_return(CLOSE, HORIZON)
    assert labels.values[100] == CLOSE[112] / CLOSE[100] - 1
    assert labels.ends[100] == 112
    assert np.isnan(labels.values[-HORIZON:]).all()
    assert not np.isnan(labels.values[:-HORIZON]).any()


@pytest.mark.parametrize("width", [0.3, 1.0, 3.0])
def test_the_triple_barrier_tells_which_barrier_is_met_first(width: float):
    labels = triple_barrier(CLOSE, HORIZON, width)
    returns = CLOSE[1:] / CLOSE[:-1] - 1
    for at in range(101, len(CLOSE) - HORIZON, 7):
        away = width * returns[at - 100 : at].std(ddof=1) * HORIZON**0.5
        value, end = 0.0, at + HORIZON
        for later in range(at + 1, at + HORIZON + 1):
            moved = CLOSE[later] / CLOSE[at] - 1
            if abs(moved) >= away:
                value, end = float(np.sign(moved)), later
                break
        assert (labels.values[at], labels.ends[at]) == (value, end)


def test_narrow_barriers_are_met_and_wide_ones_are_not():
    narrow, wide = (triple_barrier(CLOSE, HORIZON, width).values for width in (0.05, 50.0))
    assert np.nanmean(narrow == 0) < 0.05
    assert set(wide[~np.isnan(wide)]) == {0.0}


def test_a_label_whose_future_is_not_known_to_the_end_is_none():
    labels = triple_barrier(CLOSE, HORIZON, 0.05)
    assert np.isnan(labels.values[-HORIZON:]).all()
    # Nor where too few returns tell how far the barriers are.
    assert np.isnan(labels.values[:100]).all()
