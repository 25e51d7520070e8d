"""The commands that read and check what an account has on record."""

from __future__ import annotations

import json
import sqlite3
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tradebot.cli.main import root
from tradebot.core.event import OrderUpdate, Submit
from tradebot.core.fill import Fill, Liquidity
from tradebot.core.journal import RunStarted
from tradebot.core.order import OrderIntent, OrderState, Side
from tradebot.store.account_file import FILE
from tradebot.store.accounts import account_folder
from tradebot.store.journal import SqliteJournal

TS = 1_762_000_000_123_456_000


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TRADEBOT_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def paper() -> Path:
    """Folder of an account that has bought."""
    folder = account_folder("paper")
    bought = Fill(
        trade_id="t1",
        order_id="R1-1",
        symbol="BTCUSDT",
        ts=TS,
        side=Side.BUY,
        price=Decimal("67000.10"),
        quantity=Decimal("0.003"),
        fee=Decimal("0.1005"),
        fee_currency="USDT",
        liquidity=Liquidity.TAKER,
    )
    with SqliteJournal(folder) as journal:
        started = RunStarted(
            ts=TS, run_id="R1", mode="paper", configuration="{}", configuration_hash="0", code_version="0"
        )
        update = OrderUpdate(ts=TS, order_id="R1-1", symbol="BTCUSDT", state=OrderState.FILLED, fill=bought)
        resting = OrderIntent("BTCUSDT", "sell", 0.003, type="limit", price=70000.0)
        journal.append([started, Submit("R1-1", OrderIntent("BTCUSDT", "buy", 0.003))], durable=True)
        journal.append([update, Submit("R1-2", resting)], durable=True)
    return folder


def tradebot(*words: str) -> Result:
    return CliRunner().invoke(root, words, prog_name="tradebot")


def told(*words: str) -> dict[str, object]:
    result = tradebot(*words, "--json")
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


@pytest.mark.parametrize("kind", ["orders", "fills", "positions"])
def test_without_any_account_there_is_nothing_and_a_next_step(kind: str):
    assert told(kind) == {"account": None, kind: []}
    result = tradebot(kind)
    assert (result.exit_code, f"No {kind}: no account is kept yet. `tradebot run CONFIG`" in result.stdout) == (0, True)


def test_orders_fills_and_positions_are_told_with_exact_money(paper: Path):
    (open_order,) = told("orders", "--open")["orders"]
    assert (open_order["order_id"], open_order["state"], open_order["price"]) == ("R1-2", "submitted", "70000")
    (fill,) = told("fills")["fills"]
    assert (fill["price"], fill["quantity"], fill["fee"]) == ("67000.10", "0.003", "0.1005")
    assert fill["ts"] == "2025-11-01T12:26:40.123456Z"
    (position,) = told("positions")["positions"]
    assert (position["quantity"], position["entry_price"]) == ("0.003", "67000.10")


def test_the_tables_are_made_for_people(paper: Path):
    assert "67000.1" in tradebot("orders").stdout
    assert "0.1005 USDT" in tradebot("fills").stdout
    assert "BTCUSDT" in tradebot("positions").stdout
    assert tradebot("orders", "--run", "R9").stdout == "No orders in account paper.\n"


def test_a_misspelled_account_is_refused_with_the_nearest(paper: Path):
    result = tradebot("fills", "--account", "papper")
    assert (result.exit_code, 'Did you mean "paper"?' in result.stderr) == (2, True)


def test_a_sound_ledger_is_verified_also_against_an_exported_head(paper: Path, home: Path):
    head = str(home / "head.json")
    assert tradebot("ledger", "export-head", "-o", head).exit_code == 0
    with SqliteJournal(paper) as journal:
        journal.append([Submit("R1-3", OrderIntent("BTCUSDT", "buy", 1.0))], durable=True)
    assert told("ledger", "verify", "--head", head)["seq"] == 5
    assert told("ledger", "export-head")["seq"] == 5


def test_a_changed_entry_is_named_with_exit_code_1_and_nothing_is_started_on_it(paper: Path):
    connection = sqlite3.connect(paper / FILE)
    with connection:
        connection.execute("DROP TRIGGER entries_are_never_changed")
        connection.execute("UPDATE entries SET at = 0 WHERE seq = 2")
    connection.close()
    result = tradebot("ledger", "verify")
    assert (result.exit_code, "entry 2 is not what was recorded" in result.stderr) == (1, True)
    answer = tradebot("ledger", "verify", "--json")
    assert (answer.exit_code, json.loads(answer.stdout)["sound"]) == (1, False)
    assert tradebot("ledger", "rebuild").exit_code == 2


def test_a_changed_table_is_found_and_made_anew(paper: Path):
    connection = sqlite3.connect(paper / FILE)
    with connection:
        connection.execute("UPDATE positions SET quantity = '9'")
    connection.close()
    result = tradebot("ledger", "verify")
    assert (result.exit_code, "`tradebot ledger rebuild` makes it anew" in result.stderr) == (1, True)
    assert told("ledger", "rebuild")["entries"] == 4
    assert told("positions")["positions"][0]["quantity"] == "0.003"
    assert told("ledger", "verify")["sound"] is True


def test_a_ledger_whose_bot_runs_is_not_made_anew(paper: Path):
    with SqliteJournal(paper):
        result = tradebot("ledger", "rebuild")
        assert (result.exit_code, "is running on this account" in result.stderr) == (2, True)
        assert told("ledger", "verify")["sound"] is True


@pytest.mark.parametrize("command", ["rebuild", "verify", "export-head"])
def test_without_any_account_the_ledger_commands_say_what_makes_one(command: str):
    result = tradebot("ledger", command)
    assert (result.exit_code, "`tradebot run CONFIG` makes one." in result.stderr) == (2, True)
