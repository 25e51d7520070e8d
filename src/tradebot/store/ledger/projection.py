"""From the journal to the ledger's tables: what each entry changes in them, and nothing else ever does.

Orders and the audit go by the time of recording, which is the machine's; trades, signals, verdicts and equity by that
of their events, which is the market's. Either stands in the journal: the same one always gives the same tables.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

from tradebot.core.account import AccountSnapshot
from tradebot.core.event import (
    Adopted,
    Answered,
    Cancel,
    CashFlow,
    Concluded,
    EquityMarked,
    Halt,
    Notify,
    OperatorCommand,
    OrderUpdate,
    Replace,
    Reviewed,
    Signaled,
    Submit,
)
from tradebot.core.fill import Fill
from tradebot.core.journal import Entry, RunStarted, RunStopped
from tradebot.core.order import OrderState
from tradebot.store.ledger import attached, order_state
from tradebot.store.ledger.holding import Holding, as_text

TABLES: Final = (
    "runs", "markets", "orders", "exits", "fills", "positions", "equity", "signals", "verdicts", "cash_flows", "audit",
)  # fmt: skip
"""Tables of the ledger; each can be made anew from the journal."""

# States in which an order has not been heard of.
_UNHEARD: Final = (OrderState.SUBMITTED, OrderState.UNKNOWN)

Values = dict[str, Any]


def project(connection: sqlite3.Connection, entry: Entry) -> None:
    """Bring the tables from the entry before to this one, inside the caller's transaction."""
    apply = _APPLY.get(type(entry.message))
    if apply is not None:
        apply(connection, entry, entry.message)


def _insert(connection: sqlite3.Connection, table: str, values: Values) -> bool:
    """Add a row unless its key is there already; whether it was added."""
    columns, marks = ", ".join(values), ", ".join(f":{name}" for name in values)
    found = connection.execute(f"INSERT OR IGNORE INTO {table} ({columns}) VALUES ({marks})", values)  # noqa: S608
    return found.rowcount == 1


def _keyed(entry: Entry, ts: int) -> Values:
    return {"seq": entry.seq, "run_id": entry.run_id, "ts": ts}


def _run_started(connection: sqlite3.Connection, entry: Entry, message: RunStarted) -> None:
    values: Values = {
        "run_id": message.run_id,
        "seq": entry.seq,
        "started": message.ts,
        "mode": message.mode,
        "configuration_hash": message.configuration_hash,
        "code_version": message.code_version,
    }
    if not _insert(connection, "runs", values):
        connection.execute(
            "UPDATE runs SET resumed = :started, stopped = NULL, configuration_hash = :configuration_hash,"
            " code_version = :code_version WHERE run_id = :run_id",
            values,
        )
    text = f"run {message.run_id} started in mode {message.mode}, tradebot {message.code_version}"
    attached.know_markets(connection, message.instruments)
    _note(connection, entry, text)


def _run_stopped(connection: sqlite3.Connection, entry: Entry, message: RunStopped) -> None:
    connection.execute("UPDATE runs SET stopped = ? WHERE run_id = ?", (message.ts, entry.run_id))
    _note(connection, entry, f"run {entry.run_id} stopped: {message.reason}")


def _submitted(connection: sqlite3.Connection, entry: Entry, message: Submit) -> None:
    intent = message.intent
    values: Values = {
        "order_id": message.order_id,
        "seq": entry.seq,
        "run_id": entry.run_id,
        "created": entry.at,
        "updated": entry.at,
        "symbol": str(intent.instrument),
        "side": intent.side,
        "type": intent.type,
        "quantity": as_text(intent.quantity),
        "price": as_text(intent.price),
        "trigger": as_text(intent.trigger),
        "reduce_only": intent.reduce_only,
        "tag": intent.tag,
        "state": OrderState.SUBMITTED,
    }
    if _insert(connection, "orders", values):
        attached.expect(connection, message.order_id, intent)


def _canceling(connection: sqlite3.Connection, entry: Entry, message: Cancel) -> None:
    order_state.ask(connection, message.order_id, OrderState.PENDING_CANCEL, entry.at)


def _replacing(connection: sqlite3.Connection, entry: Entry, message: Replace) -> None:
    order_state.ask(connection, message.order_id, OrderState.PENDING_REPLACE, entry.at)


def _updated(connection: sqlite3.Connection, entry: Entry, message: OrderUpdate) -> None:
    # An order we did not send: an exit the broker made of its entry, a liquidation, a person's.
    new: Values = {
        "created": entry.at,
        "updated": entry.at,
        "told": message.ts,
        "symbol": message.symbol,
        "state": message.state,
        "reason": message.reason,
        "seq": entry.seq,
        "run_id": entry.run_id,
    }
    if connection.execute("SELECT 1 FROM orders WHERE order_id = ?", (message.order_id,)).fetchone() is None:
        told = {name: value for name, value in order_state.terms(message).items() if value is not None}
        _insert(connection, "orders", attached.terms_of(connection, message.order_id) | told | new)
        if message.fill is not None:
            _filled(connection, entry, message.fill)
        return
    order_state.take_terms(connection, message, message.ts, message.reason)
    if message.fill is not None:
        _filled(connection, entry, message.fill)
    order_state.advance(connection, message.order_id, message.state, entry.at)


def _concluded(connection: sqlite3.Connection, entry: Entry, message: Concluded) -> None:
    order_state.advance(connection, message.order_id, message.state, entry.at)


