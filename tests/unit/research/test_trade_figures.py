"""Figures of closed trades, against examples worked by hand."""

from __future__ import annotations

import math
import statistics

import numpy as np
import pytest

from tradebot.research.statistics import trades

# Six wins of 200 and four losses of 100: the textbook system of Kelly's formula with W = 0.6 and R = 2.
TEXTBOOK = np.array([200.0, -100.0, 200.0, 200.0, -100.0, -100.0, 200.0, 200.0, -100.0, 200.0])
HOURS = 3_600_000_000_000


def test_the_textbook_system() -> None:
    assert trades.win_rate(TEXTBOOK) == pytest.approx(0.6)
    assert trades.profit_factor(TEXTBOOK) == pytest.approx(3.0)
    assert trades.payoff_ratio(TEXTBOOK) == pytest.approx(2.0)
    assert trades.expectancy(TEXTBOOK) == pytest.approx(0.6 * 200.0 - 0.4 * 100.0)
    assert trades.kelly_fraction(TEXTBOOK) == pytest.approx(0.4)


def test_system_quality_number_by_the_standard_library() -> None:
    values = TEXTBOOK.tolist()
    expected = math.sqrt(10.0) * statistics.fmean(values) / statistics.stdev(values)
    assert trades.sqn(TEXTBOOK) == pytest.approx(expected)


def test_streaks_are_the_longest_runs() -> None:
    figures = trades.trade_statistics(TEXTBOOK, TEXTBOOK / 1e4, np.ones(10, np.int64), np.full(10, HOURS))
    assert figures.longest_winning_streak == 2
    assert figures.longest_losing_streak == 2
    assert trades.longest_run(np.array([True] * 5)) == 5
    assert trades.longest_run(np.array([False])) == 0


def test_a_trade_that_breaks_even_is_neither_won_nor_lost() -> None:
    pnl = np.array([10.0, 0.0, -10.0])
    figures = trades.trade_statistics(pnl, pnl / 100.0, np.zeros(3, np.int64), np.zeros(3, np.int64))
    assert (figures.count, figures.winning, figures.losing) == (3, 1, 1)
    assert figures.win_rate == pytest.approx(1.0 / 3.0)


def test_holding_times_are_means_and_the_longest() -> None:
    pnl = np.array([1.0, 2.0])
    figures = trades.trade_statistics(pnl, pnl, np.array([2, 4]), np.array([2, 4]) * HOURS)
    assert figures.average_bars_held == 3.0
    assert figures.average_hours_held == 3.0
    assert figures.longest_hours_held == 4.0


def test_trade_returns_are_net_profit_over_entry_notional() -> None:
    one = np.array([1.0])
    assert trades.trade_returns(5.0 * one, 100.0 * one, 2.0 * one, 0.5 * one)[0] == pytest.approx(0.05)
    assert trades.trade_returns(5.0 * one, 0.0 * one, 2.0 * one, one)[0] == 0.0


@pytest.mark.filterwarnings("error")
def test_no_trades_give_zero_counts_and_undefined_figures() -> None:
    none = np.empty(0)
    figures = trades.trade_statistics(none, none, np.empty(0, np.int64), np.empty(0, np.int64))
    assert (figures.count, figures.winning, figures.losing, figures.longest_losing_streak) == (0, 0, 0, 0)
    assert figures.net_profit == 0.0
    for name in ("win_rate", "profit_factor", "expectancy", "payoff_ratio", "sqn", "kelly_fraction", "best", "worst"):
        assert math.isnan(getattr(figures, name)), name


@pytest.mark.filterwarnings("error")
def test_only_wins_leave_the_ratios_to_losses_undefined() -> None:
    pnl = np.array([1.0, 2.0, 3.0])
    figures = trades.trade_statistics(pnl, pnl, np.ones(3, np.int64), np.ones(3, np.int64))
    assert figures.win_rate == 1.0
    for name in ("profit_factor", "payoff_ratio", "kelly_fraction", "average_loss"):
        assert math.isnan(getattr(figures, name)), name
