"""The coins that runs have by the record, which a broker goes on counting from."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from tradebot.app.coins import holdings_of
from tradebot.core.event import Adopted, OrderUpdate
from tradebot.core.fill import COMMISSION, Fill, Liquidity
from tradebot.core.journal import Message, RunStarted
from tradebot.core.order import OrderState, Side
from tradebot.store.journal import SqliteJournal


def told(trade_id: str, order_id: str, side: Side, quantity: str) -> OrderUpdate:
    made = Fill(
        trade_id=trade_id,
        order_id=order_id,
        symbol="BTCUSDT",
        ts=int(trade_id),
        side=side,
        price=Decimal(100),
        quantity=Decimal(quantity),
        fee=Decimal(0),
        fee_currency="USDT",
        liquidity=Liquidity.TAKER,
    )
    return OrderUpdate(ts=made.ts, order_id=order_id, symbol="BTCUSDT", state=OrderState.FILLED, fill=made)


STARTED = RunStarted(ts=0, run_id="run", mode="live", configuration="{}", configuration_hash="", code_version="")
STORY = (
    told("1", "old-1", Side.BUY, "2"),
    told("2", "run-1", Side.BUY, "1"),
    told("3", f"{COMMISSION}run-1", Side.SELL, "0.001"),
    told("4", "run-1-sl", Side.SELL, "0.5"),
)


def recorded(folder: Path, *story: Message) -> Path:
    with SqliteJournal(folder) as journal:
        for message in story:
            journal.append([message], durable=False)
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return recorded(tmp_path, STARTED, *STORY)


def test_a_run_has_what_its_own_orders_have_brought_and_not_sold(folder: Path):
    assert holdings_of(folder, ["run"]).of("BTCUSDT") == Decimal("0.499")
    assert holdings_of(folder, ["run", "old"]).of("BTCUSDT") == Decimal("2.499")


def test_what_is_on_record_is_not_counted_when_it_is_told_once_more(folder: Path):
    holdings = holdings_of(folder, ["run"])
    for update in (*STORY, told("5", "run-2", Side.BUY, "0.25")):
        assert update.fill is not None
        holdings.tell(update.fill)
    assert holdings.of("BTCUSDT") == Decimal("0.749")


def test_a_position_that_was_taken_from_the_broker_counts(tmp_path: Path):
    found = Adopted(ts=9, symbol="BTCUSDT", quantity=Decimal("0.3"), price=Decimal(100), currency="USDT")
    folder = recorded(tmp_path, STARTED, told("1", "run-1", Side.BUY, "1"), found)
    assert holdings_of(folder, ["run"]).of("BTCUSDT") == Decimal("0.3")
