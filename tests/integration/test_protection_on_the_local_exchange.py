"""A trader's exits rest at the venue for exactly what is held, while entries and targets fill in part."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

import pytest

from binance_broker import Told, connected
from live_market import LINES, Script
from local_exchange import INSTRUMENT, START, Running, bar, running
from tradebot.core.bar import Bar
from tradebot.core.errors import TradebotError
from tradebot.core.event import BarClosed, Cancel, Output, Query, Replace, SetTimer, Submit, Timer
from tradebot.core.interval import Interval
from tradebot.core.signal import Signal
from tradebot.engine.plan import Plan
from tradebot.engine.trader import Trader
from tradebot.sizing import FixedQuantity

LONGEST_S = 15.0
COMPARE_S = 0.5
# A tenth of each bar's hundred units may be taken: 25 units take three bars.
SIZE, SHARE = 25.0, 0.1


class Wired:
    """A trader on a broker: every event goes to it, and every command of its to the venue."""

    def __init__(self, told: Told, trader: Trader) -> None:
        self.told = told
        self.trader = trader
        self.outputs: list[Output] = []
        self._taken = 0

    async def give(self, event: Any) -> None:
        for output in self.trader.handle(event):
            self.outputs.append(output)
            match output:
                case Submit(order_id, intent):
                    await self.told.broker.submit(order_id, intent)
                case Cancel(order_id):
                    await self.told.broker.cancel(order_id)
                case Replace(order_id, quantity, price, trigger):
                    await self.told.broker.replace(order_id, quantity=quantity, price=price, trigger=trigger)
                case Query(order_id):
                    await self.told.broker.query(order_id)
                case SetTimer(ts, name) if name.startswith("query:"):
                    # A trader would wait longer with its next question.
                    asyncio.get_running_loop().call_later(0.3, self.told.events.append, Timer(ts, name))
                case _:
                    pass

    async def settled(self, exchange: Running, *, more: bool = False) -> None:
        """Every trade is booked, and what rests at the venue closes all that is held; stops perhaps ``more``."""
        loop = asyncio.get_running_loop()
        compare = 0.0
        async with asyncio.timeout(LONGEST_S):
            while True:
                while self._taken < len(self.told.events):
                    self._taken += 1
                    await self.give(self.told.events[self._taken - 1])
                if loop.time() > compare:
                    compare = loop.time() + COMPARE_S
                    with contextlib.suppress(TradebotError):
                        await self.give(await self.told.broker.snapshot())
                true = await asyncio.to_thread(exchange.ledger)
                held = Decimal(true["positions"]["BTCUSDT"])
                stops, targets = exits(true)
                booked = self.trader.portfolio.quantity("BTCUSDT") == float(held)
                if booked and targets == held and (stops == held or (stops > held and more)):
                    return
                await asyncio.sleep(0.01)


def exits(true: dict[str, Any]) -> tuple[Decimal, Decimal]:
    """Units that resting stops and resting targets would close."""
    stops = sum(
        Decimal(row["quantity"]) for row in true["algoOrders"] if row["algoStatus"] == "NEW" and row["reduceOnly"]
    )
    working = [row for row in true["orders"] if row["status"] in ("NEW", "PARTIALLY_FILLED") and row["reduceOnly"]]
    targets = sum(Decimal(row["origQty"]) - Decimal(row["executedQty"]) for row in working)
    return Decimal(stops), Decimal(targets)


@asynccontextmanager
async def wired(exchange: Running, entry: Signal) -> AsyncIterator[Wired]:
    async with connected(exchange) as told:
        LINES.clear()
        LINES[0] = entry
        plan = Plan(
            run_id="run",
            instruments=list(told.broker.instruments(["BTCUSDT"])),
            interval=Interval(1, "m"),
            strategy=Script(),
            cash=1_000_000.0,
            sizer=FixedQuantity(SIZE),
            abilities=told.broker.abilities,
        )
        wire = Wired(told, Trader(plan))
        await wire.give(await told.broker.snapshot())
        # The bar on which the strategy enters; the exchange stands at its close.
        await wire.give(BarClosed("BTCUSDT", Interval(1, "m"), Bar(START, 100, 100, 100, 100, 100.0)))
        yield wire


def market(*moved: Any) -> Any:
    events = [bar(n, 100, 100, 100, 100) for n in range(5)] + list(moved)
    # Small steps, so that a tenth of a bar's volume is never cut to nothing.
    return running(events, instruments=[INSTRUMENT], stepped=True, participation=SHARE, cash=Decimal(1_000_000))


async def test_exits_grow_with_the_entry_and_the_stop_closes_all_of_it() -> None:
    falls = [bar(5 + n, 100, 100, 90, 90) if n == 0 else bar(5 + n, 90, 90, 90, 90) for n in range(4)]
    with market(*falls) as exchange:
        exchange.step_bar()
        async with wired(exchange, Signal("long", stop_loss=95.0, take_profit=110.0)) as wire:
            held: list[float] = []
            for _ in range(4):
                await asyncio.to_thread(exchange.step_bar)
                await wire.settled(exchange)
                held.append(wire.trader.portfolio.quantity("BTCUSDT"))
            assert held[-1] == SIZE
            assert len(set(held)) >= 3
            for _ in falls:
                await asyncio.to_thread(exchange.step_bar)
            await wire.settled(exchange)
            assert wire.trader.portfolio.quantity("BTCUSDT") == 0.0
        assert max(exchange.ledger()["placedByClientId"].values()) == 1


async def test_the_stop_shrinks_as_the_target_fills() -> None:
    rises = [bar(5 + n, 111, 111, 111, 111) for n in range(4)]
    with market(*rises) as exchange:
        exchange.step_bar()
        async with wired(exchange, Signal("long", stop_loss=95.0, take_profit=110.0)) as wire:
            for _ in range(4):
                await asyncio.to_thread(exchange.step_bar)
            await wire.settled(exchange)
            left: list[float] = []
            for _ in rises:
                await asyncio.to_thread(exchange.step_bar)
                await wire.settled(exchange)
                left.append(wire.trader.portfolio.quantity("BTCUSDT"))
            assert left[-1] == 0.0
            assert len(set(left)) >= 3


@pytest.mark.parametrize(
    "fault",
    [
        {"action": "error_after", "on": "POST /fapi/v1/algoOrder", "times": 2},
        {"action": "error", "on": "POST /fapi/v1/algoOrder", "code": -1007, "times": 2},
        {"action": "error", "on": "DELETE /fapi/v1/algoOrder", "code": -1007, "times": 2},
        {"action": "lose", "on": "private", "event": "ORDER_TRADE_UPDATE", "times": 4},
        {"action": "duplicate", "on": "private", "times": 20},
        {"action": "split", "pieces": 3, "times": None},
    ],
    ids=lambda fault: f"{fault['action']} {fault.get('on', '')}",
)
async def test_no_position_is_without_its_exits_whatever_fails(fault: dict[str, Any]) -> None:
    with market() as exchange:
        exchange.step_bar()
        async with wired(exchange, Signal("long", stop_loss=95.0, take_profit=110.0)) as wire:
            exchange.control("faults", fault)
            for _ in range(4):
                await asyncio.to_thread(exchange.step_bar)
                # A stop whose change is not answered is doubted, and another put beside it: each reduces only.
                await wire.settled(exchange, more=True)
            assert wire.trader.portfolio.quantity("BTCUSDT") == SIZE
