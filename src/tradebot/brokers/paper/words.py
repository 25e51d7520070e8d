"""What the simulated exchange has, in the words of a broker's reports."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from tradebot.core.account import OpenOrder
from tradebot.core.event import OrderUpdate
from tradebot.core.fill import Fill, Liquidity
from tradebot.core.order import OrderState, OrderType, Side

if TYPE_CHECKING:
    import tradebot_native as native


def update_of(event: native.ExecutionEvent, order_id: str, fill: Fill | None) -> OrderUpdate:
    """What has happened to an order; ``fill`` is the trade in it."""
    return OrderUpdate(
        ts=event.ts,
        order_id=order_id,
        symbol=event.symbol,
        state=OrderState(event.state),
        venue_id=str(event.order),
        reason=event.reason,
        fill=fill,
    )


def fill_of(event: native.ExecutionEvent, order_id: str, currency: str) -> Fill:
    """The trade that an event tells of; its fee is in ``currency``."""
    return Fill(
        trade_id=str(event.fill_id),
        order_id=order_id,
        symbol=event.symbol,
        ts=event.ts,
        side=Side(event.side),
        price=decimal(event.fill_price),
        quantity=decimal(event.fill_quantity),
        fee=decimal(event.fee),
        fee_currency=currency,
        liquidity=Liquidity.MAKER if event.maker else Liquidity.TAKER,
    )


def answer_of(order: native.Order, order_id: str, ts: int) -> OrderUpdate:
    """Where an order stands, told to who has asked at ``ts``, int64 ns UTC."""
    return OrderUpdate(
        ts=ts,
        order_id=order_id,
        symbol=order.symbol,
        state=OrderState(order.state),
        venue_id=str(order.id),
        reason=order.reason,
        quantity=decimal(order.quantity),
        price=None if order.price is None else decimal(order.price),
        trigger=None if order.trigger is None else decimal(order.trigger),
    )


def open_order_of(order: native.Order, order_id: str) -> OpenOrder:
    """An order that works, as a snapshot has it."""
    return OpenOrder(
        order_id=order_id,
        venue_id=str(order.id),
        symbol=order.symbol,
        side=Side(order.side),
        type=OrderType(order.type),
        state=OrderState(order.state),
        quantity=decimal(order.quantity),
        filled=decimal(order.filled),
        price=None if order.price is None else decimal(order.price),
        trigger=None if order.trigger is None else decimal(order.trigger),
        reduce_only=order.reduce_only,
    )


def decimal(number: float | None) -> Decimal:
    """The shortest decimal that reads back as the same double."""
    return Decimal(repr(number or 0.0))
