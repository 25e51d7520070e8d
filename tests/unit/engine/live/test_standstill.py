"""A broker that says the same every few seconds: all of it is looked at, and what is new is taken and recorded."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest
from tradebot_native import Signal

from live_market import MINUTE, SECOND, Live
from paper_run import MemoryJournal, NoLatch, PaperRun, plan_of
from tradebot.brokers.paper import PaperBroker
from tradebot.core.account import AccountSnapshot, OpenOrder, OpenPosition
from tradebot.core.bar import Bar
from tradebot.core.event import (
    BarClosed,
    Cancel,
    CashFlow,
    CashFlowKind,
    Concluded,
    Event,
    Halt,
    OperatorAction,
    OperatorCommand,
    OrderUpdate,
    Output,
    Resumed,
    Timer,
)
from tradebot.core.journal import Checkpoint
from tradebot.core.order import OrderState, OrderType, Side
from tradebot.core.wire import encode
from tradebot.engine.live.standstill import Standstill
from tradebot.engine.live.switch import KillSwitch
from tradebot.engine.live.timers import Timers
from tradebot.engine.live.turns import Turns
from tradebot.feeds.mock import mock_bars
from tradebot.strategies import Strategy

HOUR = 60 * MINUTE


class Deaf:
    """A broker that answers nothing."""

    def apply(self, errand: object) -> list[Any]:
        return []


class Turning:
    """A bot's turns by hand, and what becomes of its broker's snapshots."""

    def __init__(self, lines: dict[int, Any] | None = None) -> None:
        self.live = Live(lines or {})
        self.journal = MemoryJournal()
        self.shown: list[Event] = []
        self.halts: list[Halt] = []
        switch = KillSwitch(NoLatch(), self.halts.append)  # type: ignore[arg-type]
        broker: Any = Deaf()
        self.turns = Turns(self.live.trader, broker, self.journal, switch, Timers(), [self])
        self.ts = 0

    def seen(self, event: Event, outputs: Sequence[Output]) -> None:
        self.shown.append(event)

    def snapshot(self, after: int = 10 * SECOND, **fields: Any) -> bool:
        """Let the broker say something after a while; whether it is taken."""
        self.ts += after
        held = {"orders": (), "positions": (), "balances": {"USDT": Decimal(100_000)}, "fills": ()} | fields
        said = AccountSnapshot(ts=self.ts, **held)
        self.turns.take(said)
        return self.taken(said)

    def bar(self, number: int) -> None:
        bar = Bar(number * MINUTE, 200.0, 200.0, 200.0, 200.0, volume=1.0)
        self.ts = (number + 1) * MINUTE
        self.turns.take(BarClosed("BTCUSDT", self.live.plan.bars, bar))

    def taken(self, event: Event) -> bool:
        return any(message is event for message in self.journal.messages)

    def outputs(self, kind: type) -> list[Any]:
        return [message for message in self.journal.messages if isinstance(message, kind)]


def working(order_id: str = "run-0", **fields: Any) -> OpenOrder:
    values = {
        "order_id": order_id,
        "venue_id": "1",
        "symbol": "BTCUSDT",
        "side": Side.BUY,
        "type": OrderType.LIMIT,
        "state": OrderState.ACCEPTED,
        "quantity": Decimal(1),
        "filled": Decimal(0),
        "price": Decimal(190),
    }
    return OpenOrder(**(values | fields))


def test_what_a_broker_says_again_is_shown_and_neither_taken_nor_recorded():
    turning = Turning()
    assert [turning.snapshot() for _ in range(5)] == [True, False, False, False, False]
    assert len(turning.shown) == turning.turns.events == 5


def test_one_an_hour_is_taken_though_nothing_has_happened():
    turning = Turning()
    taken = [turning.snapshot() for _ in range(1_000)]
    assert [number for number, each in enumerate(taken) if each] == [0, 360, 720]


def test_bars_and_timers_that_lead_to_nothing_make_no_snapshot_news():
    turning = Turning()
    turning.snapshot()
    for number in range(3):
        turning.bar(number)
        turning.turns.take(Timer(turning.ts, "step"))
        assert not turning.snapshot()


@pytest.mark.parametrize(
    "event",
    [
        OrderUpdate(ts=1, order_id="run-7", symbol="BTCUSDT", state=OrderState.CANCELED),
        CashFlow(ts=1, flow_id="f", kind=CashFlowKind.FUNDING, amount=Decimal(1), currency="USDT", symbol="BTCUSDT"),
        OperatorCommand(1, OperatorAction.RELEASE, "ann", "a drill"),
        Resumed(1),
    ],
)
def test_after_something_has_happened_the_same_words_are_taken_again(event: Event):
    turning = Turning()
    turning.snapshot()
    assert not turning.snapshot()
    turning.turns.take(event)
    assert [turning.snapshot(), turning.snapshot()] == [True, False]


@pytest.mark.parametrize(
    "fields",
    [
        {"balances": {"USDT": Decimal(100_001)}},
        {"balances": {"USDT": Decimal(100_000), "BNB": Decimal(1)}},
        {"positions": (OpenPosition(symbol="ETHUSDT", quantity=Decimal(1), entry_price=Decimal(1)),)},
        {"orders": (working("somebody"),)},
        {"orders": (working("somebody", symbol="ETHUSDT", filled=Decimal("0.1")),)},
    ],
)
def test_whatever_a_broker_says_otherwise_is_taken(fields: dict[str, Any]):
    turning = Turning()
    turning.snapshot()
    assert turning.snapshot(**fields)


def test_a_trade_that_was_missed_is_booked_from_the_snapshot_that_brings_it():
    turning = Turning({0: Signal("long", stop_loss=180.0)})
    turning.snapshot()
    turning.bar(0)
    order = working(type=OrderType.MARKET, price=None)
    assert [turning.snapshot(orders=(order,)) for _ in range(2)] == [True, True]
    fill = turning.live.fill("run-0", 1.0, 200.0)
    position = OpenPosition(symbol="BTCUSDT", quantity=Decimal(1), entry_price=Decimal(200))
    assert turning.snapshot(positions=(position,), fills=(fill,))
    assert turning.live.position == 1.0


def test_a_difference_that_is_shown_twice_halts_the_bot_though_it_was_said_in_the_same_words():
    turning = Turning()
    turning.snapshot()
    strange = (OpenPosition(symbol="BTCUSDT", quantity=Decimal(2), entry_price=Decimal(100)),)
    assert [turning.snapshot(positions=strange) for _ in range(2)] == [True, True]
    assert len(turning.halts) == 1
    assert turning.live.position == 2.0
    assert [turning.snapshot(positions=strange) for _ in range(2)] == [True, False]


def test_an_order_that_has_ended_and_is_shown_twice_at_work_is_taken_back():
    turning = Turning({0: Signal("long", type="limit", limit=190.0, stop_loss=180.0)})
    turning.snapshot()
    turning.bar(0)
    turning.turns.take(OrderUpdate(ts=turning.ts, order_id="run-0", symbol="BTCUSDT", state=OrderState.CANCELED))
    assert [turning.snapshot(orders=(working(),)) for _ in range(2)] == [True, True]
    assert turning.outputs(Cancel) == [Cancel("run-0", "unknown_order")]


def test_an_order_just_sent_that_is_not_there_is_asked_about_by_a_later_snapshot_of_the_same_words():
    turning = Turning({0: Signal("long", type="limit", limit=190.0, stop_loss=180.0)})
    turning.snapshot()
    turning.bar(0)
    turning.turns.take(OrderUpdate(ts=turning.ts, order_id="run-0", symbol="BTCUSDT", state=OrderState.ACCEPTED))
    assert turning.snapshot(SECOND)
    assert not turning.outputs(Concluded)
    assert turning.snapshot()
    assert [each.state for each in turning.outputs(Concluded)] == [OrderState.UNKNOWN]


class InAndOut(Strategy):
    """In and out of both sides, at the market and by limits, with rests between."""

    def setup(self, bars: Any) -> None:
        self.row = 0

    def on_bar(self, bar: Bar) -> Any:
        self.row += 1
        way = self.row % 12
        if way == 6:
            return self.exit()
        if way != 1:
            return None
        terms = {"type": "limit", "limit": bar.close * 0.999} if self.row % 24 == 1 else {}
        return self.long(stop_loss=bar.close * 0.997, take_profit=bar.close * 1.003, **terms)


def test_a_bot_that_passes_over_what_it_knows_decides_as_one_that_takes_every_snapshot(
    monkeypatch: pytest.MonkeyPatch,
):
    bars = mock_bars(interval="1m", count=600, seed=4)
    on_market = PaperBroker.on_market

    def asked_all_the_time(broker: PaperBroker, event: Any) -> list[Any]:
        return [*on_market(broker, event), broker.account(), broker.account()]

    monkeypatch.setattr(PaperBroker, "on_market", asked_all_the_time)

    def lived() -> PaperRun:
        return PaperRun(plan_of(InAndOut(), bars), bars)

    def decided(run: PaperRun) -> list[bytes]:
        return [encode(each) for each in run.journal.messages if not isinstance(each, AccountSnapshot | Checkpoint)]

    passing = lived()
    monkeypatch.setattr(Standstill, "is_known", lambda standstill, event: False)
    whole = lived()
    assert decided(passing) == decided(whole)
    assert passing.trader.status() == whole.trader.status()
    counts = [sum(isinstance(each, AccountSnapshot) for each in run.journal.messages) for run in (passing, whole)]
    assert counts[1] > 2 * len(bars)
    assert counts[0] < len(bars)
