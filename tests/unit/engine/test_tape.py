"""A trader keeps the bars that a restart needs, and a replay restarts where the run did."""

from __future__ import annotations

import pytest

from live_market import BTC
from tradebot import ta
from tradebot.core.bar import BarArray
from tradebot.core.event import BarClosed, Signaled
from tradebot.core.journal import Checkpoint, Message, RunStarted
from tradebot.engine import decider
from tradebot.engine.plan import Plan
from tradebot.engine.replay import Comparison, replay
from tradebot.engine.tape import Tape
from tradebot.engine.trader import Trader
from tradebot.feeds.mock import mock_bars
from tradebot.sizing import FixedQuantity
from tradebot.strategies import Strategy

BARS = mock_bars(instrument=BTC, interval="1m", count=1_400, seed=8)
STARTED = RunStarted(ts=0, run_id="run", mode="paper", configuration="", configuration_hash="", code_version="")
KEPT = 100


class Hourly(Strategy):
    """Says the mean of the last eight hours of every minute: it forgets, but not soon."""

    def setup(self, bars):
        self.mean = ta.sma(self.bars("1h").close, 8)

    def on_bar(self, bar):
        return self.long(metadata={"mean": self.mean.now})


class Endless(Strategy):
    """Says the on-balance volume, which never forgets."""

    def setup(self, bars):
        self.total = ta.obv(bars)

    def on_bar(self, bar):
        return self.long(metadata={"total": self.total.now})


@pytest.fixture(autouse=True)
def short_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decider, "KEPT", KEPT)


def trader(strategy: type[Strategy]) -> Trader:
    return Trader(
        Plan(
            run_id="run",
            instruments=[BTC],
            interval="1m",
            strategy=strategy(),
            cash=1e6,
            sizer=FixedQuantity(1.0),
        )
    )


def tell(trader: Trader, bars: BarArray) -> list[Message]:
    """The record of these bars."""
    events = [BarClosed("BTCUSDT", BARS.interval, bar) for bar in bars]
    return [message for event in events for message in (event, *trader.handle(event))]


def restarted(strategy: type[Strategy], before: Trader) -> Trader:
    after = trader(strategy)
    after.restore(before.state())
    return after


def said(record: list[Message]) -> list[float]:
    return [message.metadata["mean"] for message in record if isinstance(message, Signaled) and message.metadata]


def test_a_restart_finds_the_longest_timeframe_warm_and_its_values_as_they_were():
    whole, first = trader(Hourly), trader(Hourly)
    tell(whole, BARS[:1_313])
    tell(first, BARS[:1_313])
    again = restarted(Hourly, first)
    assert 8 * 60 < len(again._desk.deciders["BTCUSDT"].bars) < 12 * 60
    expected = said(tell(whole, BARS[1_313:]))
    assert len(expected) == len(BARS) - 1_313
    # A running sum keeps a trace of what has left it, in its last digit.
    assert said(tell(again, BARS[1_313:])) == pytest.approx(expected, rel=1e-12)


def test_bars_that_no_indicator_needs_are_forgotten_and_that_is_told():
    short = trader(Endless)
    tell(short, BARS)
    assert short.forgotten == {"BTCUSDT": len(BARS) - KEPT}
    assert not trader(Endless).forgotten


def test_a_replay_restarts_where_the_run_did():
    first = trader(Endless)
    record: list[Message] = [STARTED, *tell(first, BARS[:700]), Checkpoint("")]
    again = restarted(Endless, first)
    # Killed after some bars more: what a checkpoint does not hold is told again.
    record += tell(first, BARS[700:720])
    tell(again, BARS[700:720])
    record += [STARTED, *tell(again, BARS[720:])]
    assert replay(lambda: trader(Endless), record) is None
    unstopped = Comparison(trader(Endless))
    for message in record:
        unstopped.take(message)
    assert unstopped.difference is not None


def test_a_tape_comes_back_to_the_bit():
    tape, again = Tape(), Tape()
    for bar in BARS[:50]:
        tape.append(bar)
    tape.keep(20)
    again.restore(tape.state())
    assert [repr(bar) for bar in again] == [repr(bar) for bar in BARS[30:50]]
    assert again.state() == tape.state()
    with pytest.raises(ValueError, match="no bars of"):
        again.restore(b"no bars")
