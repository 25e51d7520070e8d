"""Fees in another coin, and what they are worth.

Source: Binance Open Platform, USD-M futures, "Toggle BNB Burn On Futures Trade": an account that chose so pays its fees
in BNB, at a discount.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from tradebot.brokers.binance.marks import Marks
from tradebot.brokers.binance.rules import MarketRules
from tradebot.core.fill import Fill


class FeeWorth:
    """Gives trades whose fee was paid in a third coin its worth at that coin's mark price.

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
        return fill if mark is None else msgspec.structs.replace(fill, fee_worth=fill.fee * mark)
