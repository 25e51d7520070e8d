"""Filters: active, listed on a known exchange, ordinary shares and funds, at a price."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

import msgspec

from tradebot.core.asset_class import AssetClass
from tradebot.core.asset_facts import AssetFacts

# New York Stock Exchange, its Arca and American (AMEX), Nasdaq; as providers spell them.
EXCHANGES: Final = frozenset(
    {"NYSE", "NASDAQ", "AMEX", "ARCA", "NYSEARCA", "NYSEAMERICAN", "BATS", "XNYS", "XNAS", "XASE", "ARCX"}
)
_SYMBOL: Final = re.compile(r"[A-Z]{1,5}([.-][A-Z])?")
# The fifth letter of a Nasdaq symbol: W warrant, R right, U unit; NYSE writes .WS, .RT, .U.
_SUFFIX: Final = re.compile(r"[A-Z]{4}[WRU]|.*[.-](WS|W|RT|R|U|UN)")
_NAME: Final = re.compile(
    r"\b(warrants?|rights?|units?|test( issue| stock| symbol)?|when[- ]issued|"
    r"acquisition (corp|company|inc|holdings)\w*|blank check)\b",
    re.IGNORECASE,
)
_TESTS: Final = re.compile(r"Z[A-Z]ZZT|ZTEST|TEST[A-Z]?|NTEST.*|CBO|CBX")


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """What is left out of a list.

    Parameters
    ----------
    tradable : keep active and tradable markets alone.
    exchanges : keep the big US exchanges alone.
    standard : leave out warrants, rights, units, test issues and blank-check companies.
    lowest_price, highest_price : bounds on the last price; a market without one passes.
    """

    tradable: bool = True
    exchanges: bool = True
    standard: bool = True
    lowest_price: Decimal | None = None
    highest_price: Decimal | None = None

    def keep(self, asset: AssetFacts) -> bool:
        """Whether a market passes."""
        if self.tradable and not (asset.active and asset.tradable):
            return False
        if asset.asset_class is AssetClass.EQUITY:
            if self.exchanges and asset.venue and asset.venue.upper() not in EXCHANGES:
                return False
            if self.standard and not is_standard(asset):
                return False
        if asset.price is None:
            return True
        low, high = self.lowest_price, self.highest_price
        return (low is None or asset.price >= low) and (high is None or asset.price <= high)


def is_standard(asset: AssetFacts) -> bool:
    """Whether an equity is an ordinary share or fund, by its symbol and its name."""
    symbol = asset.symbol.upper()
    if not _SYMBOL.fullmatch(symbol) or _SUFFIX.fullmatch(symbol) or _TESTS.fullmatch(symbol):
        return False
    return not _NAME.search(asset.name)
