"""An account as its broker reports it: what reconciliation compares with our own books."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import msgspec

from tradebot.core.fill import Fill
from tradebot.core.order import OrderState, OrderType, Side


class OpenOrder(msgspec.Struct, frozen=True, kw_only=True):
    """An order that is working at the broker.

    Parameters
    ----------
    order_id : our client order id.
    venue_id : the broker's own id.
    symbol : the market.
    side, type, state : the order's words.
    quantity, filled : units ordered, and filled so far.
    price, trigger : limit and trigger price, where the type has them.
    reduce_only : whether it can only close.
    """

    order_id: str
    venue_id: str
    symbol: str
    side: Side
    type: OrderType
    state: OrderState
    quantity: Decimal
    filled: Decimal
    price: Decimal | None = None
    trigger: Decimal | None = None
    reduce_only: bool = False


class OpenPosition(msgspec.Struct, frozen=True, kw_only=True):
    """A position at the broker: signed units and their average price."""

    symbol: str
    quantity: Decimal
    entry_price: Decimal


class AccountSnapshot(msgspec.Struct, frozen=True, kw_only=True):
    """A broker's whole answer at one moment.

    Parameters
    ----------
    ts : when the broker gave it, int64 ns UTC.
    orders : every working order.
    positions : every position that is not flat.
    balances : total amount by currency.
    fills : recent fills, oldest first, reaching back at least to the last reconciliation.
    """

    ts: int
    orders: tuple[OpenOrder, ...]
    positions: tuple[OpenPosition, ...]
    balances: Mapping[str, Decimal]
    fills: tuple[Fill, ...]
