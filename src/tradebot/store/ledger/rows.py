"""Rows of the ledger as values: money in decimals, times in int64 ns UTC."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from tradebot.core.event import CashFlowKind
from tradebot.core.fill import Liquidity
from tradebot.core.order import OrderState, OrderType, Side


class OrderRow(msgspec.Struct, frozen=True, kw_only=True):
    """An order from its sending to its end.

    Parameters
    ----------
    seq : number of the journal's entry it was sent, or first heard of, with.
    created, updated : when it was sent, and when its state changed last, by the machine's clock.
    told : the venue's time of what it said last; 0 where it has said nothing yet.
    side, type, quantity : ``None`` for an order the bot did not send, as far as the broker did not tell.
    average_price : of what was filled; ``None`` before a fill.
    """

    seq: int
    order_id: str
    run_id: str
    created: int
    updated: int
    told: int
    symbol: str
    side: Side | None
    type: OrderType | None
    quantity: Decimal | None
    price: Decimal | None
    trigger: Decimal | None
    reduce_only: bool
    tag: str
    state: OrderState
    venue_id: str
    reason: str
    filled: Decimal
    average_price: Decimal | None


class FillRow(msgspec.Struct, frozen=True, kw_only=True):
    """A trade; ``realized`` is the profit of what it closed, before fees, for a contract of multiplier one.

    ``row`` is its number in the table.
    """

    row: int
    symbol: str
    trade_id: str
    run_id: str
    ts: int
    order_id: str
    side: Side
    price: Decimal
    quantity: Decimal
    fee: Decimal
    fee_currency: str
    liquidity: Liquidity
    realized: Decimal


class PositionRow(msgspec.Struct, frozen=True, kw_only=True):
    """Signed units of a market, their average price, and the profit realized so far, before fees."""

    symbol: str
    quantity: Decimal
    entry_price: Decimal
    realized: Decimal
    updated: int


class EquityRow(msgspec.Struct, frozen=True, kw_only=True):
    """One point of the equity curve."""

    seq: int
    run_id: str
    ts: int
    cash: Decimal
    equity: Decimal


class SignalRow(msgspec.Struct, frozen=True, kw_only=True):
    """What a strategy said; ``order_id`` is empty where no order came of it."""

    seq: int
    run_id: str
    ts: int
    symbol: str
    action: str
    order_id: str
    entry: Decimal | None
    stop_loss: Decimal | None
    take_profit: Decimal | None
    confidence: Decimal
    tag: str


class VerdictRow(msgspec.Struct, frozen=True, kw_only=True):
    """What the risk review said of an order."""

    seq: int
    run_id: str
    ts: int
    order_id: str
    symbol: str
    allowed: bool
    rule: str
    reason: str


class CashFlowRow(msgspec.Struct, frozen=True, kw_only=True):
    """Money that moved without a trade."""

    flow_id: str
    run_id: str
    ts: int
    kind: CashFlowKind
    symbol: str
    amount: Decimal
    currency: str


class AuditRow(msgspec.Struct, frozen=True, kw_only=True):
    """What an operator did and what the bot told: starts, stops, commands, halts, notices."""

    seq: int
    run_id: str
    ts: int
    kind: str
    operator: str
    text: str


class RunRow(msgspec.Struct, frozen=True, kw_only=True):
    """A run: when it started first and last, and when it stopped in good order (``None`` after a crash)."""

    run_id: str
    started: int
    resumed: int | None
    stopped: int | None
    mode: str
    configuration_hash: str
    code_version: str
