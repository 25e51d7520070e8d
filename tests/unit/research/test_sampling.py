"""Which returns the risk ratios are taken from."""

from __future__ import annotations

import numpy as np
import pytest

from tradebot.research.statistics.sampling import last_step_of_each_day, sample_returns, simple_returns

HOUR = 3_600_000_000_000
DAY = 24 * HOUR


def hourly(count: int) -> np.ndarray:
    return HOUR * np.arange(1, count + 1, dtype=np.int64)


def test_a_step_at_midnight_belongs_to_the_day_it_ends() -> None:
    assert last_step_of_each_day(hourly(49)).tolist() == [23, 47, 48]


def test_five_days_of_hours_are_sampled_daily_from_close_to_close() -> None:
    equity = 100.0 + np.arange(1.0, 121.0)
    series = sample_returns(hourly(120), equity, 100.0, trading_days=365)
    assert (series.kind, series.per_year) == ("daily", 365.0)
    assert series.values.tolist() == pytest.approx([24 / 100, 24 / 124, 24 / 148, 24 / 172, 24 / 196])
    assert series.steps.tolist() == [23, 47, 71, 95, 119]


def test_four_days_are_too_few_and_bar_returns_are_used() -> None:
    series = sample_returns(hourly(96), np.linspace(100.0, 110.0, 96), 100.0, trading_days=365)
    assert (series.kind, series.per_year) == ("bar", 365.0 * 24)
    assert len(series.values) == 96


def test_the_bars_of_an_equity_session_set_the_factor_of_a_short_run() -> None:
    """Two sessions of seven hourly bars: 252 days of seven bars."""
    ts = np.concatenate([DAY * day + HOUR * np.arange(14, 21) for day in (0, 1)])
    series = sample_returns(ts, np.linspace(100.0, 101.0, 14), 100.0, trading_days=252)
    assert series.per_year == pytest.approx(252 * 7)


def test_daily_bars_with_weekends_left_out_keep_the_trading_day_factor() -> None:
    ts = DAY * np.array([1, 2, 3, 4, 5, 8, 9, 10, 11, 12])
    assert sample_returns(ts, np.linspace(100.0, 101.0, 10), 100.0, trading_days=252).per_year == 252.0


def test_weekly_bars_are_annualised_by_weeks() -> None:
    ts = 7 * DAY * np.arange(1, 11)
    series = sample_returns(ts, np.linspace(100.0, 101.0, 10), 100.0, trading_days=365)
    assert series.per_year == pytest.approx(365.25 / 7)


@pytest.mark.filterwarnings("error")
def test_returns_stop_at_ruin() -> None:
    assert simple_returns(np.array([50.0, -10.0, -20.0, 30.0]), 100.0).tolist() == pytest.approx([-0.5, -1.2, 0.0, 0.0])


@pytest.mark.filterwarnings("error")
def test_nothing_to_sample_gives_nothing() -> None:
    series = sample_returns(np.empty(0, np.int64), np.empty(0), 100.0, trading_days=365)
    assert len(series.values) == 0
