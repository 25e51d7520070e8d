"""The turtles' rules on markets made for them."""

from __future__ import annotations

import numpy as np

from tradebot import BarArray, Instrument
from tradebot.engine.backtest import Backtest
from tradebot.engine.outcome import RunOutcome
from tradebot.strategies import registry

HOUR = 3_600 * 10**9
QUIET = [100.0, 101.0] * 40


def bars_of(closes: list[float]) -> BarArray:
    """Bars that open at the close before and span just the two."""
    close = np.array(closes, float)
    opens = np.append(close[0], close[:-1])
    ts = HOUR * np.arange(len(close), dtype=np.int64)
    spans = np.maximum(opens, close), np.minimum(opens, close)
    return BarArray(Instrument.mock("X"), "1h", ts, opens, *spans, close, np.ones(len(close)))


def run(closes: list[float], **params) -> RunOutcome:
    return Backtest(registry.find("turtle")(**params), bars_of(closes), cash=100_000).run()


def units(outcome: RunOutcome) -> np.ndarray:
    """Bars after the quiet ones at which units were bought."""
    fills = outcome.fills
    return (fills["ts"][fills["side"] > 0] // HOUR - len(QUIET)).astype(int)


def test_units_are_added_as_the_trend_runs_up_to_four():
    rising = [101.0 + 1.0 * step for step in range(1, 12)]
    outcome = run(QUIET + rising)
    assert len(units(outcome)) == 4
    assert units(outcome)[0] == 1
    assert len(outcome.fills["ts"]) == 4


def test_a_unit_moves_the_account_by_one_percent_for_each_n():
    outcome = run([*QUIET, 102.0, 102.0, 102.0], unit_risk=0.005, unit_cap=1.0)
    # Every bar of the quiet market spans one point, and so does that of the breakout: N is 1.
    assert outcome.fills["quantity"][0] == 500.0


def test_a_unit_is_worth_no_more_than_its_cap():
    outcome = run([*QUIET, 102.0, 102.0, 102.0], unit_cap=0.2)
    assert outcome.fills["quantity"][0] * 102 <= 20_000 < (outcome.fills["quantity"][0] + 1) * 102


def test_a_unit_is_added_half_an_n_beyond_the_last_fill_and_not_before():
    near, far = (run([*QUIET, 102.0, 102.0, 102.0 + step, 102.0 + step]) for step in (0.3, 0.6))
    assert len(units(near)) == 1
    assert len(units(far)) == 2


def test_all_units_leave_two_n_below_the_last_fill():
    rise = [101.0 + step for step in range(1, 7)]
    outcome = run([*QUIET, *rise, 102.5, 102.5])
    assert outcome.fills["price"][outcome.fills["side"] > 0].tolist() == [102, 103, 104, 105]
    # The last unit's own stop lies at 103, and the others leave at the open after the close below it.
    assert outcome.fills["price"][outcome.fills["side"] < 0].tolist() == [103.0, 102.5]
    assert outcome.end_positions == {}


def test_the_first_unit_is_stopped_two_n_below_its_fill_within_the_bar():
    outcome = run([*QUIET, 102.0, 102.0, 95.0, 95.0])
    stop = outcome.fills["price"][outcome.fills["side"] < 0][0]
    assert stop == 100.0


def test_a_breakout_after_one_that_won_is_passed_over():
    won = [102.0, 104, 106, 108, 110, 112, 112, 111, 110, 109, 108, 107, 106, 105, 105]
    flat = [105.0, 106.0] * 15
    again = [107.0, 108.0, 109.0]
    closes = QUIET + won + flat + again
    breakout = len(won) + len(flat)
    skipping, taking = (run(closes, skip_after_winner=skip) for skip in (True, False))
    assert (units(taking) > breakout).any()
    assert not (units(skipping) > breakout).any()


def test_the_failsafe_breakout_is_taken_whatever_went_before():
    won = [102.0, 104, 106, 108, 110, 112, 112, 111, 110, 109, 108, 107, 106, 105, 105]
    flat = [105.0, 106.0] * 15
    closes = [*QUIET, *won, *flat, 113.0, 113.0]
    assert (units(run(closes)) > len(won) + len(flat)).any()


def test_shorts_mirror_longs():
    outcome = run([*QUIET, *(99.0 - step for step in range(1, 12))])
    assert (outcome.fills["side"] < 0).sum() == 4
    assert outcome.end_positions["X"] < 0
    assert len(run([*QUIET, *(99.0 - step for step in range(1, 12))], short_too=False).fills["ts"]) == 0
