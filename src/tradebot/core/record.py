"""Records of the trader: what it only tells, beside the commands, for the journal."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

import msgspec

from tradebot.core.fill import Fill, Liquidity
from tradebot.core.order import OrderState, Side


class Signaled(msgspec.Struct, frozen=True, kw_only=True):
    """A strategy spoke: kept beside the order it led to, or the verdict that stopped it.

    Parameters
    ----------
    ts : close of the bar, or time of the tick, it was decided on.
    symbol : the market.
    action : ``long``, ``short`` or ``exit``.
    order_id : client id of the order it became; empty where it became none.
    entry, stop_loss, take_profit, confidence, tag, metadata : as in the signal.
    """

    ts: int
    symbol: str
    action: str
    order_id: str = ""
    entry: float | None = None
    stop_loss: float | None = None
    take_profit: float | None = None
    confidence: float = 1.0
    tag: str = ""
    metadata: Mapping[str, Any] | None = None


class Reviewed(msgspec.Struct, frozen=True, kw_only=True):
    """The risk review of one order: every verdict is kept, with the rule that decided."""

    ts: int
    order_id: str
    symbol: str
    allowed: bool
    rule: str = ""
    reason: str = ""


class Concluded(msgspec.Struct, frozen=True, kw_only=True):
    """The state an order is taken to be in that no report tells of.

    Parameters
    ----------
    ts : when, int64 ns UTC.
    order_id : client id of the order.
    symbol : the market.
    state : ``unknown`` where an answer is overdue; ``rejected`` or ``canceled`` where the broker has said often and
        long enough that it does not know the order; or what a snapshot shows.
    """

    ts: int
    order_id: str
    symbol: str
    state: OrderState


ADOPTED: Final = "adopted-"
"""What the names begin with of trades that nobody made."""


class Adopted(msgspec.Struct, frozen=True, kw_only=True):
    """A position as the broker holds it, taken into the books though no trade explains it.

    Parameters
    ----------
    ts : when, int64 ns UTC.
    symbol : the market.
    quantity : signed units that are held from here on.
    price : at which the difference is booked, without a fee.
    currency : of the account.
    """

    ts: int
    symbol: str
    quantity: Decimal
    price: Decimal
    currency: str

    @property
    def order_id(self) -> str:
        """Name under which the difference is booked: of an order and of a trade that nobody made."""
        return f"{ADOPTED}{self.symbol}-{self.ts}"

    def fill(self, held: Decimal) -> Fill | None:
        """The trade that would have brought the position here from ``held`` units; ``None`` where it was here."""
        gap = self.quantity - held
        if not gap:
            return None
        return Fill(
            trade_id=self.order_id,
            order_id=self.order_id,
            symbol=self.symbol,
            ts=self.ts,
            side=Side.BUY if gap > 0 else Side.SELL,
            price=self.price,
            quantity=abs(gap),
            fee=Decimal(0),
            fee_currency=self.currency,
            liquidity=Liquidity.TAKER,
        )


class EquityMarked(msgspec.Struct, frozen=True, kw_only=True):
    """What the account is worth by our books, told as often as the equity curve shall have a point.

    Parameters
    ----------
    ts : the time it is worth that, int64 ns UTC.
    cash : settled cash, in the account's currency.
    equity : cash and the value of every position at its mark.
    """

    ts: int
    cash: float
    equity: float
