"""The one account: wallet, positions at their average entry, trades and income.

Binance books a position at the average price of what opened it and realizes profit when a fill shrinks it
(Binance support, "How to calculate profit and loss for futures contracts").
"""

from __future__ import annotations

from decimal import Decimal
from itertools import count

import msgspec

from tradebot.core.instrument import Instrument
from tradebot.exchange.orders import ZERO, Order

FIRST_TRADE = 100_001


class Position(msgspec.Struct):
    """A net position: signed quantity, average entry, profit it has realized; ``ts`` of the last change, ns UTC."""

    quantity: Decimal = ZERO
    entry: Decimal = ZERO
    realized: Decimal = ZERO
    ts: int = 0


class TradeRow(msgspec.Struct, frozen=True, kw_only=True):
    """One execution of the account."""

    trade_id: int
    order: Order
    ts: int
    price: Decimal
    quantity: Decimal
    fee: Decimal
    realized: Decimal
    maker: bool


class Income(msgspec.Struct, frozen=True, kw_only=True):
    """Money that came or went, as /income tells it."""

    kind: str
    symbol: str
    amount: Decimal
    ts: int
    transaction_id: int
    trade_id: int | None = None
    info: str = ""


class Account:
    """Wallet and positions of the one account, and how they came about."""

    def __init__(self, instruments: tuple[Instrument, ...], cash: Decimal, now: int) -> None:
        self.start = cash
        self.wallet = cash
        self.positions = {instrument.symbol: Position() for instrument in instruments}
        self.trades: list[TradeRow] = []
        self.income: list[Income] = []
        self._multipliers = {instrument.symbol: instrument.multiplier for instrument in instruments}
        self._trade_ids = count(FIRST_TRADE)
        self._transaction_ids = count(9_000_000_001)
        self._receive("TRANSFER", "", cash, now, None, "TRANSFER")

    def book(self, order: Order, price: Decimal, quantity: Decimal, fee: Decimal, maker: bool, ts: int) -> TradeRow:
        """Book an execution of an order into its position and the wallet."""
        position = self.positions[order.symbol]
        realized = _apply(position, order.sign * quantity, price) * self._multipliers[order.symbol]
        position.realized += realized
        position.ts = ts
        self.wallet += realized - fee
        order.executed += quantity
        order.quote += quantity * price
        row = TradeRow(
            trade_id=next(self._trade_ids),
            order=order,
            ts=ts,
            price=price,
            quantity=quantity,
            fee=fee,
            realized=realized,
            maker=maker,
        )
        self.trades.append(row)
        if realized:
            self._receive("REALIZED_PNL", order.symbol, realized, ts, row.trade_id, str(row.trade_id))
        if fee:
            self._receive("COMMISSION", order.symbol, -fee, ts, row.trade_id, str(row.trade_id))
        return row

    def fund(self, symbol: str, paid: Decimal, ts: int) -> Income:
        """Book a funding payment; positive is paid by the account."""
        self.wallet -= paid
        return self._receive("FUNDING_FEE", symbol, -paid, ts, None, "FUNDING_FEE")

    def unrealized(self, symbol: str, mark: Decimal) -> Decimal:
        """Profit of a position if closed at the mark, before fees."""
        position = self.positions[symbol]
        return (mark - position.entry) * position.quantity * self._multipliers[symbol] if position.quantity else ZERO

    def notional(self, symbol: str, mark: Decimal) -> Decimal:
        """Signed value of a position at the mark."""
        return self.positions[symbol].quantity * mark * self._multipliers[symbol]

    def _receive(self, kind: str, symbol: str, amount: Decimal, ts: int, trade_id: int | None, info: str) -> Income:
        row = Income(
            kind=kind,
            symbol=symbol,
            amount=amount,
            ts=ts,
            transaction_id=next(self._transaction_ids),
            trade_id=trade_id,
            info=info,
        )
        self.income.append(row)
        return row


def _apply(position: Position, signed: Decimal, price: Decimal) -> Decimal:
    """Change a position by a signed quantity; returns price distance times quantity of what it closed."""
    held = position.quantity
    if held * signed >= 0:
        total = held + signed
        position.entry = (position.entry * held + price * signed) / total
        position.quantity = total
        return ZERO
    closed = min(abs(held), abs(signed))
    direction = 1 if held > 0 else -1
    realized = (price - position.entry) * closed * direction
    position.quantity = held + signed
    if position.quantity == 0:
        position.entry = ZERO
    elif position.quantity * held < 0:
        position.entry = price
    return realized
