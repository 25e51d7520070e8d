"""The exchange's own record of spot orders, and of pairs of which one cancels the other."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

import msgspec

from tradebot.exchange.orders import OPEN, ZERO, Placed

NO_LIST: Final = -1
WAITING: Final = ("STOP_LOSS", "STOP_LOSS_LIMIT", "TAKE_PROFIT", "TAKE_PROFIT_LIMIT")
"""Types that wait for their stop price."""
LIMITED: Final = ("LIMIT", "LIMIT_MAKER", "STOP_LOSS_LIMIT", "TAKE_PROFIT_LIMIT")
"""Types that have a limit."""


class SpotOrder(Placed, kw_only=True, eq=False):
    """An order of the spot market.

    Parameters
    ----------
    trailing_delta : distance at which it follows the market, in basis points; 0 where it does not.
    quote_quantity : money to spend or to get, where the client has named that in place of a quantity.
    list_id : of the pair it belongs to.
    working_time : when it came to the book; 0 while it waits for its stop price.
    """

    order_id: int
    stop_price: Decimal = ZERO
    trailing_delta: int = 0
    quote_quantity: Decimal = ZERO
    list_id: int = NO_LIST
    working_time: int = 0
    executed: Decimal = ZERO
    quote: Decimal = ZERO

    @property
    def is_open(self) -> bool:
        """Whether it may still fill."""
        return self.status in OPEN

    @property
    def waits(self) -> bool:
        """Whether it waits for its stop price."""
        return self.kind in WAITING and not self.working_time


class OrderList(msgspec.Struct, kw_only=True, eq=False):
    """Two orders of which one cancels the other (OCO); ``key`` is what `Shelf` finds it by."""

    list_id: int
    client_id: str
    symbol: str
    orders: tuple[SpotOrder, SpotOrder]
    time: int

    @property
    def is_open(self) -> bool:
        """Whether one of them may still fill."""
        return any(order.is_open for order in self.orders)

    def other(self, order: SpotOrder) -> SpotOrder:
        """The one that goes when this one trades."""
        first, second = self.orders
        return second if order is first else first
