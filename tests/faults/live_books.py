"""A live bot's books held against the exchange that it traded on."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from tradebot.core.fill import COMMISSION
from tradebot.core.order import OrderState
from tradebot.store.ledger.queries import Ledger
from tradebot.store.ledger.rows import OrderRow

Truth = Mapping[str, Any]
_ALL = 1_000_000
_WORKS = ("NEW", "PARTIALLY_FILLED")
LOT, LEAST = Decimal("0.00001"), Decimal(5)
"""Of spot: the step of quantities, and what an order must be worth."""


def differences(true: Truth, folder: Path) -> list[str]:
    """What the bot's ledger has otherwise than the exchange, which a recovery must have put right."""
    with Ledger(folder) as ledger:
        orders = {row.order_id: row for row in ledger.orders(limit=_ALL)}
        fills = ledger.fills(limit=_ALL)
        held = {row.symbol: row.quantity for row in ledger.positions()}
    booked = {(row.symbol, row.trade_id): row for row in fills if not row.order_id.startswith(COMMISSION)}
    traded = {(row["symbol"], str(row["id"])): row for row in true["trades"]}
    found = [f"trade {key} is not booked" for key in traded.keys() - booked.keys()]
    found += [f"trade {key} never happened" for key in booked.keys() - traded.keys()]
    for key in traded.keys() & booked.keys():
        row, fill = traded[key], booked[key]
        facts = (row["side"].lower(), Decimal(row["price"]), Decimal(row["qty"]), Decimal(row["commission"]))
        if facts != (fill.side.value, fill.price, fill.quantity, fill.fee):
            found.append(f"trade {key} is {facts}, and booked as {fill}")
    found += _positions(true, held)
    found += _orders(true, orders)
    return found


def _positions(true: Truth, held: Mapping[str, Decimal]) -> Iterator[str]:
    for symbol, text in true["positions"].items():
        # Of every buy whose fee took coins less than a lot is left as dust.
        bought = [row for row in true["trades"] if row["symbol"] == symbol and row["commissionAsset"] == symbol[:-4]]
        dust = len({row["orderId"] for row in bought}) * LOT
        if not 0 <= Decimal(text) - held.get(symbol, Decimal(0)) <= dust:
            yield f"{symbol} is {text}, and booked as {held.get(symbol, 0)}"


def _orders(true: Truth, orders: Mapping[str, OrderRow]) -> Iterator[str]:
    working = dict(working_orders(true))
    for order_id, count in working.items():
        if count > 1:
            yield f"{order_id} rests {count} times"
    for order_id, row in orders.items():
        if row.state in (OrderState.SUBMITTED, OrderState.PENDING_CANCEL, OrderState.PENDING_REPLACE):
            yield f"{order_id} is {row.state}"
    open_here = {name for name, row in orders.items() if _is_open(row)}
    if open_here != working.keys():
        yield f"these orders work at one side alone: {sorted(open_here ^ working.keys())}"
    resting = _quantities(true)
    for order_id in open_here & resting.keys():
        if orders[order_id].quantity != resting[order_id]:
            yield f"{order_id} works for {resting[order_id]}, and for {orders[order_id].quantity} on record"
    for order_id in placed(true).keys() - orders.keys():
        yield f"{order_id} was never on record"


def _is_open(row: OrderRow) -> bool:
    # One whose fate is not known is being asked about, and counts in every limit.
    return row.state in (OrderState.ACCEPTED, OrderState.TRIGGERED, OrderState.PARTIALLY_FILLED)


def working_orders(true: Truth) -> dict[str, int]:
    """How many orders work or wait at the exchange under each of our names."""
    names = [_ours(row["clientOrderId"]) for row in true["orders"] if row["status"] in _WORKS]
    names += [_ours(row["clientAlgoId"]) for row in true["algoOrders"] if row["algoStatus"] in ("NEW", "TRIGGERING")]
    return {name: names.count(name) for name in names}


def _quantities(true: Truth) -> dict[str, Decimal]:
    """Units of each order that works or waits at the exchange, by our names."""
    found = {row["clientOrderId"]: row["origQty"] for row in true["orders"] if row["status"] in _WORKS}
    found |= {_ours(row["clientAlgoId"]): row["quantity"] for row in true["algoOrders"] if row["algoStatus"] == "NEW"}
    return {name: Decimal(text) for name, text in found.items()}


