"""Fills that come permuted, twice, or not at all until a snapshot brings them: the books are exact against plain sums.

A short run by default; ``TRADEBOT_CASES=100000`` makes the long one.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tradebot_native import OrderIntent

from tradebot.core.account import AccountSnapshot, OpenOrder, OpenPosition
from tradebot.core.bar import Bar
from tradebot.core.event import BarClosed, OrderUpdate
from tradebot.core.fill import Fill, Liquidity
from tradebot.core.instrument import Instrument
from tradebot.core.journal import Message
from tradebot.core.order import OrderState, OrderType, Side
from tradebot.engine.plan import Plan
from tradebot.engine.replay import replay
from tradebot.engine.trader import Trader

CASES = int(os.environ.get("TRADEBOT_CASES", "150"))
MINUTE = 60_000_000_000
CASH = Decimal(10_000_000)
MARKETS = [Instrument.binance_perpetual(symbol) for symbol in ("BTCUSDT", "ETHUSDT")]


class Drawn(msgspec.Struct):
    """One order, and what becomes of it at the venue."""

    symbol: str
    side: Side
    lots: int
    fills: list[tuple[int, int, int]]
    """Lots, price in ticks above 90, fee in hundredths."""
    canceled: bool


class Gives:
    """A policy that gives all orders at once."""

    def __init__(self, orders: list[Drawn]) -> None:
        self.orders = orders

    def decide(self, portfolio: Any, snapshot: Any, context: Any) -> Sequence[OrderIntent]:
        orders, self.orders = self.orders, []
        return [
            OrderIntent(order.symbol, order.side, order.lots * 0.001, type="limit", price=100.0) for order in orders
        ]


@st.composite
def drawn_orders(draw: st.DrawFn) -> list[Drawn]:
    orders: list[Drawn] = []
    for _ in range(draw(st.integers(1, 4))):
        lots = draw(st.integers(1_000, 9_000))
        sizes: list[int] = []
        for share in draw(st.lists(st.integers(1, 9_000), max_size=4)):
            sizes.append(min(share, lots - sum(sizes)))
        fills = [(size, draw(st.integers(0, 200)), draw(st.integers(-5, 50))) for size in sizes if size]
        side, symbol = draw(st.sampled_from(list(Side))), draw(st.sampled_from([market.symbol for market in MARKETS]))
        orders.append(Drawn(symbol, side, lots, fills, draw(st.booleans())))
    return orders


def fills_of(number: int, order: Drawn) -> list[Fill]:
    return [
        Fill(
            trade_id=f"{number}.{n}",
            order_id=f"run-{number}",
            symbol=order.symbol,
            ts=2 * MINUTE + n,
            side=order.side,
            price=Decimal(90) + Decimal(ticks) / 10,
            quantity=Decimal(size) / 1000,
            fee=Decimal(fee) / 100,
            fee_currency="USDT",
            liquidity=Liquidity.MAKER,
        )
        for n, (size, ticks, fee) in enumerate(order.fills)
    ]


def updates_of(number: int, order: Drawn) -> list[OrderUpdate]:
    def update(state: str, fill: Fill | None = None) -> OrderUpdate:
        ts = 2 * MINUTE
        return OrderUpdate(ts=ts, order_id=f"run-{number}", symbol=order.symbol, state=OrderState(state), fill=fill)

    fills = fills_of(number, order)
    states = ["partially_filled"] * len(fills)
    if fills and sum(size for size, _, _ in order.fills) == order.lots:
        states[-1] = "filled"
    ends = [update("canceled")] if order.canceled and "filled" not in states else []
    return [update("accepted"), *(update(*each) for each in zip(states, fills, strict=True)), *ends]


def snapshot_of(orders: list[Drawn]) -> AccountSnapshot:
    """What the venue says when it is asked a while later."""
    fills = [fill for number, order in enumerate(orders) for fill in fills_of(number, order)]
    held = {market.symbol: Decimal(0) for market in MARKETS}
    for fill in fills:
        held[fill.symbol] += fill.signed_quantity
    working = [
        OpenOrder(
            order_id=f"run-{number}",
            venue_id="v",
            symbol=order.symbol,
            side=order.side,
            type=OrderType.LIMIT,
            state=OrderState.ACCEPTED,
            quantity=Decimal(order.lots) / 1000,
            filled=Decimal(sum(size for size, _, _ in order.fills)) / 1000,
        )
        for number, order in enumerate(orders)
        if not order.canceled and sum(size for size, _, _ in order.fills) < order.lots
    ]
    positions = [
        OpenPosition(symbol=symbol, quantity=quantity, entry_price=Decimal(100))
        for symbol, quantity in held.items()
        if quantity
    ]
    return AccountSnapshot(
        ts=3 * MINUTE, orders=tuple(working), positions=tuple(positions), balances={}, fills=tuple(fills)
    )


def expected_state(order: Drawn, *, cancel_heard: bool) -> str:
    filled = sum(size for size, _, _ in order.fills)
    if filled == order.lots:
        return "filled"
    if order.canceled:
        # Gone from the venue and no word of it: it is being asked about.
        return "canceled" if cancel_heard else "unknown"
    return "partially_filled" if filled else "accepted"


def trader_of(orders: list[Drawn]) -> Trader:
    plan = Plan(
        run_id="run", instruments=MARKETS, interval="1m", strategy=Gives(orders.copy()), cash=float(CASH), leverage=5.0
    )
    return Trader(plan)


EMPTY = AccountSnapshot(ts=0, orders=(), positions=(), balances={}, fills=())


@settings(max_examples=CASES, suppress_health_check=list(HealthCheck))
@given(st.data(), drawn_orders())
def test_positions_cash_and_states_are_exact_and_a_replay_is_identical(data: st.DataObject, orders: list[Drawn]):
    trader, journal = trader_of(orders), list[Message]()

    def give(event: Any) -> None:
        journal.extend([event, *trader.handle(event)])

    give(EMPTY)
    for market in MARKETS:
        give(BarClosed(market.symbol, trader._plan.bars, Bar(0, 100.0, 100.0, 100.0, 100.0)))
    events = [update for number, order in enumerate(orders) for update in updates_of(number, order)]
    kept = [update for update in events if data.draw(st.integers(0, 3)) > 0]
    doubled = [update for update in kept if data.draw(st.booleans())]
    for update in data.draw(st.permutations(kept + doubled)):
        give(update)
    give(snapshot_of(orders))

    fills = [fill for number, order in enumerate(orders) for fill in fills_of(number, order)]
    for market in MARKETS:
        held = sum((fill.signed_quantity for fill in fills if fill.symbol == market.symbol), Decimal(0))
        assert trader.portfolio.quantity(market.symbol) == float(held)
    cash = CASH - sum((fill.signed_quantity * fill.price + fill.fee for fill in fills), Decimal(0))
    assert abs(Decimal(trader.portfolio.cash) - cash) < Decimal("0.000001")
    assert abs(Decimal(trader.portfolio.fees) - sum(fill.fee for fill in fills)) < Decimal("0.000001")
    heard = {update.order_id for update in kept if update.state == OrderState.CANCELED}
    for number, order in enumerate(orders):
        found = trader._books.order(number)
        assert found.state == expected_state(order, cancel_heard=f"run-{number}" in heard)
        assert found.filled == sum(size for size, _, _ in order.fills) / 1000
    assert trader.status()["halted"] == ""
    assert replay(lambda: trader_of(orders), journal) is None
