"""Terms of the orders that work, as the bot's books have them.

A venue does not tell the side, type and price of an exit that it attached to an entry itself; the books know them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from tradebot.api.schemas.trading import Order
from tradebot.api.services import Services
from tradebot.core.decimals import exact

_WORDS: Final = ("side", "type")
_AMOUNTS: Final = ("quantity", "price", "trigger")


def with_terms(services: Services, orders: Sequence[Order]) -> list[Order]:
    """Orders, with what the record lacks of those that still work."""
    if services.bot is None:
        return list(orders)
    working: dict[str, dict[str, Any]] = {it["client_id"]: it for it in services.bot.snapshot.status.get("orders", [])}
    return [_completed(order, working.get(order.order_id, {})) for order in orders]


def _completed(order: Order, known: dict[str, Any]) -> Order:
    told = {name: str(known[name]) for name in _WORDS if known.get(name)}
    told |= {name: exact(known[name]) for name in _AMOUNTS if known.get(name) is not None}
    return order.model_copy(update={name: value for name, value in told.items() if getattr(order, name) is None})