def _adopted(connection: sqlite3.Connection, entry: Entry, message: Adopted) -> None:
    found = connection.execute("SELECT quantity FROM positions WHERE symbol = ?", (message.symbol,)).fetchone()
    fill = message.fill(Decimal(0) if found is None else Decimal(found[0]))
    if fill is not None:
        _filled(connection, entry, fill)


def _filled(connection: sqlite3.Connection, entry: Entry, fill: Fill) -> None:
    """Book a trade, unless it was booked before."""
    found = connection.execute(
        "SELECT quantity, entry_price, realized FROM positions WHERE symbol = ?", (fill.symbol,)
    ).fetchone()
    before = Holding() if found is None else Holding(*map(Decimal, found))
    after = before.after(fill)
    values: Values = _keyed(entry, fill.ts) | {
        "symbol": fill.symbol,
        "trade_id": fill.trade_id,
        "order_id": fill.order_id,
        "side": fill.side,
        "price": str(fill.price),
        "quantity": str(fill.quantity),
        "fee": str(fill.fee),
        "fee_currency": fill.fee_currency,
        "liquidity": fill.liquidity,
        "realized": str(after.realized - before.realized),
    }
    if not _insert(connection, "fills", values):
        return
    connection.execute(
        "INSERT OR REPLACE INTO positions (symbol, quantity, entry_price, realized, updated) VALUES (?, ?, ?, ?, ?)",
        (fill.symbol, str(after.quantity), str(after.entry_price), str(after.realized), fill.ts),
    )
    order_state.fill(connection, fill, entry.at)


def _reconciled(connection: sqlite3.Connection, entry: Entry, message: AccountSnapshot) -> None:
    """Adopt what was missed: trades of our orders, and any since the account was first traded; orders that do work."""
    for order in message.orders:
        found = connection.execute("SELECT state, told FROM orders WHERE order_id = ?", (order.order_id,)).fetchone()
        if found is None:
            continue
        if found[1] <= message.ts:
            # A change of it may have arrived, and the answer not come back.
            order_state.take_terms(connection, order, message.ts)
        if found[0] in _UNHEARD:
            order_state.advance(connection, order.order_id, order.state, entry.at)
    (since,) = connection.execute("SELECT min(started) FROM runs").fetchone()
    for fill in message.fills:
        ours = connection.execute("SELECT 1 FROM orders WHERE order_id = ?", (fill.order_id,)).fetchone()
        if ours is not None or fill.ts >= since:
            _filled(connection, entry, fill)


def _cash_flowed(connection: sqlite3.Connection, entry: Entry, message: CashFlow) -> None:
    values: Values = _keyed(entry, message.ts) | {
        "flow_id": message.flow_id,
        "kind": message.kind,
        "symbol": message.symbol,
        "amount": str(message.amount),
        "currency": message.currency,
    }
    _insert(connection, "cash_flows", values)


def _equity_marked(connection: sqlite3.Connection, entry: Entry, message: EquityMarked) -> None:
    values = _keyed(entry, message.ts) | {"cash": as_text(message.cash), "equity": as_text(message.equity)}
    _insert(connection, "equity", values)


def _signaled(connection: sqlite3.Connection, entry: Entry, message: Signaled) -> None:
    values: Values = _keyed(entry, message.ts) | {
        "symbol": message.symbol,
        "action": message.action,
        "order_id": message.order_id,
        "entry": as_text(message.entry),
        "stop_loss": as_text(message.stop_loss),
        "take_profit": as_text(message.take_profit),
        "confidence": as_text(message.confidence),
        "tag": message.tag,
    }
    _insert(connection, "signals", values)


def _reviewed(connection: sqlite3.Connection, entry: Entry, message: Reviewed) -> None:
    values: Values = _keyed(entry, message.ts) | {
        "order_id": message.order_id,
        "symbol": message.symbol,
        "allowed": message.allowed,
        "rule": message.rule,
        "reason": message.reason,
    }
    _insert(connection, "verdicts", values)


def _commanded(connection: sqlite3.Connection, entry: Entry, message: OperatorCommand) -> None:
    _note(connection, entry, str(message), operator=message.operator)


def _answered(connection: sqlite3.Connection, entry: Entry, message: Answered) -> None:
    _note(connection, entry, str(message))


def _halted(connection: sqlite3.Connection, entry: Entry, message: Halt) -> None:
    # One that a person asked for is told by the command.
    if not message.operator:
        _note(connection, entry, f"{'flatten and halt' if message.flatten else 'halt'}: {message.reason}")


def _notified(connection: sqlite3.Connection, entry: Entry, message: Notify) -> None:
    _note(connection, entry, f"{message.severity}: {message.text}")


def _note(connection: sqlite3.Connection, entry: Entry, text: str, *, operator: str = "") -> None:
    values: Values = _keyed(entry, entry.at) | {
        "kind": type(entry.message).__name__,
        "operator": operator,
        "text": text,
    }
    _insert(connection, "audit", values)


_APPLY: Final[dict[type, Callable[[sqlite3.Connection, Entry, Any], None]]] = {
    RunStarted: _run_started,
    RunStopped: _run_stopped,
    Submit: _submitted,
    Cancel: _canceling,
    Replace: _replacing,
    OrderUpdate: _updated,
    AccountSnapshot: _reconciled,
    CashFlow: _cash_flowed,
    EquityMarked: _equity_marked,
    Signaled: _signaled,
    Reviewed: _reviewed,
    OperatorCommand: _commanded,
    Answered: _answered,
    Concluded: _concluded,
    Adopted: _adopted,
    Halt: _halted,
    Notify: _notified,
}
