"""Runs that went wrong once: each is here so that it stays mended."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tradebot
from tradebot import FixedQuantity, RiskPerTrade, Rules, Strategy, param, ta
from tradebot.core.bar import BarArray
from tradebot.core.errors import DataError, ParameterError, StrategyError
from tradebot.core.instrument import instrument_for
from tradebot.engine.backtest import Backtest
from tradebot.feeds.mock import mock_bars

HOUR = 3_600_000_000_000
BARS = mock_bars("X", "1h", 300, seed=1)


def bars_of(closes: list[float], *, start: int = 0, volume: float = 100.0, symbol: str = "BTCUSDT") -> BarArray:
    prices = np.array(closes, float)
    ts = start + np.arange(len(closes), dtype=np.int64) * HOUR
    return BarArray(
        instrument_for(symbol, "binance_usdm"), "1h", ts, prices, prices, prices, prices, np.full(len(closes), volume)
    )


def test_bars_longer_than_the_steps_between_them_are_refused() -> None:
    with pytest.raises(DataError, match="4h bars overlap at row"):
        BarArray(BARS.instrument, "4h", BARS.ts, BARS.open, BARS.high, BARS.low, BARS.close, BARS.volume)


def test_a_full_exit_takes_the_place_of_a_partial_one() -> None:
    class LeavesTwice(Strategy):
        def setup(self, bars: Any) -> None:
            self.step = 0

        def on_bar(self, bar: tradebot.Bar) -> Any:
            self.step += 1
            return {1: self.long(), 4: self.exit(0.5), 5: self.exit()}.get(self.step)

    outcome = tradebot.backtest(
        LeavesTwice(), bars_of([100.0] * 60, volume=10.0), sizer=FixedQuantity(4.0), participation=0.1, cash=1e6
    ).outcome
    assert outcome.end_positions.get("BTCUSDT", 0.0) == 0.0
    assert len(outcome.trades["pnl"]) > 0


def test_sizing_by_risk_uses_the_leverage_that_the_size_may_have() -> None:
    class Tight(Strategy):
        def on_bar(self, bar: tradebot.Bar) -> Any:
            return self.long(stop_loss_pct=0.001) if bar.ts == 0 else None

    bars = bars_of([100.0] * 5, symbol="NEWUSDT")
    held = [
        tradebot.backtest(Tight(), bars, sizer=RiskPerTrade(0.05), leverage=leverage).outcome.end_positions["NEWUSDT"]
        for leverage in (1.0, 5.0, 10.0)
    ]
    assert held[0] < held[1] < held[2]


def test_a_plain_value_is_the_new_default_of_an_inherited_parameter() -> None:
    class Base(Strategy):
        fast: int = param(10, ge=2, le=100)

        def on_bar(self, bar: tradebot.Bar) -> None: ...

    class Quick(Base):
        fast = 50

    assert Quick().fast == 50
    assert Base().fast == 10
    with pytest.raises(ParameterError, match="fast"):
        type("TooQuick", (Base,), {"fast": 500})
    with pytest.raises(ParameterError, match="the name is taken"):
        type("Taken", (Base,), {"instrument": param(1, ge=0, le=2), "__annotations__": {"instrument": int}})


def test_a_container_of_nodes_and_values_is_refused_when_a_run_is_saved() -> None:
    class Mixed(Strategy):
        def setup(self, bars: Any) -> None:
            self.kept = {"mean": ta.sma(bars.close, 5), "count": 0}

        def on_bar(self, bar: tradebot.Bar) -> None: ...

    run = Backtest(Mixed(), BARS)
    run.advance(10)
    with pytest.raises(StrategyError, match="it mixes indicators with values that would be lost"):
        run.save()


def test_times_before_1970_are_times() -> None:
    class Once(Strategy):
        def on_bar(self, bar: tradebot.Bar) -> Any:
            return self.exit() if self.position else self.long()

    result = tradebot.backtest(Once(), bars_of([100.0] * 20, start=-1_000 * HOUR))
    assert result.trades["entry_time"].null_count() == 0
    assert result.trades["entry_time"][0].year == 1969


def test_a_strategy_of_rules_hears_its_fills() -> None:
    heard: list[Any] = []

    class Hears(Strategy):
        def rules(self, bars: Any) -> Rules:
            return Rules(enter_long=bars.close > 0.0)

        def on_fill(self, event: Any) -> None:
            heard.append(event)

    outcome = tradebot.backtest(Hears(), BARS).outcome
    assert len(heard) == len(outcome.fills["ts"]) == 1


def test_many_tags_cost_no_more_than_one() -> None:
    class Tagged(Strategy):
        def setup(self, bars: Any) -> None:
            self.step = 0

        def on_bar(self, bar: tradebot.Bar) -> Any:
            self.step += 1
            return self.exit(tag=f"out {self.step}") if self.position else self.long(tag=f"in {self.step}")

    outcome = tradebot.backtest(Tagged(), BARS).outcome
    tags = [outcome.tags[code] for code in outcome.trades["tag"]]
    assert len(set(tags)) == len(tags) > 100


def test_a_policy_that_raises_names_its_line_and_the_moment() -> None:
    class Fails:
        def decide(self, portfolio: Any, snapshot: Any, context: Any) -> list[Any]:
            return list[Any]()[1]

    with pytest.raises(StrategyError, match=r"Fails \(.*test_findings.py:\d+\) at 2024-.*IndexError"):
        tradebot.backtest(Fails(), BARS)

    class Says:
        def decide(self, portfolio: Any, snapshot: Any, context: Any) -> Any:
            return None

    with pytest.raises(StrategyError, match="decide returned NoneType, not a list of OrderIntent"):
        tradebot.backtest(Says(), BARS)


def test_crossed_quotes_and_short_columns_are_refused() -> None:
    from tradebot.core.tick_array import QuoteArray, TickArray

    ts, one = np.arange(3), np.ones(3)
    with pytest.raises(DataError, match="the bid is not below the ask in rows? 1"):
        QuoteArray(BARS.instrument, ts, one + 1, one, one, one)
    with pytest.raises(DataError, match="price has the shape"):
        TickArray(BARS.instrument, ts, np.ones(2), one, np.zeros(3, np.int8))
    ticks = TickArray(BARS.instrument, ts, np.ones(3, np.float32), [1, 1, 1], np.zeros(3, int))  # type: ignore[arg-type]
    assert (ticks.price.dtype, ticks.side.dtype) == (np.float64, np.int8)
