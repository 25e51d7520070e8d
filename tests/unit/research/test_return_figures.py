"""Figures of a series of returns, against worked examples and plain-Python formulas."""

from __future__ import annotations

import math
import statistics
from fractions import Fraction

import numpy as np
import pytest

from tradebot.research.statistics import returns, risk

# Monthly returns of the worked example in empyrical's own test suite ("mixed returns"), first nan left out.
MIXED = np.array([1.0, 10.0, -4.0, 2.0, 3.0, 2.0, 1.0, -10.0]) / 100.0
# Mean 2, squared deviations 16+4+0+4+16 = 40, variance 40 / 4 = 10.
HAND = np.array([-2.0, 0.0, 2.0, 4.0, 6.0])

UNEVEN = np.random.default_rng(7).standard_t(4, 400) * 0.01 + 0.0004


def test_total_return_and_growth_of_a_doubling_in_two_years() -> None:
    assert returns.total_return(100.0, 200.0) == 1.0
    assert returns.cagr(100.0, 200.0, 2.0) == pytest.approx(math.sqrt(2.0) - 1.0)


def test_growth_of_a_ruined_account_is_minus_one() -> None:
    assert returns.cagr(100.0, 0.0, 1.0) == -1.0
    assert returns.cagr(100.0, -5.0, 1.0) == -1.0
    assert returns.total_return(100.0, -5.0) == pytest.approx(-1.05)


def test_growth_is_undefined_below_one_day_and_infinite_beyond_floating_point() -> None:
    assert math.isnan(returns.cagr(100.0, 101.0, 0.5 / 365.25))
    assert returns.cagr(1.0, 1e300, 1.0 / 365.25) == math.inf


def test_sharpe_by_hand() -> None:
    assert returns.sharpe(HAND, 1.0) == pytest.approx(2.0 / math.sqrt(10.0))
    assert returns.sharpe(HAND, 4.0, risk_free=1.0) == pytest.approx(2.0 * 1.0 / math.sqrt(10.0))


def test_sharpe_sortino_and_omega_give_the_published_answers_of_empyrical() -> None:
    """The expected values stand in empyrical/tests/test_stats.py for these returns, daily."""
    assert returns.sharpe(MIXED, 252.0) == pytest.approx(1.7238613961706866, rel=1e-12)
    assert returns.sortino(MIXED, 252.0) == pytest.approx(2.605531251673693, rel=1e-12)
    assert returns.sortino(MIXED, 252.0, required=0.01) == pytest.approx(-1.3934779588919977, rel=1e-12)
    assert returns.omega(MIXED, threshold=0.01) == pytest.approx(0.8125)
    assert returns.omega(MIXED, threshold=11.0 ** (1 / 252) - 1) == pytest.approx(0.83354263497557934, rel=1e-9)


def test_volatility_is_the_sample_deviation_scaled_by_the_root_of_time() -> None:
    expected = statistics.stdev(UNEVEN.tolist()) * math.sqrt(365.0)
    assert returns.annualised_volatility(UNEVEN, 365.0) == pytest.approx(expected)


def test_sortino_counts_every_period_in_the_downside_deviation() -> None:
    values = UNEVEN.tolist()
    downside = math.sqrt(sum(r * r for r in values if r < 0.0) / len(values))
    assert returns.sortino(UNEVEN, 252.0) == pytest.approx(statistics.fmean(values) / downside * math.sqrt(252.0))


def test_skewness_and_kurtosis_by_exact_fractions() -> None:
    """Joanes and Gill's G1 and G2 of 2, 3, 5, 8, 13 computed without floating point until the last step."""
    data = [Fraction(x) for x in (2, 3, 5, 8, 13)]
    n, mean = len(data), sum(data) / len(data)
    m2, m3, m4 = (sum((x - mean) ** k for x in data) / n for k in (2, 3, 4))
    g1 = float(m3) / float(m2) ** 1.5
    g2 = float(m4 / m2**2) - 3.0
    values = np.array([2.0, 3.0, 5.0, 8.0, 13.0])
    assert returns.skewness(values) == pytest.approx(g1 * math.sqrt(n * (n - 1)) / (n - 2))
    assert returns.excess_kurtosis(values) == pytest.approx((n - 1) / ((n - 2) * (n - 3)) * ((n + 1) * g2 + 6.0))


