"""The ledger's orders are where the journal says, in whatever order it was told."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from ledger_story import STORY, fill, started, told_in, update
from tradebot.core.account import AccountSnapshot, OpenOrder
from tradebot.core.event import (
    Cancel,
    Concluded,
    Replace,
    Submit,
)
from tradebot.core.instrument import instrument_for
from tradebot.core.journal import Message
from tradebot.core.order import OrderIntent, OrderState, OrderType, Side
from tradebot.store.account_file import FILE
from tradebot.store.journal import SqliteJournal
from tradebot.store.ledger.queries import Ledger


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return told_in(tmp_path)


def test_an_order_is_told_from_its_sending_to_its_end(folder: Path):
    with Ledger(folder) as ledger:
        order = next(row for row in ledger.orders() if row.order_id == "R1-1")
    assert (order.state, order.side, order.type) == (OrderState.FILLED, Side.BUY, "limit")
    assert (order.quantity, order.price, order.filled) == (Decimal("0.3"), Decimal("100.1"), Decimal("0.3"))
    assert order.average_price == Decimal("30.01") / Decimal("0.3")
    assert (order.tag, order.venue_id, order.run_id) == ("entry", "vR1-1", "R1")


def test_an_orders_times_are_those_of_the_machine_whatever_the_venues_clock_says(tmp_path: Path):
    moments = iter(range(1_000_000, 2_000_000, 1_000))
    with SqliteJournal(tmp_path, clock=lambda: next(moments)) as journal:
        for message in STORY:
            journal.append([message], durable=True)
        journal.append([update("R1-1-sl", OrderState.ACCEPTED, ts=7)], durable=True)
    with Ledger(tmp_path) as ledger:
        orders = ledger.orders()
        assert [row.created for row in orders] == sorted((row.created for row in orders), reverse=True)
        assert all(1_000_000 <= row.created <= row.updated for row in orders)
        audit = ledger.audit()
        assert [row.ts for row in audit] == sorted((row.ts for row in audit), reverse=True)
        assert min(row.ts for row in audit) >= 1_000_000


BRACKETS = [
    ({"stop_loss": 95.07, "take_profit": 110.0}, {"stop_loss": "95.0", "take_profit": "110.0"}),
    # Distances count from the price of the fill, and lie on the tick farther from it.
    ({"stop_loss_pct": 0.02, "take_profit_pct": 0.04}, {"stop_loss": "98.0", "take_profit": "104.2"}),
]


@pytest.mark.parametrize(("bracket", "levels"), BRACKETS)
def test_an_exit_that_the_broker_made_of_an_entry_has_its_side_size_and_level(
    tmp_path: Path, bracket: dict[str, float], levels: dict[str, str]
):
    market = instrument_for("BTCUSDT", "binance_usdm")
    begun = msgspec.structs.replace(started("R1"), instruments=(market,))
    story: list[Message] = [
        begun,
        Submit("R1-1", OrderIntent("BTCUSDT", "buy", 0.3, **bracket)),
        update("R1-1", OrderState.PARTIALLY_FILLED, fill("t1", "R1-1", Side.BUY, "100.1", "0.1")),
        update("R1-1-sl", OrderState.ACCEPTED),
        update("R1-1-tp", OrderState.ACCEPTED),
        update("R1-1", OrderState.FILLED, fill("t2", "R1-1", Side.BUY, "100.1", "0.2")),
    ]
    with SqliteJournal(tmp_path) as journal:
        journal.append(story, durable=True)
    with Ledger(tmp_path) as ledger:
        target, stop, entry = ledger.orders()
    assert (stop.order_id, target.order_id, entry.order_id) == ("R1-1-sl", "R1-1-tp", "R1-1")
    assert {row.side for row in (stop, target)} == {Side.SELL}
    assert {row.quantity for row in (stop, target)} == {Decimal("0.3")}
    assert (stop.type, stop.trigger, stop.price) == (OrderType.STOP, Decimal(levels["stop_loss"]), None)
    assert (target.type, target.price, target.trigger) == (OrderType.LIMIT, Decimal(levels["take_profit"]), None)
    assert all(row.reduce_only for row in (stop, target))
    assert [row.tag for row in (stop, target)] == ["stop_loss", "take_profit"]
    # No bot wrote this record, so none could replay it.
    (tmp_path / FILE).unlink()


def test_an_exit_that_is_told_of_before_its_entrys_trade_takes_its_size_from_it(tmp_path: Path):
    story: list[Message] = [
        started("R1"),
        Submit("R1-1", OrderIntent("BTCUSDT", "sell", 0.3, stop_loss=105.0)),
        update("R1-1-sl", OrderState.ACCEPTED),
    ]
    with SqliteJournal(tmp_path) as journal:
        journal.append(story, durable=True)
        with Ledger(tmp_path) as ledger:
            assert ledger.orders(order_id="R1-1-sl")[0].quantity is None
        filled = fill("t1", "R1-1", Side.SELL, "100", "0.3")
        journal.append([update("R1-1", OrderState.FILLED, filled)], durable=True)
    with Ledger(tmp_path) as ledger:
        (stop,) = ledger.orders(order_id="R1-1-sl")
    assert (stop.side, stop.quantity, stop.trigger) == (Side.BUY, Decimal("0.3"), Decimal(105))


@pytest.mark.parametrize(("quantity", "state"), [("1", OrderState.FILLED), ("0.4", OrderState.PARTIALLY_FILLED)])
def test_a_trade_that_a_snapshot_brings_moves_its_order_too(folder: Path, quantity: str, state: OrderState):
    missed = fill("t9", "R1-4", Side.BUY, "50", quantity, ts=150)
    snapshot = AccountSnapshot(ts=200, orders=(), positions=(), balances={}, fills=(missed,))
    with SqliteJournal(folder) as journal:
        journal.append([update("R1-4", OrderState.ACCEPTED), snapshot], durable=True)
    with Ledger(folder) as ledger:
        (order,) = [row for row in ledger.orders() if row.order_id == "R1-4"]
    assert (order.state, order.filled) == (state, Decimal(quantity))


def showing(order_id: str, quantity: str, ts: int) -> AccountSnapshot:
    working = OpenOrder(
        order_id=order_id,
        venue_id="v",
        symbol="BTCUSDT",
        side=Side.BUY,
        type=OrderType.LIMIT,
        state=OrderState.ACCEPTED,
        quantity=Decimal(quantity),
        filled=Decimal(0),
    )
    return AccountSnapshot(ts=ts, orders=(working,), positions=(), balances={}, fills=())


def test_an_unanswered_order_that_a_snapshot_shows_at_work_is_accepted(folder: Path):
    with SqliteJournal(folder) as journal:
        journal.append([showing("R1-4", "1", ts=200)], durable=True)
    assert state_of(folder, "R1-4") == OrderState.ACCEPTED


def test_an_order_whose_change_was_never_answered_is_filled_when_the_changed_quantity_is(folder: Path):
    told = update("R1-4", OrderState.PARTIALLY_FILLED, fill("t9", "R1-4", Side.BUY, "50", "0.6"))
    with SqliteJournal(folder, clock=lambda: 150) as journal:
        journal.append([update("R1-4", OrderState.ACCEPTED, ts=100), Replace("R1-4", quantity=0.6)], durable=True)
        journal.append([showing("R1-4", "0.6", ts=200), told], durable=True)
    with Ledger(folder) as ledger:
        (order,) = ledger.orders(order_id="R1-4")
    assert (order.state, order.quantity, order.price) == (OrderState.FILLED, Decimal("0.6"), Decimal(50))


def test_a_snapshot_from_before_an_order_was_changed_takes_nothing_back(folder: Path):
    changed = msgspec.structs.replace(update("R1-4", OrderState.ACCEPTED, ts=201), quantity=Decimal(2))
    with SqliteJournal(folder) as journal:
        journal.append([changed, showing("R1-4", "1", ts=200)], durable=True)
    with Ledger(folder) as ledger:
        (order,) = ledger.orders(order_id="R1-4")
    assert order.quantity == Decimal(2)


@pytest.mark.parametrize("state", [OrderState.REJECTED, OrderState.CANCELED])
def test_an_order_that_the_trader_has_given_up_is_no_longer_open(folder: Path, state: OrderState):
    with SqliteJournal(folder) as journal:
        journal.append([Concluded(ts=160, order_id="R1-4", symbol="BTCUSDT", state=state)], durable=True)
    with Ledger(folder) as ledger:
        (order,) = [row for row in ledger.orders() if row.order_id == "R1-4"]
        assert order.state == state
        assert not ledger.orders(is_open=True)


def test_a_late_fill_after_a_cancel_is_booked(folder: Path):
    with SqliteJournal(folder) as journal:
        journal.append([update("R1-4", OrderState.CANCELED)], durable=True)
        journal.append([update("R1-4", OrderState.FILLED, fill("t9", "R1-4", Side.BUY, "50", "1"))], durable=True)
    with Ledger(folder) as ledger:
        (order,) = [row for row in ledger.orders() if row.order_id == "R1-4"]
        assert (order.state, order.filled) == (OrderState.FILLED, Decimal(1))
        assert ledger.positions()[0].quantity == Decimal("1.1")


def test_a_state_that_arrives_late_moves_an_order_no_more(folder: Path):
    with SqliteJournal(folder) as journal:
        journal.append([update("R1-3", OrderState.ACCEPTED), Cancel("R1-3")], durable=True)
    with Ledger(folder) as ledger:
        assert {row.order_id: row.state for row in ledger.orders()}["R1-3"] == OrderState.FILLED


def test_a_trade_that_is_told_again_opens_no_order_that_has_ended(folder: Path):
    first = fill("t9", "R1-4", Side.BUY, "50", "0.4")
    with SqliteJournal(folder) as journal:
        journal.append([update("R1-4", OrderState.PARTIALLY_FILLED, first)], durable=True)
        journal.append([update("R1-4", OrderState.EXPIRED)], durable=True)
        journal.append([update("R1-4", OrderState.PARTIALLY_FILLED, first)], durable=True)
    assert state_of(folder, "R1-4") == OrderState.EXPIRED


def test_a_refusal_of_what_was_to_be_canceled_ends_an_order(folder: Path):
    with SqliteJournal(folder) as journal:
        sent = Submit("R1-5", OrderIntent("BTCUSDT", "buy", 1.0))
        journal.append([sent, update("R1-5", OrderState.ACCEPTED), Cancel("R1-5")], durable=True)
        assert state_of(folder, "R1-5") == OrderState.PENDING_CANCEL
        journal.append([update("R1-5", OrderState.REJECTED)], durable=True)
    assert state_of(folder, "R1-5") == OrderState.REJECTED


def state_of(folder: Path, order_id: str) -> OrderState:
    with Ledger(folder) as ledger:
        (order,) = ledger.orders(order_id=order_id)
    return order.state


def test_an_order_the_bot_did_not_send_is_kept_with_what_is_known_of_it(folder: Path):
    closed = fill("t9", "autoclose-1", Side.SELL, "90", "0.1")
    with SqliteJournal(folder) as journal:
        journal.append([update("autoclose-1", OrderState.FILLED, closed, reason="liquidation")], durable=True)
    with Ledger(folder) as ledger:
        (order,) = ledger.orders(symbol="BTCUSDT", limit=1)
        assert (order.order_id, order.side, order.quantity, order.reason) == (
            "autoclose-1",
            Side.SELL,
            None,
            "liquidation",
        )
        assert ledger.positions() == []
        assert ledger.positions(is_open=False)[0].quantity == 0


def test_orders_can_be_asked_for_by_what_is_open_by_run_by_market_and_by_number(folder: Path):
    with SqliteJournal(folder) as journal:
        journal.append([started("R2"), Submit("R2-1", OrderIntent("ETHUSDT", "buy", 1.0))], durable=True)
    with Ledger(folder) as ledger:
        assert [row.order_id for row in ledger.orders(is_open=True)] == ["R2-1", "R1-4"]
        assert [row.order_id for row in ledger.orders(run_id="R1")] == ["R1-4", "R1-3", "R1-1"]
        assert [row.order_id for row in ledger.orders(symbol="ETHUSDT")] == ["R2-1"]
        assert [row.order_id for row in ledger.orders(limit=2)] == ["R2-1", "R1-4"]
        assert [row.trade_id for row in ledger.fills(order_id="R1-1", limit=1)] == ["t2"]
