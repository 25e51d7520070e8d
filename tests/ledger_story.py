"""A short life of a bot, as its journal tells it."""

from __future__ import annotations

import sqlite3
from decimal import Decimal
from pathlib import Path

from tradebot.core.event import (
    CashFlow,
    CashFlowKind,
    EquityMarked,
    Halt,
    OperatorAction,
    OperatorCommand,
    OrderUpdate,
    Reviewed,
    Signaled,
    Submit,
)
from tradebot.core.fill import Fill, Liquidity
from tradebot.core.journal import Message, RunStarted, RunStopped
from tradebot.core.order import OrderIntent, OrderState, Side
from tradebot.store.account_file import FILE
from tradebot.store.journal import SqliteJournal
from tradebot.store.ledger.projection import TABLES


def started(run_id: str, ts: int = 1) -> RunStarted:
    return RunStarted(
        ts=ts, run_id=run_id, mode="paper", configuration="{}", configuration_hash="ab" * 32, code_version="0.1.0"
    )


def fill(trade_id: str, order_id: str, side: Side, price: str, quantity: str, ts: int = 50) -> Fill:
    return Fill(
        trade_id=trade_id,
        order_id=order_id,
        symbol="BTCUSDT",
        ts=ts,
        side=side,
        price=Decimal(price),
        quantity=Decimal(quantity),
        fee=Decimal("0.01"),
        fee_currency="USDT",
        liquidity=Liquidity.TAKER,
    )


def update(order_id: str, state: OrderState, made: Fill | None = None, ts: int = 50, reason: str = "") -> OrderUpdate:
    return OrderUpdate(
        ts=ts, order_id=order_id, symbol="BTCUSDT", state=state, fill=made, venue_id=f"v{order_id}", reason=reason
    )


STORY: tuple[Message, ...] = (
    started("R1"),
    Signaled(ts=10, symbol="BTCUSDT", action="long", order_id="R1-1", entry=100.1, stop_loss=95.0),
    Reviewed(ts=10, order_id="R1-1", symbol="BTCUSDT", allowed=True),
    Submit("R1-1", OrderIntent("BTCUSDT", "buy", 0.3, type="limit", price=100.1, tag="entry")),
    update("R1-1", OrderState.ACCEPTED, ts=20),
    update("R1-1", OrderState.PARTIALLY_FILLED, fill("t1", "R1-1", Side.BUY, "100.1", "0.1")),
    update("R1-1", OrderState.FILLED, fill("t2", "R1-1", Side.BUY, "100.0", "0.2")),
    Reviewed(ts=60, order_id="R1-2", symbol="ETHUSDT", allowed=False, rule="max_positions", reason="1 of 1 is open"),
    Submit("R1-3", OrderIntent("BTCUSDT", "sell", 0.2, reduce_only=True)),
    update("R1-3", OrderState.FILLED, fill("t3", "R1-3", Side.SELL, "110", "0.2", ts=70), ts=70),
    CashFlow(ts=80, flow_id="f1", kind=CashFlowKind.FUNDING, amount=Decimal("-0.5"), currency="USDT", symbol="BTCUSDT"),
    EquityMarked(ts=90, cash=1001.5, equity=1002.25),
    OperatorCommand(95, OperatorAction.PAUSE, "ann", "lunch"),
    Submit("R1-4", OrderIntent("BTCUSDT", "buy", 1.0, type="limit", price=50.0)),
    update("R1-4", OrderState.UNKNOWN, ts=99),
    Halt("the feed is silent"),
    RunStopped(ts=100, reason="asked to"),
)


def tables(folder: Path) -> dict[str, list[tuple[object, ...]]]:
    connection = sqlite3.connect(folder / FILE)
    found = {table: connection.execute(f"SELECT * FROM {table}").fetchall() for table in TABLES}
    connection.close()
    return found


def told_in(folder: Path) -> Path:
    """The folder, with a journal in it that tells the story."""
    with SqliteJournal(folder) as journal:
        for message in STORY:
            journal.append([message], durable=False)
    return folder