def test_skewness_and_kurtosis_agree_with_pandas() -> None:
    pandas = pytest.importorskip("pandas")
    series = pandas.Series(UNEVEN)
    assert returns.skewness(UNEVEN) == pytest.approx(series.skew())
    assert returns.excess_kurtosis(UNEVEN) == pytest.approx(series.kurt())


def test_tail_ratio_of_an_even_grid() -> None:
    """Percentiles of -10..10 in steps of one are -9 and 9, of -10..30 -8 and 28."""
    assert returns.tail_ratio(np.arange(-10.0, 11.0)) == pytest.approx(1.0)
    assert returns.tail_ratio(np.arange(-10.0, 31.0)) == pytest.approx(28.0 / 8.0)


def test_value_at_risk_and_expected_shortfall_of_an_even_grid() -> None:
    """Of -100..100: five percent lie at or below -90; the worst int(200 * 0.05) + 1 = 11 average -95."""
    grid = np.arange(-100.0, 101.0)
    assert risk.value_at_risk(grid) == pytest.approx(-90.0)
    assert risk.expected_shortfall(grid) == pytest.approx(-95.0)


def test_calmar_is_growth_over_the_depth_of_the_drawdown() -> None:
    assert returns.calmar(0.3, -0.15) == pytest.approx(2.0)
    assert math.isnan(returns.calmar(0.3, 0.0))


def test_alpha_and_beta_of_a_leveraged_market_with_a_steady_gain() -> None:
    market = UNEVEN
    alpha, beta = returns.alpha_beta(2.0 * market + 0.001, market, 252.0)
    assert beta == pytest.approx(2.0)
    assert alpha == pytest.approx(0.252)


def test_kelly_leverage_and_chance_of_halving_of_thorps_example() -> None:
    """Thorp (2006), section 7: mean 6 and variance 4 percent make f* = 1.5; full Kelly halves with chance 1/2."""
    spread = 0.2 * math.sqrt(3.0 / 4.0)
    values = np.array([0.06 - spread, 0.06 - spread, 0.06 + spread, 0.06 + spread])
    assert risk.kelly_leverage(values) == pytest.approx(1.5)
    full_kelly = values * 1.5
    assert risk.kelly_leverage(full_kelly) == pytest.approx(1.0)
    assert risk.probability_of_falling_to(0.5, full_kelly) == pytest.approx(0.5)
    assert risk.probability_of_falling_to(0.5, full_kelly / 2.0) == pytest.approx(0.5**3)


def test_a_losing_series_is_certain_to_halve() -> None:
    assert risk.probability_of_falling_to(0.5, UNEVEN - 0.01) == 1.0


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    "values",
    [np.empty(0), np.array([0.01]), np.zeros(50), np.full(50, 0.01), np.full(50, -0.01)],
    ids=["no returns", "one return", "all zero", "constant gain", "constant loss"],
)
def test_degenerate_returns_give_nan_and_no_warning(values: np.ndarray) -> None:
    assert math.isnan(returns.sharpe(values, 252.0))
    assert math.isnan(returns.skewness(values))
    assert math.isnan(returns.excess_kurtosis(values))
    assert math.isnan(risk.kelly_leverage(values))
    assert math.isnan(risk.probability_of_falling_to(0.5, values))
    assert all(math.isnan(x) for x in returns.alpha_beta(values, values, 252.0))
    for figure in (returns.omega, returns.tail_ratio, risk.value_at_risk, risk.expected_shortfall):
        assert isinstance(figure(values), float)
    assert isinstance(returns.sortino(values, 252.0), float)


def test_rounding_noise_of_a_constant_growth_is_no_spread() -> None:
    equity = 100.0 * 1.01 ** np.arange(100)
    noisy = equity[1:] / equity[:-1] - 1.0
    assert np.ptp(noisy) > 0.0
    assert math.isnan(returns.sharpe(noisy, 252.0))
