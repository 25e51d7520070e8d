"""The state of an order in the ledger: what was asked for it, what the broker says of it, and what has filled.

Times are those of the machine's clock at which it was recorded, for everything an order goes through.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from tradebot.core.account import OpenOrder
from tradebot.core.event import OrderUpdate
from tradebot.core.fill import Fill
from tradebot.core.order import OrderState, can_become, is_final, may_be_reported
from tradebot.store.ledger import attached
from tradebot.store.ledger.holding import as_text, product, total


def terms(told: OrderUpdate | OpenOrder) -> dict[str, Any]:
    """Columns of an order that the broker may have told."""
    return {
        "order_id": told.order_id,
        "venue_id": told.venue_id,
        "quantity": as_text(told.quantity),
        "price": as_text(told.price),
        "trigger": as_text(told.trigger),
    }


def take_terms(connection: sqlite3.Connection, told: OrderUpdate | OpenOrder, ts: int, reason: str = "") -> None:
    """Take an order as the broker had it at a time of its own; what is not told stays."""
    connection.execute(
        "UPDATE orders SET venue_id = coalesce(nullif(:venue_id, ''), venue_id),"
        " reason = coalesce(nullif(:reason, ''), reason), quantity = coalesce(:quantity, quantity),"
        " price = coalesce(:price, price), trigger = coalesce(:trigger, trigger), told = max(told, :told)"
        " WHERE order_id = :order_id",
        terms(told) | {"reason": reason, "told": ts},
    )


def ask(connection: sqlite3.Connection, order_id: str, state: OrderState, at: int) -> None:
    """Move an order on by what was asked for it."""
    _move(connection, order_id, state, at, allowed=can_become)


def advance(connection: sqlite3.Connection, order_id: str, state: OrderState, at: int) -> None:
    """Move an order on by the broker's word; what arrives late or twice moves nothing."""
    _move(connection, order_id, state, at, allowed=_is_news)


def _is_news(state: str, following: str) -> bool:
    # What has ended stays so, and fills completely at most.
    return may_be_reported(state, following) and (not is_final(state) or following == OrderState.FILLED)


def _move(
    connection: sqlite3.Connection, order_id: str, state: OrderState, at: int, *, allowed: Callable[[str, str], bool]
) -> None:
    found = connection.execute("SELECT state FROM orders WHERE order_id = ?", (order_id,)).fetchone()
    if found is not None and allowed(found[0], state):
        connection.execute("UPDATE orders SET state = ?, updated = ? WHERE order_id = ?", (state, at, order_id))


def fill(connection: sqlite3.Connection, made: Fill, at: int) -> None:
    """Count a trade in its order, which it moves on, and in the size of the exits that the broker made of it."""
    found = connection.execute(
        "SELECT filled, cost, quantity, state FROM orders WHERE order_id = ?", (made.order_id,)
    ).fetchone()
    if found is None:
        return
    filled, cost = total(Decimal(found[0]), made.quantity), total(Decimal(found[1]), product(made.price, made.quantity))
    connection.execute(
        "UPDATE orders SET filled = ?, cost = ?, side = coalesce(side, ?) WHERE order_id = ?",
        (str(filled), str(cost), made.side, made.order_id),
    )
    attached.grow(connection, made.order_id, made.quantity)
    if found[2] is not None and filled >= Decimal(found[2]):
        advance(connection, made.order_id, OrderState.FILLED, at)
    elif found[3] not in (OrderState.PENDING_CANCEL, OrderState.PENDING_REPLACE):
        # What was asked for still is.
        advance(connection, made.order_id, OrderState.PARTIALLY_FILLED, at)
