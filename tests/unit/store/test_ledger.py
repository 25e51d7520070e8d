"""The ledger says what the journal says, and nothing else."""

from __future__ import annotations

import sqlite3
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from ledger_story import STORY, fill, started, tables, told_in, update
from tradebot.core.account import AccountSnapshot
from tradebot.core.errors import ConfigError, JournalError
from tradebot.core.event import (
    Adopted,
    CashFlowKind,
    OrderUpdate,
    Submit,
)
from tradebot.core.order import OrderIntent, OrderState, Side
from tradebot.store import migrations
from tradebot.store.account_file import FILE
from tradebot.store.accounts import account_folder, accounts, existing_account
from tradebot.store.journal import JournalReader, SqliteJournal
from tradebot.store.ledger.projection import TABLES
from tradebot.store.ledger.queries import Ledger


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return told_in(tmp_path)


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
