"""What a provider tells of one of its markets."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from tradebot.core.asset_class import AssetClass


class AssetFacts(msgspec.Struct, frozen=True, kw_only=True):
    """One market of a provider's list.

    Parameters
    ----------
    symbol, name : as the provider writes them.
    venue : exchange it is listed on, such as ``NASDAQ``; the venue itself where there is one only.
    active, tradable, shortable : as the provider says.
    price : last price; ``None`` where the list has none.
    market_cap : value of all shares in USD; ``None`` where the list has none.
    """

    symbol: str
    name: str = ""
    venue: str = ""
    asset_class: AssetClass = AssetClass.EQUITY
    active: bool = True
    tradable: bool = True
    shortable: bool = False
    price: Decimal | None = None
    market_cap: Decimal | None = None
