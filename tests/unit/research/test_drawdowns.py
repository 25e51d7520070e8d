"""Drawdowns, against a curve whose valleys can be counted by eye."""

from __future__ import annotations

import numpy as np
import pytest

from tradebot.research.statistics.drawdowns import find_drawdowns, underwater

DAY = 86_400_000_000_000
# Peak 120 falls to 90 (a quarter) and is reached again two days later; 150 falls to 135 and does not recover.
CURVE = np.array([110.0, 120.0, 90.0, 100.0, 120.0, 150.0, 135.0, 140.0])
TS = DAY * np.arange(1, 9)


def test_each_valley_has_its_depth_and_its_length() -> None:
    found = find_drawdowns(TS, CURVE, 100.0, 0)
    assert found.depth.tolist() == pytest.approx([-0.25, -0.10])
    assert found.days.tolist() == [3.0, 2.0]
    assert (found.start.tolist(), found.end.tolist()) == ([1, 5], [4, 7])
    assert found.max_depth == pytest.approx(-0.25)
    assert found.average_depth == pytest.approx(-0.175)
    assert (found.max_days, found.average_days) == (3.0, 2.5)


def test_the_initial_equity_is_the_first_peak() -> None:
    found = find_drawdowns(TS[:3], np.array([90.0, 95.0, 101.0]), 100.0, 0)
    assert found.max_depth == pytest.approx(-0.10)
    assert found.days.tolist() == [3.0]
    assert found.start.tolist() == [-1]


def test_a_rising_curve_has_no_drawdown() -> None:
    found = find_drawdowns(TS[:3], np.array([100.0, 101.0, 101.0]), 100.0, 0)
    assert len(found.depth) == 0
    assert (found.max_depth, found.average_depth, found.max_days, found.average_days) == (0.0, 0.0, 0.0, 0.0)


def test_a_debt_is_deeper_than_everything() -> None:
    assert underwater(np.array([50.0, -20.0]), 100.0).tolist() == pytest.approx([-0.5, -1.2])


@pytest.mark.filterwarnings("error")
def test_an_empty_curve_has_no_drawdown() -> None:
    found = find_drawdowns(np.empty(0, np.int64), np.empty(0), 100.0, 0)
    assert found.max_depth == 0.0


def test_depths_agree_with_a_loop_over_a_random_walk() -> None:
    walk = 1_000.0 + np.cumsum(np.random.default_rng(3).standard_normal(2_000))
    found = find_drawdowns(DAY * np.arange(1, 2_001), walk, 1_000.0, 0)
    peak, depth, valleys = 1_000.0, 0.0, []
    for value in walk:
        if value >= peak:
            if depth < 0.0:
                valleys.append(depth)
            peak, depth = value, 0.0
        else:
            depth = min(depth, value / peak - 1.0)
    valleys += [depth] if depth < 0.0 else []
    assert found.depth.tolist() == pytest.approx(valleys)
