"""Exits that the broker makes of an entry by itself: it tells their names alone, the rest follows from the entry."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any, Final

from tradebot.core.instrument import Instrument
from tradebot.core.order import OrderIntent, OrderType, Side, exit_id, exit_of, is_final
from tradebot.store.ledger.holding import as_text, average, product, total

# The type of each exit, and the column its level stands in; a trailing stop's level moves.
_EXITS: Final = {
    "stop_loss": (OrderType.STOP, "trigger"),
    "take_profit": (OrderType.LIMIT, "price"),
    "trailing_stop": (OrderType.TRAILING_STOP, None),
}
_ONE: Final = Decimal(1)


def know_markets(connection: sqlite3.Connection, instruments: Iterable[Instrument]) -> None:
    """Keep the ticks of a run's markets: the levels of exits lie on them."""
    rows = [(each.symbol, str(each.tick_size)) for each in instruments]
    connection.executemany("INSERT OR REPLACE INTO markets (symbol, tick) VALUES (?, ?)", rows)


def expect(connection: sqlite3.Connection, entry_id: str, intent: OrderIntent) -> None:
    """Keep the exits that an entry asks for: each a level, or a distance from the fill as a fraction of its price."""
    asked = {
        "stop_loss": (intent.stop_loss, intent.stop_loss_pct),
        "take_profit": (intent.take_profit, intent.take_profit_pct),
        "trailing_stop": (intent.trailing_stop, intent.trailing_stop_pct),
    }
    for tag, (level, distance) in asked.items():
        if level is None and distance is None:
            continue
        values = (entry_id, tag, as_text(level), as_text(distance))
        connection.execute("INSERT OR IGNORE INTO exits (entry_id, tag, level, distance) VALUES (?, ?, ?, ?)", values)


def terms_of(connection: sqlite3.Connection, order_id: str) -> dict[str, Any]:
    """What follows from its entry for an order that was never sent; nothing where it is no exit of one."""
    known = exit_of(order_id)
    if known is None:
        return {}
    entry_id, tag = known
    found = connection.execute(
        "SELECT side, filled, cost, level, distance, tick FROM orders"
        " JOIN exits ON entry_id = order_id AND exits.tag = ? LEFT JOIN markets USING (symbol) WHERE order_id = ?",
        (tag, entry_id),
    ).fetchone()
    if found is None:
        return {}
    side, filled, cost, level, distance, tick = found
    kind, column = _EXITS[tag]
    terms: dict[str, Any] = {
        "side": Side(side).opposite,
        "type": kind,
        # It grows with what fills of the entry, of which the broker may tell after the exit.
        "quantity": filled if Decimal(filled) else None,
        "reduce_only": True,
        "tag": tag,
    }
    if column is not None and (level is not None or Decimal(filled)):
        price = None if level is None else Decimal(level)
        if price is None:
            # Counted from what the entry cost; a stop lies on the losing side of it, a target on the winning one.
            sign = Side(side).sign * (1 if tag == "take_profit" else -1)
            price = product(average(Decimal(cost), Decimal(filled)), _ONE + sign * Decimal(distance))
        terms[column] = str(_on_tick(price, tick, up=(Side(side) is Side.BUY) == (tag == "take_profit")))
    return terms


def grow(connection: sqlite3.Connection, entry_id: str, quantity: Decimal) -> None:
    """Add what has filled of an entry to the exits that still work for it."""
    names = tuple(exit_id(entry_id, tag) for tag in _EXITS)
    found = connection.execute(
        "SELECT order_id, state, quantity FROM orders WHERE order_id IN (?, ?, ?) AND type IS NOT NULL", names
    )
    for name, state, before in found.fetchall():
        if not is_final(state):
            grown = total(Decimal(before or 0), quantity)
            connection.execute("UPDATE orders SET quantity = ? WHERE order_id = ?", (str(grown), name))


def _on_tick(price: Decimal, tick: str | None, *, up: bool) -> Decimal:
    """The level as the exchange takes it: on the tick farther from the entry."""
    if tick is None or not Decimal(tick):
        return price
    steps = (price / Decimal(tick)).to_integral_value(ROUND_CEILING if up else ROUND_FLOOR)
    return product(steps, Decimal(tick))
