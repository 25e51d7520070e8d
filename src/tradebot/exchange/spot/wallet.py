"""The spot account: coins, what open orders tie up of them, and trades.

Source: Binance Open Platform, Spot, "Commission Frequently Asked Questions": a fee is taken from what a trade brings
in, coins for a buy and money for a sell, unless the account pays its fees in BNB.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import ROUND_DOWN, Decimal
from itertools import count
from typing import Final, Literal

import msgspec

from tradebot.core.instrument import Instrument
from tradebot.exchange.account import FIRST_TRADE
from tradebot.exchange.orders import ZERO
from tradebot.exchange.spot.orders import NO_LIST, SpotOrder

BNB: Final = "BNB"
_EIGHT_PLACES: Final = Decimal("0.00000001")

Commission = Literal["received", "bnb"]


class SpotTrade(msgspec.Struct, frozen=True, kw_only=True):
    """One execution of the account."""

    trade_id: int
    order: SpotOrder
    ts: int
    price: Decimal
    quantity: Decimal
    fee: Decimal
    fee_asset: str
    maker: bool


class Wallet:
    """What the account has.

    Parameters
    ----------
    instruments : the markets, by symbol.
    balances : coins and money at the start.
    commission : whether fees are taken from what a trade brings in, or paid in BNB.
    """

    def __init__(
        self, instruments: Mapping[str, Instrument], balances: Mapping[str, Decimal], commission: Commission
    ) -> None:
        self._instruments = instruments
        self._commission = commission
        self.totals: defaultdict[str, Decimal] = defaultdict(lambda: ZERO, balances)
        self.trades: list[SpotTrade] = []
        self._trade_ids = count(FIRST_TRADE)

    def book(
        self, order: SpotOrder, price: Decimal, quantity: Decimal, *, maker: bool, bnb_price: Decimal, ts: int
    ) -> SpotTrade:
        """Book an execution; ``bnb_price`` is what a BNB is worth in the quote currency."""
        instrument = self._instruments[order.symbol]
        rate, worth = instrument.maker_fee if maker else instrument.taker_fee, price * quantity
        if self._commission == "bnb":
            asset, fee = BNB, worth * rate / bnb_price
        elif order.side == "BUY":
            asset, fee = instrument.base, quantity * rate
        else:
            asset, fee = instrument.quote, worth * rate
        fee = fee.quantize(_EIGHT_PLACES, ROUND_DOWN)
        self.totals[instrument.base] += order.sign * quantity
        self.totals[instrument.quote] -= order.sign * worth
        self.totals[asset] -= fee
        order.executed += quantity
        order.quote += worth
        trade = SpotTrade(
            trade_id=next(self._trade_ids),
            order=order,
            ts=ts,
            price=price,
            quantity=quantity,
            fee=fee,
            fee_asset=asset,
            maker=maker,
        )
        self.trades.append(trade)
        return trade

    def locked(self, orders: Iterable[SpotOrder], marks: Mapping[str, Decimal]) -> dict[str, Decimal]:
        """What open orders tie up, by coin; a pair of which one cancels the other ties up the dearer of them."""
        singles: defaultdict[str, Decimal] = defaultdict(lambda: ZERO)
        pairs: dict[tuple[int, str], Decimal] = {}
        for order in orders:
            asset, amount = self.needs(order, marks[order.symbol])
            if order.list_id == NO_LIST:
                singles[asset] += amount
            else:
                key = (order.list_id, asset)
                pairs[key] = max(pairs.get(key, ZERO), amount)
        for (_, asset), amount in pairs.items():
            singles[asset] += amount
        return dict(singles)

    def needs(self, order: SpotOrder, mark: Decimal) -> tuple[str, Decimal]:
        """What an order ties up: its coins, or the money for them."""
        instrument, left = self._instruments[order.symbol], order.quantity - order.executed
        if order.side == "SELL":
            return instrument.base, left
        return instrument.quote, left * (order.price or order.stop_price or mark)
