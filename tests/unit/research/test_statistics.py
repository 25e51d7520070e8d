"""The record of all figures of a run, on runs small enough to work out by hand."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime

import msgspec
import numpy as np
import pytest

from tradebot.research.statistics import Statistics, TradeStatistics, compute
from tradebot.research.statistics.definitions import FIGURES, TRADE_FIGURES

CLOSES = [100.0, 110.0, 120.0, 90.0, 100.0, 100.0, 130.0, 125.0]
# Long one unit from 100 (open of bar 1) to 120 (open of bar 3), short two from 90 (bar 4) to 100 (bar 6).
HOLDS = [(1, 3, 1.0), (4, 6, -2.0)]


def test_money_and_return(make_run) -> None:
    stats = compute(make_run(CLOSES, HOLDS))
    assert stats.final_equity == pytest.approx(1_000.0 + 20.0 - 20.0)
    assert stats.peak_equity == pytest.approx(1_020.0)
    assert stats.total_return == pytest.approx(0.0)
    assert stats.buy_and_hold_return == pytest.approx(0.25)
    assert (stats.start, stats.end) == (datetime(2025, 1, 1, tzinfo=UTC), datetime(2025, 1, 9, tzinfo=UTC))
    assert (stats.bars, stats.days, stats.sampling, stats.periods_per_year) == (8, 8.0, "daily", 365.0)


def test_trades_are_split_by_side(make_run) -> None:
    stats = compute(make_run(CLOSES, HOLDS))
    assert (stats.trades.count, stats.long.count, stats.short.count) == (2, 1, 1)
    assert (stats.long.net_profit, stats.short.net_profit) == (20.0, -20.0)
    assert stats.long.average_return == pytest.approx(0.20)
    assert stats.short.average_return == pytest.approx(-20.0 / 180.0)
    assert stats.trades.average_bars_held == 2.0
    assert stats.trades.average_hours_held == 48.0


def test_exposure_counts_the_bars_of_entry_and_exit(make_run) -> None:
    """Bars 1, 2, 3 and 4, 5, 6 of eight hold something at some time."""
    assert compute(make_run(CLOSES, HOLDS)).exposure == pytest.approx(6 / 8)


def test_leverage_and_turnover_by_hand(make_run) -> None:
    run = make_run(CLOSES, HOLDS)
    stats = compute(run)
    gross = np.array([0.0, 110.0, 120.0, 0.0, 200.0, 200.0, 0.0, 0.0])
    assert stats.average_leverage == pytest.approx(float(np.mean(gross / run.equity)))
    assert stats.max_leverage == pytest.approx(200.0 / float(run.equity[4]))
    traded = 100.0 + 120.0 + 2 * 90.0 + 2 * 100.0
    assert stats.turnover == pytest.approx(traded / float(np.mean(run.equity)))
    assert stats.turnover_per_year == pytest.approx(stats.turnover * 365.25 / 8.0)


def test_drawdown_is_taken_at_every_step_and_not_at_day_ends(make_run) -> None:
    """An hourly fall that is made good before the day ends is still a drawdown."""
    closes = [100.0] * 10 + [50.0] * 3 + [100.0] * 11 + [100.0] * 120
    stats = compute(make_run(closes, [(1, 140, 10.0)], interval="1h"))
    assert stats.sampling == "daily"
    assert stats.max_drawdown == pytest.approx(-0.5)
    assert math.isnan(stats.sharpe)


def test_costs_are_kept_apart_and_added(make_run) -> None:
    stats = compute(make_run(CLOSES, HOLDS, fee_rate=0.001))
    assert stats.fees == pytest.approx(0.6)
    assert stats.total_costs == pytest.approx(stats.fees)
    assert stats.net_profit == pytest.approx(-stats.fees)


def test_a_position_that_adds_up_to_rounding_noise_is_flat(make_run) -> None:
    run = make_run([100.0] * 10, [(1, 5, 0.1), (2, 6, 0.2)])
    assert compute(run).exposure == pytest.approx(6 / 10)


def test_two_markets_share_one_timeline(make_run, bars_of) -> None:
    """Half the cash in each at its first open is the benchmark: +100 % and -50 % make +25 %."""
    markets = [bars_of([100.0, 150.0, 200.0]), bars_of([100.0, 75.0, 50.0], symbol="ETHUSDT")]
    stats = compute(make_run(markets, {0: [(1, 2, 1.0)], 1: [(1, 2, -1.0)]}))
    assert stats.buy_and_hold_return == pytest.approx(0.25)
    assert stats.trades.count == 2
    assert stats.trades.net_profit == pytest.approx(50.0 + 25.0)
    assert stats.max_leverage == pytest.approx((150.0 + 75.0) / 1_075.0)


def test_equities_have_252_days_a_year(make_run) -> None:
    assert compute(make_run(CLOSES, symbol="SPY")).periods_per_year == 252.0


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("closes", [[100.0], [100.0, 100.0], CLOSES], ids=["one bar", "two bars", "no trade"])
def test_a_run_without_trades_has_figures(make_run, closes) -> None:
    stats = compute(make_run(closes))
    assert (stats.total_return, stats.max_drawdown, stats.exposure, stats.turnover) == (0.0, 0.0, 0.0, 0.0)
    assert stats.trades.count == 0
    assert math.isnan(stats.sharpe)
    assert math.isnan(stats.trades.win_rate)


@pytest.mark.filterwarnings("error")
def test_a_run_without_steps_has_figures(make_run) -> None:
    run = make_run(CLOSES)
    none = np.empty(0)
    empty = replace(run, equity=none, bars=(run.bars[0][:0],))
    stats = compute(empty)
    assert (stats.bars, stats.exposure, stats.max_drawdown) == (0, 0.0, 0.0)
    assert math.isnan(stats.cagr)


@pytest.mark.filterwarnings("error")
def test_a_ruined_account_has_figures(make_run) -> None:
    """Twenty units bought at 100 with a thousand and sold at 20 lose 1,600."""
    stats = compute(make_run([100.0, 50.0, 20.0, 30.0, 20.0, 20.0, 30.0], [(1, 6, 20.0)]))
    assert stats.total_return == pytest.approx(-1.6)
    assert stats.cagr == -1.0
    assert stats.max_drawdown == pytest.approx(-1.6)
    assert stats.worst_period == pytest.approx(-1.0)


def test_every_figure_is_defined_once_and_every_definition_has_its_figure() -> None:
    described = [figure.name for figure in FIGURES]
    fields = {field.name for field in msgspec.structs.fields(Statistics)}
    context = {"start", "end", "days", "bars", "sampling", "periods_per_year", "trades", "long", "short"}
    assert len(described) == len(set(described))
    assert set(described) == fields - context
    trade_names = [figure.name for figure in TRADE_FIGURES]
    assert trade_names == [field.name for field in msgspec.structs.fields(TradeStatistics)]
