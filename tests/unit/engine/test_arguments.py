"""Arguments of the wrong kind, and a strategy that leaves."""

from __future__ import annotations

from typing import Any

import pytest

import tradebot
from tradebot import Strategy
from tradebot.core.errors import StrategyError, TradebotError
from tradebot.feeds.mock import mock_bars

BARS = mock_bars("X", "1h", 200, seed=1)


class Idle(Strategy):
    def on_bar(self, bar: tradebot.Bar) -> None: ...


@pytest.mark.parametrize(
    ("wish", "told"),
    [
        ({"bars": None}, "bars: None is no BarArray. Read a file with tradebot.read_bars(path)"),
        ({"bars": "x.csv"}, "bars: a str is no BarArray"),
        ({"cash": "x"}, "cash: a str is not a number"),
        ({"sizer": 0.5}, "sizer: a float sizes nothing. Give FractionOfEquity(0.5)"),
        ({"risk": {}}, "risk: a dict is no RiskLimits"),
        ({"protection": 0.05}, "protection: a float is no Protection"),
        ({"slippage": 0.001}, "slippage: a float is no Slippage. Give Slippage.bps(2)"),
        ({"fill": "foo"}, 'fill: "foo" is not one of next_open, this_close'),
        ({"path": "x"}, 'path: "x" is not one of pessimistic, optimistic, adaptive'),
    ],
)
def test_an_argument_of_the_wrong_kind_is_named(wish: dict[str, Any], told: str) -> None:
    bars = wish.pop("bars", BARS)
    with pytest.raises(TradebotError) as caught:
        tradebot.backtest(Idle(), bars, **wish)
    assert told in str(caught.value)


def test_a_strategy_that_exits_does_not_take_the_process_with_it() -> None:
    class Leaves(Strategy):
        def on_bar(self, bar: tradebot.Bar) -> None:
            raise SystemExit(3)

    with pytest.raises(StrategyError, match="SystemExit: 3"):
        tradebot.backtest(Leaves(), BARS)


def test_a_run_that_failed_does_not_go_on() -> None:
    from tradebot.engine.backtest import Backtest

    class Fails(Strategy):
        def on_bar(self, bar: tradebot.Bar) -> None:
            raise RuntimeError("no")

    run = Backtest(Fails(), BARS)
    for told in ("RuntimeError: no", "the run has failed before"):
        with pytest.raises(StrategyError, match=told):
            run.advance()


def test_several_markets_share_the_default_size() -> None:
    class Hold(Strategy):
        def on_bar(self, bar: tradebot.Bar) -> Any:
            return self.long()

    markets = [mock_bars(name, "1h", 200, seed=1) for name in "ABC"]
    outcome = tradebot.backtest(Hold(), markets).outcome
    assert outcome.rejections == {}
    assert all(outcome.end_positions[name] > 0 for name in "ABC")


def test_limits_hold_on_reversals() -> None:
    class Flip(Strategy):
        def on_bar(self, bar: tradebot.Bar) -> Any:
            return self.short() if self.position > 0 else self.long()

    risk = tradebot.RiskLimits(max_drawdown=0.02)
    result = tradebot.backtest(Flip(), BARS, sizer=tradebot.FixedQuantity(60.0), risk=risk, cash=10_000)
    assert result.outcome.halted == "max_drawdown"
    assert result.outcome.rejections["max_drawdown"] > 10


@pytest.mark.parametrize("answer", [float("nan"), 0.0])
def test_a_sizer_that_gives_no_size_buys_nothing(answer: float) -> None:
    class Odd:
        def size(self, *_: Any) -> float:
            return answer

    class Hold(Strategy):
        def on_bar(self, bar: tradebot.Bar) -> Any:
            return self.long()

    outcome = tradebot.backtest(Hold(), BARS, sizer=Odd()).outcome
    assert len(outcome.fills["ts"]) == 0
    assert set(outcome.rejections) <= {"invalid_signal", "size_too_small"}


def test_an_entry_whose_stop_is_unknown_is_denied() -> None:
    class Unknown(Strategy):
        def on_bar(self, bar: tradebot.Bar) -> Any:
            return self.long(stop_loss=float("nan"))

    assert set(tradebot.backtest(Unknown(), BARS).outcome.rejections) == {"invalid_signal"}


def test_fills_at_the_close_are_heard() -> None:
    class Hears(Strategy):
        def setup(self, bars: Any) -> None:
            self.heard = 0

        def on_fill(self, event: Any) -> None:
            self.heard += 1
            seen.append(event)

        def on_bar(self, bar: tradebot.Bar) -> Any:
            return self.exit() if self.position else self.long()

    seen: list[Any] = []
    outcome = tradebot.backtest(Hears(), BARS, fill="this_close").outcome
    assert len(seen) == len(outcome.fills["ts"]) - (1 if len(outcome.fills["ts"]) > len(seen) else 0) > 100


def test_a_policy_is_resumed_with_what_it_remembered() -> None:
    from tradebot.core.order import OrderIntent
    from tradebot.engine.backtest import Backtest

    class Waits:
        def __init__(self) -> None:
            self.count = 0

        def decide(self, portfolio: Any, snapshot: Any, context: Any) -> list[Any]:
            self.count += 1
            return [OrderIntent("X", "buy", 1.0)] if self.count == 50 else []

    first = Backtest(Waits(), BARS)
    first.advance(30)
    second = Backtest(Waits(), BARS)
    second.restore(first.save())
    assert second.run().fills["index"].tolist() == [50]


def test_a_saved_run_knows_its_own() -> None:
    from tradebot.core.errors import ConfigError
    from tradebot.engine.backtest import Backtest

    run = Backtest(Idle(), BARS)
    run.advance(10)
    for other in (Backtest(Idle(), BARS, cash=5.0), Backtest(Idle(), mock_bars("Y", "1h", 200, seed=1))):
        with pytest.raises(ConfigError, match="it was saved by a run with other bars"):
            other.restore(run.save())
    with pytest.raises(ConfigError, match="it is no saved run"):
        run.restore(b"nothing")
