"""What is held: live from the bot's snapshot, else from the record."""

from __future__ import annotations

from typing import Any, Final

from tradebot.api.record import read
from tradebot.api.schemas.trading import Position, Positions
from tradebot.api.services import Services

_SENT: Final = frozenset({"submitted", "unknown", "initialized", "pending_cancel"})
_FIGURES: Final = ("symbol", "quantity", "entry_price", "mark_price", "unrealized_pnl", "notional")


def is_live(services: Services) -> bool:
    """Whether the bot's snapshot tells what is held, without a look into the ledger."""
    return services.bot is not None and services.bot.snapshot.phase == "running"


def positions_of(services: Services) -> Positions:
    """Every open position."""
    snapshot = services.bot.snapshot if services.bot is not None else None
    if snapshot is None or snapshot.phase != "running":
        found = read(services, lambda it: it.positions())
        held = [
            Position(symbol=row.symbol, quantity=float(row.quantity), entry_price=float(row.entry_price))
            for row in found
        ]
        return Positions(source="ledger", positions=held)
    orders: list[dict[str, Any]] = snapshot.status.get("orders", [])
    return Positions(
        source="bot",
        positions=[_live(each, orders) for each in snapshot.status.get("positions", []) if each["quantity"]],
    )


def _live(position: dict[str, Any], orders: list[dict[str, Any]]) -> Position:
    exits = [order for order in orders if order["symbol"] == position["symbol"] and order["reduce_only"]]
    stop = next((order for order in exits if order["trigger"] and "profit" not in str(order["type"])), None)
    target = next((order for order in exits if order is not stop), None)
    level, mark = position["liquidation_price"], position["mark_price"]
    return Position(
        **{name: position[name] for name in _FIGURES},
        stop_price=None if stop is None else stop["trigger"],
        is_stop_confirmed=stop is not None and stop["state"] not in _SENT,
        target_price=None if target is None else target["price"] or target["trigger"],
        liquidation_price=level,
        liquidation_distance=None if level is None or not mark else abs(level - mark) / mark,
    )
