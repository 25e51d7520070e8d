"""The ledger says what the journal says, and nothing else."""

from __future__ import annotations

import sqlite3
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from tradebot.core.account import AccountSnapshot, OpenOrder
from tradebot.core.errors import ConfigError, JournalError
from tradebot.core.event import (
    Adopted,
    Cancel,
    CashFlow,
    CashFlowKind,
    Concluded,
    EquityMarked,
    Halt,
    OperatorAction,
    OperatorCommand,
    OrderUpdate,
    Replace,
    Reviewed,
    Signaled,
    Submit,
)
from tradebot.core.fill import Fill, Liquidity
from tradebot.core.instrument import instrument_for
from tradebot.core.journal import Message, RunStarted, RunStopped
from tradebot.core.order import OrderIntent, OrderState, OrderType, Side
from tradebot.store import migrations
from tradebot.store.accounts import account_folder, accounts, existing_account
from tradebot.store.journal import FILE, JournalReader, SqliteJournal
from tradebot.store.ledger.projection import TABLES
from tradebot.store.ledger.queries import Ledger


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


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with SqliteJournal(tmp_path) as journal:
        for message in STORY:
            journal.append([message], durable=False)
    return tmp_path


def tables(folder: Path) -> dict[str, list[tuple[object, ...]]]:
    connection = sqlite3.connect(folder / FILE)
    found = {table: connection.execute(f"SELECT * FROM {table}").fetchall() for table in TABLES}
    connection.close()
    return found


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


def test_a_position_is_the_sum_of_its_fills_at_their_average_price(folder: Path):
    with Ledger(folder) as ledger:
        (position,) = ledger.positions()
        (sale, *_) = ledger.fills()
    entry = Decimal("30.01") / Decimal("0.3")
    assert (position.symbol, position.quantity, position.entry_price) == ("BTCUSDT", Decimal("0.1"), entry)
    assert position.realized == sale.realized == (110 - entry) * Decimal("0.2")


def test_a_fill_is_booked_once_however_often_and_however_it_is_told(folder: Path):
    with Ledger(folder) as ledger:
        before = ledger.positions(), ledger.fills()
    again = fill("t2", "R1-1", Side.BUY, "100.0", "0.2")
    snapshot = AccountSnapshot(ts=200, orders=(), positions=(), balances={}, fills=(again,))
    with SqliteJournal(folder) as journal:
        journal.append([update("R1-1", OrderState.FILLED, again), snapshot], durable=True)
    with Ledger(folder) as ledger:
        assert (ledger.positions(), ledger.fills()) == before


def test_the_same_trade_number_of_another_market_is_another_trade(folder: Path):
    other = msgspec.structs.replace(fill("t1", "x", Side.BUY, "1", "1"), symbol="ETHUSDT")
    told = OrderUpdate(ts=1, order_id="x", symbol="ETHUSDT", state=OrderState.FILLED, fill=other)
    with SqliteJournal(folder) as journal:
        journal.append([told], durable=True)
    with Ledger(folder) as ledger:
        assert [row.symbol for row in ledger.positions()] == ["BTCUSDT", "ETHUSDT"]


def test_a_snapshot_brings_missed_trades_of_our_orders_and_none_from_before_the_account(folder: Path):
    missed = fill("t9", "R1-4", Side.BUY, "50", "1", ts=97)
    ancient = fill("t0", "someone-1", Side.BUY, "1", "1", ts=0)
    snapshot = AccountSnapshot(ts=200, orders=(), positions=(), balances={}, fills=(ancient, missed))
    with SqliteJournal(folder) as journal:
        journal.append([snapshot], durable=True)
    with Ledger(folder) as ledger:
        assert [row.trade_id for row in ledger.fills()] == ["t9", "t3", "t2", "t1"]
        assert ledger.positions()[0].quantity == Decimal("1.1")


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


@pytest.mark.parametrize(("held", "trades"), [("0.5", 1), ("0.1", 0), ("0", 1), ("-1", 1)])
def test_a_position_that_the_books_take_from_the_broker_is_the_ledgers_too(folder: Path, held: str, trades: int):
    adopted = Adopted(ts=200, symbol="BTCUSDT", quantity=Decimal(held), price=Decimal(90), currency="USDT")
    with Ledger(folder) as ledger:
        before = len(ledger.fills())
    with SqliteJournal(folder) as journal:
        journal.append([adopted], durable=True)
    with Ledger(folder) as ledger:
        (position,) = ledger.positions(is_open=False)
        assert position.quantity == Decimal(held)
        assert len(ledger.fills()) == before + trades


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


