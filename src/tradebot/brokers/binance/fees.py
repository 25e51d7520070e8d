"""Fees in another coin, and what they are worth.

Sources: Binance Open Platform, USD-M futures, "Toggle BNB Burn On Futures Trade", and Spot, "Commission Frequently
Asked Questions": an account that chose so pays its fees in BNB, at a discount. What a fee comes to in the quote
currency is turned into BNB at the venue's own price of that moment, and told with eight places.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

import msgspec

from tradebot.brokers.binance.marks import Marks
from tradebot.brokers.binance.rules import MarketRules
from tradebot.core.fill import Fill, Liquidity
from tradebot.core.instrument import Instrument

_PLACE: Final = Decimal("0.00000001")
# Rates of neighbouring levels lie further apart, and the price at which the venue turned a fee does not lie so far off.
_NEAR: Final = Decimal("0.02")


class FeeWorth:
    """Gives trades whose fee was paid in a third coin its worth in the quote currency.

    That is the account's rate on the trade, which the venue has turned into the coin and cut to its places: so the
    books count what a backtest does, to the last digit. Where the coin's mark price does not bear the rate out, as when
    the account has come to another level of fees, the worth is what the mark price says.

    Parameters
    ----------
    marks : where prices are had.
    rules : of the markets.
    """

    def __init__(self, marks: Marks, rules: Mapping[str, MarketRules]) -> None:
        self._marks = marks
        self._rules = rules

    async def told(self, fill: Fill) -> Fill:
        """The trade with the worth of its fee, where that is to be told and can be known."""
        rules = self._rules.get(fill.symbol)
        if rules is None or not fill.fee:
            return fill
        instrument = rules.instrument
        if fill.fee_currency in ("", instrument.base, instrument.quote):
            return fill
        mark = await self._marks.latest(f"{fill.fee_currency}{instrument.quote}")
        return fill if mark is None else msgspec.structs.replace(fill, fee_worth=worth_of(fill, instrument, mark))


def worth_of(fill: Fill, instrument: Instrument, mark: Decimal) -> Decimal:
    """Worth of a trade's fee at a mark price of the coin it was paid in."""
    rate = instrument.maker_fee if fill.liquidity is Liquidity.MAKER else instrument.taker_fee
    due, told = fill.price * fill.quantity * instrument.multiplier * rate, fill.fee * mark
    return due if abs(due - told) <= _NEAR * abs(told) + _PLACE * mark else told
