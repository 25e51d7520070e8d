"""A record into a fresh trader gives the same, and a saved trader goes on where it stood."""

from __future__ import annotations

import msgspec
import pytest
from tradebot_native import Signal

from live_market import LINES, Live, Script
from paper_run import ABILITIES, PaperRun
from tradebot.core.errors import ConfigError
from tradebot.core.event import BarClosed, Submit
from tradebot.core.journal import Message
from tradebot.core.wire import encode
from tradebot.engine.plan import Plan
from tradebot.engine.replay import replay
from tradebot.engine.trader import Trader
from tradebot.feeds.mock import mock_bars
from tradebot.risk import OrderRate, Protection, RiskLimits
from tradebot.sizing import FixedQuantity
from tradebot.strategies import registry

BARS = mock_bars("BTCUSDT", "5m", 1_500, seed=5)


def plan(name: str = "sma_cross", form: str = "auto") -> Plan:
    return Plan(
        run_id="run",
        instruments=[BARS.instrument],
        interval="5m",
        strategy=registry.find(name)(),
        cash=100_000,
        form=form,
        risk=RiskLimits(max_daily_trades=4),
        rules=[OrderRate(3, 6 * 3_600)],
        protection=Protection(stop_loss_pct=0.01),
        abilities=ABILITIES,
    )


@pytest.fixture(scope="module")
def recorded() -> list[Message]:
    messages = PaperRun(plan(), BARS).journal.messages
    assert any(isinstance(message, Submit) for message in messages)
    return messages


def test_a_fresh_trader_gives_what_was_recorded(recorded: list[Message]):
    assert replay(lambda: Trader(plan()), recorded) is None


def test_the_first_difference_is_shown(recorded: list[Message]):
    at = next(n for n, message in enumerate(recorded) if isinstance(message, Submit))
    changed = recorded.copy()
    changed[at] = msgspec.structs.replace(changed[at], order_id="run-99")
    difference = replay(lambda: Trader(plan()), changed)
    assert difference is not None
    assert difference.found is not None
    assert difference.recorded is changed[at]
    assert encode(difference.found) == encode(recorded[at])
    assert isinstance(difference.cause, BarClosed)
    assert str(difference).startswith(f"event {difference.event}, BarClosed(symbol='BTCUSDT'")


@pytest.mark.parametrize("missing", [True, False])
def test_an_output_too_many_or_too_few_is_a_difference(recorded: list[Message], missing: bool):
    at = next(n for n, message in enumerate(recorded) if isinstance(message, Submit))
    changed = recorded.copy()
    if missing:
        del changed[at]
    else:
        changed.insert(at, changed[at])
    assert replay(lambda: Trader(plan()), changed) is not None


def test_another_strategy_gives_another_run(recorded: list[Message]):
    assert replay(lambda: Trader(plan("macd_cross")), recorded) is not None


@pytest.mark.parametrize("form", ["python", "rules"])
@pytest.mark.parametrize("at", [3, 700, 1_499])
def test_a_saved_trader_goes_on_to_the_same_to_the_bit(form: str, at: int):
    whole = PaperRun(plan(form=form), BARS)
    journal = whole.journal.messages
    events = [message for message in journal if isinstance(message, BarClosed)]
    begins = journal.index(events[at])
    first, second = Trader(plan(form=form)), Trader(plan(form=form))
    assert replay(lambda: first, journal[:begins]) is None
    second.restore(first.state())
    assert replay(lambda: second, journal[begins:]) is None
    assert second.portfolio.equity == whole.trader.portfolio.equity


@pytest.mark.parametrize("name", ["grid", "fixed_weights"])
def test_a_saved_policy_goes_on_to_the_same(name: str):
    markets = [mock_bars(symbol, "1h", 900, seed=4) for symbol in ("AUSDT", "BUSDT")]

    def of_policy() -> Plan:
        instruments = [array.instrument for array in markets]
        strategy = registry.find(name)()
        return Plan(
            run_id="run", instruments=instruments, interval="1h", strategy=strategy, cash=100_000, abilities=ABILITIES
        )

    journal = PaperRun(of_policy(), *markets).journal.messages
    assert any(isinstance(message, Submit) for message in journal)
    begins = journal.index([message for message in journal if isinstance(message, BarClosed)][1_201])
    first, second = Trader(of_policy()), Trader(of_policy())
    assert replay(lambda: first, journal[:begins]) is None
    second.restore(first.state())
    assert replay(lambda: second, journal[begins:]) is None


def test_what_is_asked_about_survives_a_restart():
    live = Live({0: Signal("long")})
    live.bar()
    live.report("run-0", "unknown")
    live.wait(4)
    again = Trader(live.plan)
    again.restore(live.trader.state())
    assert again.timers == live.trader.timers
    moment, asked = live.now, live.wait(600)
    live.trader, live.now = again, moment
    assert [encode(output) for output in live.wait(600)] == [encode(output) for output in asked]


def test_a_strategy_in_python_keeps_what_it_remembers():
    live = Live({0: Signal("long")})
    live.bar()
    live.trade("run-0", 1.0)
    live.bar()
    again = Trader(live.plan)
    again.restore(live.trader.state())
    strategy = again._desk.deciders["BTCUSDT"].strategy
    assert strategy is not None
    assert (strategy.row, strategy.heard) == (1, [("run-0", 1.0)])


@pytest.mark.parametrize("damage", ["cut", "flip", "run", "nothing", "lacking"])
def test_a_state_that_is_not_whole_or_not_its_own_is_refused(damage: str):
    LINES.clear()
    made = {"instruments": [BARS.instrument], "interval": "5m", "strategy": Script(), "cash": 1_000.0}
    trader = Trader(Plan(run_id="run", sizer=FixedQuantity(1), **made))
    state = trader.state()
    other = Trader(Plan(run_id="other" if damage == "run" else "run", sizer=FixedQuantity(1), **made))
    lacking = msgspec.msgpack.encode(msgspec.msgpack.decode(state) | {"reconciliation": {}})
    damaged = {
        "cut": state[: len(state) // 2],
        "flip": state.replace(b"tb0", b"tb9"),
        "run": state,
        "nothing": b"",
        "lacking": lacking,
    }
    with pytest.raises(ConfigError, match=r"^state: "):
        other.restore(damaged[damage])
