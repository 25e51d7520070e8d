"""Fills: what was really traded. A position is the sum of its fills, never of order quantities."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Final

import msgspec

from tradebot.core.order import Side

COMMISSION: Final = "commission-"
"""What the order id of a fill begins with that stands for coins which a fee has taken, and not for a trade."""


class Liquidity(StrEnum):
    """Whether a fill gave liquidity to the book or took it."""

    MAKER = "maker"
    TAKER = "taker"


class Fill(msgspec.Struct, frozen=True, kw_only=True):
    """One trade of one order, as brokers report it and the ledger keeps it.

    Inside the simulated exchange fills are columns (``SimExchange.fills()``); this is their form at a boundary.

    Parameters
    ----------
    trade_id : the venue's own id of the trade; a fill is applied once by it.
    order_id : our client order id.
    symbol : the market.
    ts : time of the trade, int64 ns UTC.
    side : buy or sell.
    price : price of a unit, in the quote currency.
    quantity : units traded; positive.
    fee : fee paid in ``fee_currency``; negative is a rebate.
    fee_currency : currency of the fee.
    fee_worth : the fee in the quote currency where it was paid in a third one, such as BNB; ``None`` where that
        currency's price was not known.
    liquidity : maker or taker.
    """

    trade_id: str
    order_id: str
    symbol: str
    ts: int
    side: Side
    price: Decimal
    quantity: Decimal
    fee: Decimal
    fee_currency: str
    liquidity: Liquidity
    fee_worth: Decimal | None = None

    @property
    def signed_quantity(self) -> Decimal:
        """Change of the position: positive for a buy."""
        return self.quantity * self.side.sign
