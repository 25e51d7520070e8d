"""In what order commands leave for a broker that does not answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal
from types import SimpleNamespace

import pytest
from tradebot_native import OrderIntent

from retained import retained
from tradebot.core.account import AccountSnapshot
from tradebot.core.errors import DataError
from tradebot.core.event import AccountEvent, Alarm, Cancel, CashFlow, CashFlowKind, Submit
from tradebot.engine.live import brokerage as brokerage_module
from tradebot.engine.live.brokerage import Brokerage, Rhythm
from tradebot.engine.live.loss import BrokerLoss
from virtual_time import VirtualLoop


class Hung:
    """A broker that answers nothing about one order until it is let go."""

    def __init__(self, order_id: str) -> None:
        self.order_id = order_id
        self.answered = asyncio.Event()
        self.reached: list[str] = []

    async def submit(self, order_id: str, intent: OrderIntent) -> None:
        self.reached.append(order_id)
        if order_id == self.order_id:
            await self.answered.wait()

    async def cancel(self, order_id: str) -> None:
        self.reached.append(f"cancel {order_id}")


def submit(order_id: str) -> Submit:
    return Submit(order_id, OrderIntent("BTCUSDT", "buy", 1.0))


async def test_an_order_without_an_answer_keeps_its_own_cancellation_waiting_and_no_stop_for_long():
    broker = Hung("r-1")
    brokerage = Brokerage(broker, Rhythm())  # type: ignore[arg-type]
    for errand in (submit("r-1"), Cancel("r-1"), submit("r-1-sl")):
        brokerage.send(errand)
    async with asyncio.timeout(10):
        while "r-1-sl" not in broker.reached:
            await asyncio.sleep(0.01)
    assert broker.reached == ["r-1", "r-1-sl"]
    broker.answered.set()
    await brokerage.settle()
    await brokerage.close()
    assert broker.reached == ["r-1", "r-1-sl", "cancel r-1"]


async def test_orders_that_are_answered_leave_in_the_order_in_which_they_were_given():
    broker = Hung("")
    brokerage = Brokerage(broker, Rhythm())  # type: ignore[arg-type]
    for number in range(20):
        brokerage.send(submit(f"r-{number}"))
    await brokerage.settle()
    await brokerage.close()
    assert broker.reached == [f"r-{number}" for number in range(20)]


async def test_nothing_is_remembered_of_orders_that_were_answered():
    broker = Hung("")
    brokerage = Brokerage(broker, Rhythm())  # type: ignore[arg-type]

    async def trade(numbers: range) -> int:
        for number in numbers:
            brokerage.send(submit(f"r-{number}"))
            brokerage.send(Cancel(f"r-{number}"))
        await brokerage.settle()
        broker.reached.clear()
        await asyncio.sleep(0)
        return retained(brokerage)

    few = await trade(range(10))
    assert await trade(range(10, 500)) < few + 50
    await brokerage.close()


async def test_a_cancellation_stands_in_the_line_of_its_market():
    broker = Hung("a-1")
    brokerage = Brokerage(broker, Rhythm())  # type: ignore[arg-type]
    brokerage.market_of = lambda order_id: order_id[0]
    for errand in (submit("a-1"), Cancel("a-0"), Cancel("b-0")):
        brokerage.send(errand)
    while "cancel b-0" not in broker.reached:
        await asyncio.sleep(0)
    assert broker.reached == ["a-1", "cancel b-0"]
    broker.answered.set()
    await brokerage.settle()
    await brokerage.close()


class Silent:
    """A broker that tells nothing by itself, and answers what it is asked unless it is down."""

    is_down = False

    async def snapshot(self) -> AccountSnapshot:
        if self.is_down:
            raise OSError("no answer")
        return AccountSnapshot(ts=0, orders=(), positions=(), balances={}, fills=())


async def test_a_broker_counts_as_lost_only_where_it_was_asked_and_has_not_answered():
    broker = Silent()
    brokerage = Brokerage(broker, Rhythm(lost_after_s=0.05))  # type: ignore[arg-type]
    await asyncio.sleep(0.1)
    assert brokerage.loss == ""
    broker.is_down = True
    assert await brokerage.snapshot() is None
    assert brokerage.loss == ""
    await asyncio.sleep(0.1)
    assert brokerage.loss == "the broker has not answered for 0.05 s (no answer)"
    broker.is_down = False
    assert await brokerage.snapshot() is not None
    assert brokerage.loss == ""


@pytest.mark.parametrize("steps", range(4))
async def test_comparisons_end_when_they_are_told_to_though_one_is_asked_for_in_the_same_moment(steps: int):
    brokerage = Brokerage(Silent(), Rhythm(compare_s=60.0))  # type: ignore[arg-type]

    async def compare() -> None:
        async for _ in brokerage.comparisons():
            pass

    comparing = asyncio.create_task(compare())
    await asyncio.sleep(0.01)
    brokerage.compare()
    for _ in range(steps):
        await asyncio.sleep(0)
    comparing.cancel()
    _, goes_on = await asyncio.wait({comparing}, timeout=1)
    assert not goes_on


class Blind:
    """A broker whose stream speaks and whose account is never shown."""

    async def snapshot(self) -> AccountSnapshot:
        raise DataError("what it says of the account is not understood")

    async def stream_events(self) -> AsyncIterator[AccountEvent]:
        while True:
            yield CashFlow(ts=0, flow_id="f", kind=CashFlowKind.FUNDING, amount=Decimal(0), currency="USDT")
            await asyncio.sleep(1.0)


def test_an_account_that_is_not_shown_for_a_minute_is_told_once_though_the_stream_speaks(
    monkeypatch: pytest.MonkeyPatch,
):
    async def life() -> None:
        monkeypatch.setattr(brokerage_module, "time", SimpleNamespace(monotonic=asyncio.get_running_loop().time))
        brokerage = Brokerage(Blind(), Rhythm())  # type: ignore[arg-type]
        loss = BrokerLoss(brokerage)
        hearing = asyncio.create_task(anext_of(brokerage.events()))
        asking = asyncio.create_task(anext_of(brokerage.comparisons()))
        told: list[tuple[float, Alarm]] = []
        for _ in range(200):
            await asyncio.sleep(1.0)
            if (alarm := loss.blindness(0)) is not None:
                told.append((asyncio.get_running_loop().time(), alarm))
        hearing.cancel()
        asking.cancel()
        ((at, alarm),) = told
        assert 60 < at < 75
        assert (alarm.severity, "is not understood" in alarm.text) == ("critical", True)

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(life())


async def anext_of(source: AsyncIterator[object]) -> None:
    async for _ in source:
        pass
