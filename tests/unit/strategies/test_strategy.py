"""How a strategy is bound to an instrument, what it says, and what it remembers."""

from collections import deque
from types import SimpleNamespace

import pytest

from tradebot.core.errors import ParameterError, StrategyError
from tradebot.core.instrument import Instrument
from tradebot.strategies import Strategy, param


class FakeNode:
    warmup = 0


class FakeFrame:
    """Gives marks in place of nodes, and remembers the higher intervals that were asked for."""

    def __init__(self, interval: str = "1m") -> None:
        self.interval = interval
        self.asked: list[str] = []
        self.open = self.close = FakeNode()

    def higher(self, interval: str):
        self.asked.append(interval)
        return FakeFrame(interval)


class FakePortfolio:
    def open_quantity(self, instrument: int) -> float:
        return instrument - 0.5


class Counter(Strategy):
    """Counts bars and remembers closes."""

    window: int = param(3, ge=1)

    def setup(self, bars):
        self.node = bars.close
        self.nodes = {"slow": [bars.open]}
        self.higher = self.bars("4h")
        self.count = 0
        self.seen = deque(maxlen=self.window)
        self.same = self.seen

    def on_bar(self, bar):
        self.count += 1
        self.seen.append(bar.close)
        return self.long(stop_loss=bar.close / 2, tag="up")


def bound(strategy: Strategy, index: int = 0, symbol: str = "MOCKUSDT"):
    return strategy.bind(index, Instrument.mock(symbol), FakePortfolio(), FakeFrame())


def close_at(price: float) -> SimpleNamespace:
    return SimpleNamespace(close=price)


def test_the_name_is_the_class_name_in_snake_case():
    names = {}
    for title in ("SmaCross", "RSI2Reversal", "MACDTrend", "X"):
        names[title] = type(title, (Strategy,), {}).name
    assert names == {
        "SmaCross": "sma_cross",
        "RSI2Reversal": "rsi2_reversal",
        "MACDTrend": "macd_trend",
        "X": "x",
    }


def test_a_bound_copy_has_the_parameters_and_leaves_the_original_alone():
    original = Counter(window=5)
    first, second = bound(original, 0, "AUSDT"), bound(original, 1, "BUSDT")
    first.on_bar(close_at(10.0))
    assert first.window == second.window == 5
    assert (first.count, second.count) == (1, 0)
    assert not hasattr(original, "count")
    assert [first.instrument.symbol, second.instrument.symbol] == ["AUSDT", "BUSDT"]
    assert (first.position, second.position) == (-0.5, 0.5)


def test_setup_gets_the_base_bars_and_may_ask_for_higher_ones():
    frame = FakeFrame()
    copy = Counter().bind(0, Instrument.mock(), FakePortfolio(), frame)
    assert frame.asked == ["4h"]
    assert copy.higher.interval == "4h"
    assert copy.higher.instrument.symbol == "MOCKUSDT"


def test_an_interval_outside_the_declared_timeframes_is_refused():
    class Declared(Counter):
        timeframes = ("1h",)

    with pytest.raises(StrategyError, match=r'declared\.bars: 4h is not among the declared timeframes 1h\. Add "4h"'):
        bound(Declared())


def test_signals_are_native_and_carry_what_was_said():
    strategy = Counter()
    assert (strategy.long().side, strategy.short().side, strategy.exit().fraction) == ("long", "short", 1.0)
    assert strategy.long() is strategy.long()
    half = strategy.exit(0.5, "half")
    assert (half.fraction, half.tag) == (0.5, "half")
    signal = strategy.short(entry=100.0, stop_loss=110.0, take_profit=80.0, confidence=0.5)
    assert (signal.stop_loss, signal.take_profit, signal.confidence) == (110.0, 80.0, 0.5)


def test_a_signal_that_breaks_its_contract_names_the_field():
    with pytest.raises(ValueError, match="stop_loss"):
        Counter().long(entry=100.0, stop_loss=101.0)


def test_forms_are_what_the_class_overrides():
    class Both(Counter):
        def rules(self, bars): ...

    class RulesOnly(Strategy):
        def rules(self, bars): ...

    class Ticks(Strategy):
        def on_tick(self, tick): ...

    assert (Counter.forms(), Both.forms(), RulesOnly.forms()) == (("python",), ("python", "rules"), ("rules",))
    assert Ticks.forms() == ("python",)
    assert Ticks.implements("on_tick")
    assert not Ticks.implements("on_quote")


def test_parameters_are_checked_against_one_another():
    class Ordered(Counter):
        low: int = param(1)
        high: int = param(2)

        def validate(self):
            if self.high <= self.low:
                raise self.refuse("high", f"{self.high} does not exceed low", "Raise it.")

    with pytest.raises(ParameterError, match=r"ordered\.high: 1 does not exceed low\. Raise it\."):
        Ordered(high=1)


def test_a_saved_strategy_resumes_with_the_same_values():
    running = bound(Counter())
    for price in (1.0, 2.0, 3.0, 4.0):
        running.on_bar(close_at(price))
    saved = running.state()
    running.on_bar(close_at(5.0))

    resumed = bound(Counter())
    resumed.restore(saved)
    assert list(saved) == ["count", "seen", "same"]
    assert resumed.same is resumed.seen
    resumed.on_bar(close_at(5.0))
    assert resumed.state() == running.state()


def test_what_happens_after_saving_does_not_change_what_was_saved():
    running = bound(Counter())
    saved = running.state()
    running.restore(saved)
    running.on_bar(close_at(1.0))
    assert saved["count"] == 0
    assert saved == bound(Counter()).state()


def test_a_value_that_cannot_be_saved_is_named():
    strategy = bound(Counter())
    strategy.model = object()
    with pytest.raises(
        StrategyError, match=r"counter\.model: a value of type object cannot be saved.*override state\(\)"
    ):
        strategy.state()