def test_signals_verdicts_cash_equity_audit_and_runs_are_kept(folder: Path):
    with Ledger(folder) as ledger:
        (signal,), (flow,), (point,), (run,) = ledger.signals(), ledger.cash_flows(), ledger.equity(), ledger.runs()
        assert (signal.action, signal.entry, signal.stop_loss) == ("long", Decimal("100.1"), Decimal(95))
        assert (flow.kind, flow.amount) == (CashFlowKind.FUNDING, Decimal("-0.5"))
        assert (point.cash, point.equity) == (Decimal("1001.5"), Decimal("1002.25"))
        assert (run.run_id, run.started, run.resumed, run.stopped) == ("R1", 1, None, 100)
        (denied,) = ledger.verdicts(allowed=False)
        assert (denied.rule, denied.reason) == ("max_positions", "1 of 1 is open")
        assert len(ledger.verdicts()) == 2
        texts = [(row.operator, row.text) for row in ledger.audit()]
    assert texts[:3] == [("", "run R1 stopped: asked to"), ("", "halt: the feed is silent"), ("ann", "pause: lunch")]


def test_a_run_that_goes_on_is_one_run_and_no_longer_stopped(folder: Path):
    with SqliteJournal(folder) as journal:
        journal.append([started("R1", ts=300)], durable=True)
    with Ledger(folder) as ledger:
        (run,) = ledger.runs()
        assert (run.started, run.resumed, run.stopped) == (1, 300, None)


def test_a_rebuilt_ledger_is_the_same_to_the_row(folder: Path):
    before = tables(folder)
    connection = sqlite3.connect(folder / FILE)
    with connection:
        connection.execute("DELETE FROM fills")
        connection.execute("UPDATE positions SET quantity = '7'")
    connection.close()
    with SqliteJournal(folder) as journal:
        assert journal.rebuild_ledger() == len(STORY)
    assert tables(folder) == before
    with JournalReader(folder) as reader:
        reader.verify()


def test_a_table_that_says_what_the_journal_does_not_is_named(folder: Path):
    connection = sqlite3.connect(folder / FILE)
    with connection:
        connection.execute("UPDATE fills SET price = '99' WHERE trade_id = 't1'")
    connection.close()
    with JournalReader(folder) as reader, pytest.raises(JournalError, match="the table fills is not what.*rebuild"):
        reader.verify()


def test_the_ledger_grows_while_it_is_read(folder: Path):
    with SqliteJournal(folder) as journal, Ledger(folder) as ledger:
        journal.append([Submit("R1-5", OrderIntent("ETHUSDT", "buy", 1.0))], durable=True)
        assert ledger.orders(limit=1)[0].order_id == "R1-5"


@pytest.mark.parametrize("version", range(len(migrations.steps())))
def test_a_ledger_of_every_earlier_version_is_brought_up_to_date_with_all_it_knew(
    folder: Path, tmp_path: Path, version: int, monkeypatch: pytest.MonkeyPatch
):
    expected = tables(folder)
    older = tmp_path / "older"
    older.mkdir()
    source, target = sqlite3.connect(folder / FILE), sqlite3.connect(older / FILE, isolation_level=None)
    for step in migrations.steps()[:version]:
        target.executescript(step)
    target.execute(f"PRAGMA user_version = {version}")
    if version:
        rows = source.execute("SELECT * FROM entries").fetchall()
        target.executemany("INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?)", rows)
    target.close()
    source.close()
    if version:
        with pytest.raises(JournalError, match=f"is of version {version}.*`tradebot ledger rebuild`"):
            Ledger(older)
    SqliteJournal(older).close()
    assert tables(older) == (expected if version else {table: [] for table in TABLES})


def test_accounts_are_folders_and_the_one_written_last_is_the_usual_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("TRADEBOT_HOME", str(tmp_path))
    with pytest.raises(ConfigError, match="no account is kept in .*`tradebot run CONFIG` makes one"):
        existing_account(None)
    for name in ("paper", "binance-live"):
        SqliteJournal(account_folder(name)).close()
    assert existing_account(None) == accounts()[0] == "binance-live"
    assert existing_account("paper") == "paper"
    with pytest.raises(ConfigError, match='no account is called "papre". Did you mean "paper"'):
        existing_account("papre")
    with pytest.raises(ConfigError, match="is not a name of an account"):
        account_folder("../elsewhere")
