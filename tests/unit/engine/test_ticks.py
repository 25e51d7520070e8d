"""Runs over ticks and quotes: when orders fill, what the outcome looks like, what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tradebot_native as native

import tradebot
from tradebot import FixedQuantity, Instrument, Strategy, ta
from tradebot.core.errors import DataError, StrategyError
from tradebot.core.tick_array import QuoteArray, TickArray
from tradebot.feeds.mock import mock_bars, mock_ticks

SECOND = 1_000_000_000
INSTRUMENT = Instrument.mock("X")


def ticks(prices: list[float], *, apart: int = 20 * SECOND) -> TickArray:
    n = len(prices)
    ts = apart * np.arange(n, dtype=np.int64)
    return TickArray(INSTRUMENT, ts, np.array(prices), np.ones(n), np.zeros(n, dtype=np.int8))


class Momentum(Strategy):
    """Long after two rises, out after two falls."""

    def setup(self, bars: Any) -> None:
        self.last, self.streak = 0.0, 0

    def on_tick(self, tick: native.Tick) -> Any:
        step = (tick.price > self.last) - (tick.price < self.last)
        self.streak = self.streak + step if self.streak * step >= 0 else step
        self.last = tick.price
        if self.streak >= 2:
            return self.long()
        return self.exit() if self.streak <= -2 else None


def test_an_order_meets_the_next_tick_at_the_earliest() -> None:
    prices = [100.0, 101.0, 102.0, 103.0, 102.0, 101.0, 100.0, 100.0]
    result = tradebot.backtest(Momentum(), ticks(prices), sizer=FixedQuantity(1))
    fills = result.outcome.fills
    assert fills["price"].tolist() == [102.0, 100.0]
    assert fills["ts"].tolist() == [2 * 20 * SECOND, 6 * 20 * SECOND]


def test_the_outcome_is_told_in_bars() -> None:
    prices = [100.0, 101.0, 102.0, 103.0, 102.0, 101.0, 100.0, 100.0]
    outcome = tradebot.backtest(Momentum(), ticks(prices), sizer=FixedQuantity(1)).outcome
    (bars,) = outcome.bars
    assert bars.open.tolist() == [100.0, 103.0, 100.0]
    assert bars.high.tolist() == [102.0, 103.0, 100.0]
    assert bars.trades is not None
    assert bars.trades.tolist() == [3, 3, 2]
    assert outcome.fills["index"].tolist() == [0, 2]
    assert (outcome.trades["entry_index"].tolist(), outcome.trades["exit_index"].tolist()) == ([0], [2])
    assert len(outcome.ts) == len(outcome.equity) == 3


def test_takers_pay_the_far_side_of_the_quote() -> None:
    class InAndOut(Strategy):
        def setup(self, bars: Any) -> None:
            self.seen = 0

        def on_quote(self, quote: native.Quote) -> Any:
            self.seen += 1
            return {1: self.long(), 3: self.exit()}.get(self.seen)

    n = 5
    ts = SECOND * np.arange(n, dtype=np.int64)
    bid, ask = np.full(n, 99.5), np.full(n, 100.5)
    quotes = QuoteArray(INSTRUMENT, ts, bid, ask, np.ones(n), np.ones(n))
    fills = tradebot.backtest(InAndOut(), quotes, sizer=FixedQuantity(1)).outcome.fills
    assert fills["price"].tolist() == [100.5, 99.5]


def test_a_mock_day_of_ticks_reports_like_any_run(tmp_path: Any) -> None:
    bars = mock_bars("X", "1m", 300, seed=3)
    data = mock_ticks(bars, seed=3)
    result = tradebot.backtest(Momentum(), data, cash=100_000.0)
    outcome = result.outcome
    signed = outcome.fills["side"] * outcome.fills["quantity"]
    cash = 100_000.0 - np.sum(signed * outcome.fills["price"]) - np.sum(outcome.fills["fee"])
    held = sum(outcome.end_positions.values()) * outcome.bars[0].close[-1]
    assert len(signed) > 100
    assert outcome.final_equity == pytest.approx(cash + held, abs=1e-6)
    np.testing.assert_allclose(outcome.bars[0].close, bars.close)
    file = tmp_path / "report.html"
    result.report(file)
    assert file.stat().st_size > 10_000


def test_what_cannot_be_driven_by_ticks_says_so() -> None:
    class OnBars(Strategy):
        def on_bar(self, bar: Any) -> None: ...

    class Indicators(Momentum):
        def setup(self, bars: Any) -> None:
            self.mean = ta.sma(bars.close, 5)

    with pytest.raises(StrategyError, match="has no on_tick"):
        tradebot.backtest(OnBars(), ticks([1.0, 2.0]))
    with pytest.raises(StrategyError, match="indicators, which follow bars"):
        tradebot.backtest(Indicators(), ticks([1.0, 2.0]))
    with pytest.raises(DataError, match="lies before the row above in row 2"):
        tradebot.backtest(Momentum(), ticks([1.0, 2.0], apart=-SECOND))


def test_a_hook_that_raises_names_its_line_and_the_moment() -> None:
    class Fails(Momentum):
        def on_tick(self, tick: native.Tick) -> None:
            if tick.ts:
                raise RuntimeError("lost")

    with pytest.raises(StrategyError, match=r"test_ticks.py:\d+\) at 1970-01-01T00:00:20Z: RuntimeError: lost"):
        tradebot.backtest(Fails(), ticks([1.0, 2.0, 3.0]))
