"""A live trader on Binance's wire, in lockstep with the local exchange, does to the cent what the backtest does."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from binance_broker import Told, connected
from local_exchange import INSTRUMENT, Running, running
from tradebot.core.bar import BarArray
from tradebot.core.event import BarClosed, Cancel, OrderUpdate, Output, Query, Replace, Submit
from tradebot.engine.backtest import Backtest
from tradebot.engine.plan import Plan
from tradebot.engine.trader import Trader
from tradebot.exchange.settings import RateLimits
from tradebot.feeds.mock import mock_bars
from tradebot.risk import Protection
from tradebot.sizing import FixedQuantity
from tradebot.strategies import registry

BARS = 400
LIMITS = RateLimits(weight_per_minute=1_000_000, orders_per_10s=100_000, orders_per_minute=100_000)


def market() -> BarArray:
    return mock_bars(instrument=INSTRUMENT, interval="1m", count=BARS, seed=5)


class Lockstep:
    """A trader whose broker is Binance's on a local exchange that waits for it."""

    def __init__(self, exchange: Running, told: Told, trader: Trader) -> None:
        self._exchange = exchange
        self._told = told
        self.trader = trader
        self._taken = 0
        self.submitted: list[str] = []

    async def give(self, event: Any) -> None:
        for output in self.trader.handle(event):
            await self._carry_out(output)
        await self._settle()

    async def _carry_out(self, output: Output) -> None:
        broker = self._told.broker
        match output:
            case Submit(order_id, intent):
                self.submitted.append(order_id)
                await broker.submit(order_id, intent)
            case Cancel(order_id):
                await broker.cancel(order_id)
            case Replace(order_id, quantity, price, trigger):
                await broker.replace(order_id, quantity=quantity, price=price, trigger=trigger)
            case Query(order_id):
                await broker.query(order_id)
            case _:
                pass

    async def _settle(self) -> None:
        """Take what the broker tells until it has told everything that the exchange has done."""
        while True:
            ledger = await asyncio.to_thread(self._exchange.ledger)
            await self._told.until(lambda ledger=ledger: self._has_heard(ledger))
            waiting = self._told.events[self._taken :]
            if not waiting:
                return
            for event in waiting:
                self._taken += 1
                for output in self.trader.handle(event):
                    await self._carry_out(output)

    def _has_heard(self, ledger: dict[str, Any]) -> bool:
        ended = {row["clientOrderId"] for row in ledger["orders"] if row["status"] not in ("NEW", "PARTIALLY_FILLED")}
        ended |= {row["clientAlgoId"] for row in ledger["algoOrders"] if row["algoStatus"] in ("CANCELED", "EXPIRED")}
        final = {"filled", "canceled", "expired", "rejected"}
        closed = {
            event.order_id
            for event in self._told.events
            if isinstance(event, OrderUpdate) and str(event.state) in final
        }
        return len(self._told.fills()) == len(ledger["trades"]) and ended <= closed

    async def run(self, bars: BarArray) -> None:
        for bar in bars:
            for _ in range(2):
                await asyncio.to_thread(self._exchange.step)
                await self._settle()
            await self.give(BarClosed(bars.symbol, bars.interval, bar))


@pytest.mark.parametrize(
    ("name", "protection"),
    [
        ("sma_cross", None),
        ("sma_cross", Protection(stop_loss_pct=0.004, take_profit_pct=0.008)),
        ("sma_cross", Protection(trailing_stop_pct=0.003)),
        ("rsi_reversion", None),
        ("turtle", None),
        ("supertrend", Protection(stop_loss_pct=0.003)),
    ],
    ids=["market orders", "brackets", "trailing stops", "reversion", "units", "stops"],
)
async def test_orders_fills_and_money_are_those_of_the_backtest(name: str, protection: Protection | None) -> None:
    bars = market()
    strategy = registry.find(name)()
    options: dict[str, Any] = {
        "cash": 100_000.0,
        "leverage": 20.0,
        "sizer": FixedQuantity(0.5),
        "protection": protection,
    }
    past = Backtest(strategy, [bars], **options).run()
    events: Sequence[BarClosed] = [BarClosed(bars.symbol, bars.interval, bar) for bar in bars]
    with running(events, stepped=True, cash=Decimal(100_000), limits=LIMITS) as exchange:
        async with connected(exchange) as told:
            plan = Plan(
                run_id="run",
                instruments=told.broker.instruments(["BTCUSDT"]),
                interval="1m",
                strategy=strategy,
                abilities=told.broker.abilities,
                **options,
            )
            live = Lockstep(exchange, told, Trader(plan))
            await live.give(await told.broker.snapshot())
            await live.run(bars)
            truth = exchange.ledger()
    fills = past.fills
    assert len(fills["ts"]) > 3
    found = [(float(row["price"]), float(row["qty"]), row["side"] == "BUY", row["time"]) for row in truth["trades"]]
    sides = (fills["side"] > 0).tolist()
    times = (fills["ts"] // 1_000_000).tolist()
    assert found == list(zip(fills["price"].tolist(), fills["quantity"].tolist(), sides, times, strict=True))
    np.testing.assert_allclose(float(truth["equity"]), past.equity[-1], atol=0.005)
    np.testing.assert_allclose(live.trader.portfolio.equity, past.equity[-1], atol=0.005)
    assert truth["placedByClientId"] == dict.fromkeys(live.submitted, 1)
