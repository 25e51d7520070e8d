"""Entering once more on the side that is held."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tradebot import Bar, BarArray, FixedQuantity, Instrument, RiskLimits, Strategy
from tradebot.engine.backtest import Backtest

MINUTE = 60_000_000_000


def bars_of(closes: list[float]) -> BarArray:
    """Bars that open at the close before and span just the two."""
    close = np.array(closes)
    opens = np.append(close[0], close[:-1])
    ts = MINUTE * np.arange(len(close), dtype=np.int64)
    high, low = np.maximum(opens, close), np.minimum(opens, close)
    return BarArray(Instrument.mock("X"), "1m", ts, opens, high, low, close, np.ones(len(close)))


class Lines(Strategy):
    """Says what it is told to, bar by bar."""

    lines: dict[int, Any]

    def setup(self, bars: Any) -> None:
        self.row = -1

    def on_bar(self, bar: Bar) -> Any:
        self.row += 1
        said = self.lines.get(self.row)
        return None if said is None else said(self)


def run(lines: dict[int, Any], closes: list[float], **options: Any):
    kind = type("Told", (Lines,), {"lines": lines})
    return Backtest(kind(), bars_of(closes), cash=1e6, sizer=FixedQuantity(1), **options).run()


def test_a_signal_for_the_held_side_is_ignored_unless_it_adds():
    told = {0: lambda s: s.long(), 2: lambda s: s.long(), 4: lambda s: s.long(add=True)}
    outcome = run(told, [100.0] * 8)
    assert outcome.fills["quantity"].tolist() == [1, 1]
    assert outcome.fills["ts"].tolist() == [1 * MINUTE, 5 * MINUTE]
    assert outcome.end_positions == {"X": 2.0}


def test_an_addition_to_nothing_enters():
    assert run({0: lambda s: s.short(add=True)}, [100.0] * 4).end_positions == {"X": -1.0}


def test_an_addition_to_the_other_side_reverses():
    told = {0: lambda s: s.long(), 2: lambda s: s.short(add=True)}
    assert run(told, [100.0] * 6).end_positions == {"X": -1.0}


def test_each_unit_has_the_stop_it_brought():
    told = {0: lambda s: s.long(stop_loss=95.0), 2: lambda s: s.long(add=True, stop_loss=98.0)}
    outcome = run(told, [100, 100, 100, 100, 97, 97, 94, 94])
    exits = outcome.fills["side"] < 0
    assert outcome.fills["price"][exits].tolist() == [98.0, 95.0]
    assert outcome.fills["quantity"][exits].tolist() == [1, 1]
    assert outcome.end_positions == {}


def test_an_exit_takes_every_unit_and_its_stops():
    told = {
        0: lambda s: s.long(stop_loss=50.0),
        2: lambda s: s.long(add=True, stop_loss=60.0),
        4: lambda s: s.exit(),
    }
    outcome = run(told, [100.0] * 6 + [40.0] * 3)
    assert outcome.end_positions == {}
    assert len(outcome.fills["ts"]) == 3


def test_an_addition_is_held_against_the_limits():
    told = {0: lambda s: s.long(), 2: lambda s: s.long(add=True)}
    outcome = run(told, [100.0] * 6, risk=RiskLimits(max_exposure=0.00015))
    assert outcome.end_positions == {"X": 1.0}
    assert outcome.rejections == {"max_exposure": 1}


@pytest.mark.parametrize("stop", [2, 3, 4])
def test_a_run_saved_between_two_units_goes_on_to_the_same(stop: int):
    told = {0: lambda s: s.long(), 2: lambda s: s.long(add=True, stop_loss=90.0), 5: lambda s: s.exit()}
    kind, bars = type("Told", (Lines,), {"lines": told}), bars_of([100.0, 101, 102, 101, 100, 99, 98])
    whole = Backtest(kind(), bars, sizer=FixedQuantity(1)).run()
    first, second = (Backtest(kind(), bars, sizer=FixedQuantity(1)) for _ in range(2))
    first.advance(stop)
    second.restore(first.save())
    np.testing.assert_array_equal(second.run().equity, whole.equity)
