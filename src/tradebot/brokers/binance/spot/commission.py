"""Fees taken in the coin that was bought: what a trade truly brought, told so that the books can sell it.

Source: Binance Open Platform, Spot, "Commission Frequently Asked Questions".
"""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal
from typing import Final

import msgspec

from tradebot.brokers.binance.names import OrderNames
from tradebot.core.fill import COMMISSION, Fill
from tradebot.core.holdings import Holdings
from tradebot.core.instrument import Instrument
from tradebot.core.order import Side, is_final

_ZERO: Final = Decimal(0)
_MOST: Final = 2_000


class Bought(msgspec.Struct):
    """What an order's trades have brought.

    Parameters
    ----------
    quantity : coins that were traded.
    fees : those of them that the venue kept.
    taken : those that were told as gone, in whole lots.
    owed : worth of the fees since lots were told last, in the quote currency.
    """

    quantity: Decimal = _ZERO
    fees: Decimal = _ZERO
    taken: Decimal = _ZERO
    owed: Decimal = _ZERO

    @property
    def received(self) -> Decimal:
        """Coins that can be sold again, in whole lots."""
        return self.quantity - self.taken


class Commissions:
    """Tells for each buy whose fee was taken in coins that these coins are gone.

    They are told in whole lots, for only those can be sold: what an order's fees come to, rounded up once for all of
    its trades. The rest of the last lot stays in the account as dust: the lots are told to have brought what the fees
    were worth and no more, so that nobody counts on money that lies there as coins. A trade is followed by what its fee
    took, under the trade's own id, so that whoever is told twice books it once. An order's trades must come in their
    order.

    Parameters
    ----------
    names : the orders that are known: of those that work, and of the entries of exits that do, nothing is forgotten.
    holdings : count what the trades bring and take.
    """

    def __init__(self, names: OrderNames, holdings: Holdings) -> None:
        self._names = names
        self._holdings = holdings
        self._orders: dict[tuple[str, str], Bought] = {}

    def of(self, symbol: str, venue_id: str) -> Bought:
        """What an order of the venue's has brought so far."""
        if len(self._orders) >= _MOST:
            entries = {known.entry for known in self._names if not is_final(known.state)}
            ended = [key for key in self._orders if self._has_ended(*key, entries)]
            for key in ended[: _MOST // 2]:
                del self._orders[key]
        return self._orders.setdefault((symbol, venue_id), Bought())

    def after(self, fill: Fill, venue_id: str, instrument: Instrument) -> Fill | None:
        """The coins that a trade's fee has taken, as a trade of their own; ``None`` where it took none."""
        bought = self.of(fill.symbol, venue_id)
        bought.quantity += fill.quantity
        self._holdings.tell(fill)
        if fill.side is not Side.BUY or fill.fee_currency != instrument.base or not fill.fee:
            return None
        bought.fees += fill.fee
        bought.owed += fill.fee * fill.price
        lot = instrument.lot_size
        taken = (bought.fees / lot).to_integral_value(ROUND_CEILING) * lot
        lots, bought.taken = taken - bought.taken, taken
        if not lots:
            return None
        dust, bought.owed = lots * fill.price - bought.owed, _ZERO
        gone = Fill(
            trade_id=f"{fill.trade_id}-fee",
            order_id=f"{COMMISSION}{fill.order_id}",
            symbol=fill.symbol,
            ts=fill.ts,
            side=Side.SELL,
            price=fill.price,
            quantity=lots,
            fee=dust,
            fee_currency=instrument.quote,
            liquidity=fill.liquidity,
        )
        self._holdings.tell(gone)
        return gone

    def _has_ended(self, symbol: str, venue_id: str, entries: set[str]) -> bool:
        known = self._names.get(self._names.owner(symbol, venue_id) or "")
        return known is None or (is_final(known.state) and known.order_id not in entries)