def placed(true: Truth) -> dict[str, int]:
    """How often each client id was taken by the exchange."""
    return {_ours(name): count for name, count in true["placedByClientId"].items()}


def sent_twice(true: Truth) -> list[str]:
    """Client ids under which more than one order was taken or has traded."""
    counts = [*true["placedByClientId"].items(), *true["executedByClientId"].items()]
    return sorted({name for name, count in counts if count > 1})


def bare(true: Truth) -> list[str]:
    """Markets whose position is more than the stops that rest for it, and those whose stops have no position."""
    found: list[str] = []
    for symbol, text in true["positions"].items():
        size = Decimal(text)
        side = "SELL" if size > 0 else "BUY"
        stops = [row for row in true["algoOrders"] if row["symbol"] == symbol and row["algoStatus"] == "NEW"]
        guard = sum(Decimal(row["quantity"]) for row in stops if row["side"] == side and "STOP" in row["orderType"])
        if "balances" in true:
            size, guard, stops = _on_spot(true, symbol, size)
        if guard < abs(size) or (stops and not size):
            found.append(f"{symbol}: {size} held, stops for {guard}, {len(stops)} wait")
    return found


def _on_spot(true: Truth, symbol: str, size: Decimal) -> tuple[Decimal, Decimal, list[Mapping[str, Any]]]:
    """Coins that can be sold, those that stops guard, and the stops; what is worth too little to be sold is dust.

    Such are the parts of a lot that fees leave, and what is below the least worth of an order, for none can rest there.
    """
    orders = [row for row in true["orders"] if row["symbol"] == symbol and row["status"] in _WORKS]
    stops = [row for row in orders if row["type"].startswith("STOP_LOSS")]
    guard = sum((Decimal(row["origQty"]) - Decimal(row["executedQty"]) for row in stops), Decimal(0))
    dust = sum(1 for row in true["orders"] if row["symbol"] == symbol and row["side"] == "BUY") * LOT
    prices = [Decimal(row["price"]) for row in true["trades"] if row["symbol"] == symbol]
    if prices and size * prices[-1] < LEAST:
        dust = size
    return max(size - dust, Decimal(0)), guard, stops


def _ours(client_id: str) -> str:
    return client_id.partition("__")[0]


def has_compared(folder: Path) -> bool:
    """Whether the bot has seen the account since it was started last."""
    latest = "SELECT kind FROM entries WHERE kind IN ('RunStarted', 'AccountSnapshot') ORDER BY seq DESC LIMIT 1"
    try:
        with contextlib.closing(sqlite3.connect(f"file:{folder / 'ledger.db'}?mode=ro", uri=True)) as connection:
            return connection.execute(latest).fetchone() == ("AccountSnapshot",)
    except sqlite3.OperationalError:
        # Not made yet, or being made.
        return False


def moments(true: Truth, folder: Path) -> list[str]:
    """What was under way when the bot was killed."""
    if not has_compared(folder):
        return ["coming back"]
    with Ledger(folder) as ledger:
        orders = {row.order_id: row for row in ledger.orders(limit=_ALL)}
        booked = {(row.symbol, row.trade_id) for row in ledger.fills(limit=_ALL)}
    known, working = placed(true), working_orders(true)
    found: set[str] = set()
    for name, row in orders.items():
        match row.state:
            case OrderState.SUBMITTED if name not in known:
                found.add("an order on record, not sent")
            case OrderState.SUBMITTED:
                found.add("an order sent, its answer not on record")
            case OrderState.PENDING_CANCEL if name in working:
                found.add("a cancellation on record, the order at work")
            case OrderState.PENDING_CANCEL:
                found.add("an order canceled, the answer not on record")
            case OrderState.PENDING_REPLACE:
                found.add("a change under way")
            case OrderState.UNKNOWN:
                found.add("an order being asked about")
            case OrderState.PARTIALLY_FILLED:
                found.add("an order filled in part")
            case _:
                pass
    if any((row["symbol"], str(row["id"])) not in booked for row in true["trades"]):
        found.add("a trade not on record")
    if bare(true):
        found.add("a position without its stop")
    return sorted(found) or ["nothing under way"]
