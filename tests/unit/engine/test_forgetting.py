"""A bot may run for years: what has ended is forgotten, what it remembers stays as large, and it decides the same."""

from __future__ import annotations

import pytest

from paper_run import ABILITIES, PaperRun
from tradebot.brokers.paper import broker as paper
from tradebot.core.account import AccountSnapshot
from tradebot.core.instrument import Instrument
from tradebot.core.journal import Checkpoint
from tradebot.core.wire import encode
from tradebot.engine import decider, trader
from tradebot.engine.plan import Plan
from tradebot.feeds.mock import mock_bars
from tradebot.sizing import FixedQuantity
from tradebot.strategies import Strategy

BARS = 2_000
KEPT = 50
HOLDING, CHURNING = (Instrument.binance_perpetual(symbol) for symbol in ("AAAUSDT", "BBBUSDT"))


class HoldAndChurn(Strategy):
    """Holds one market from the third bar on, behind a stop that is never reached; in the other it is in and out."""

    def setup(self, bars):
        self.row = 0

    def on_bar(self, bar):
        self.row += 1
        if self.instrument.symbol == HOLDING.symbol:
            return self.long(stop_loss=bar.close * 0.01) if self.row == 3 else None
        way = self.row % 3
        if way == 2:
            return self.exit()
        enter = self.long if self.row % 2 else self.short
        terms = {"type": "limit", "limit": bar.close * 0.999} if self.row % 4 == 1 else {}
        away = -1 if self.row % 2 else 1
        return enter(stop_loss=bar.close * (1 + 0.003 * away), take_profit=bar.close * (1 - 0.003 * away), **terms)


def run(count: int) -> PaperRun:
    plan = Plan(
        run_id="run",
        instruments=[HOLDING, CHURNING],
        interval="1m",
        strategy=HoldAndChurn(),
        cash=1e6,
        sizer=FixedQuantity(0.1),
        abilities=ABILITIES,
    )
    markets = [mock_bars(instrument=each, interval="1m", count=count, seed=4) for each in plan.instruments]
    return PaperRun(plan, *markets)


def decided(run: PaperRun) -> list[bytes]:
    """The record but for the moments at which a state was saved, which depend on its size."""
    return [encode(each) for each in run.journal.messages if not isinstance(each, AccountSnapshot | Checkpoint)]


@pytest.fixture
def short_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trader, "KEPT", KEPT)
    monkeypatch.setattr(paper, "KEPT", KEPT)
    monkeypatch.setattr(decider, "KEPT", 100)


def test_a_trader_that_forgets_decides_the_same_as_one_that_does_not(monkeypatch: pytest.MonkeyPatch):
    whole = run(BARS)
    assert whole.trader._books.order_count > 2_500
    monkeypatch.setattr(trader, "KEPT", KEPT)
    monkeypatch.setattr(paper, "KEPT", KEPT)
    short = run(BARS)
    assert len(short.trader._books.orders()["id"]) < len(whole.trader._books.orders()["id"])
    assert decided(short) == decided(whole)
    assert short.trader.status() == whole.trader.status()


@pytest.mark.usefixtures("short_memory")
def test_what_trader_and_paper_broker_remember_does_not_grow():
    half, whole = run(BARS // 2), run(BARS)
    assert whole.trader._books.order_count > 1.9 * half.trader._books.order_count
    for part in ("trader", "broker"):
        small, large = (len(getattr(each, part).state()) for each in (half, whole))
        assert large < 1.2 * small, part


@pytest.mark.usefixtures("short_memory")
def test_an_order_is_kept_as_long_as_a_position_rests_on_it():
    books = run(BARS).trader._books
    (stop,) = books.open_orders(HOLDING.symbol)
    assert books.orders()["id"].tolist()[:2] == [stop.parent, stop.id]
    assert books.find(books.order(stop.parent).client_id) == stop.parent
    assert books.find(f"run-{stop.id + 1}") is None
    assert books.missing_stop(HOLDING.symbol) is None
