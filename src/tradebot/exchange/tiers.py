"""Notional and leverage: how large a position may be at which leverage.

Source: Binance Open Platform, USD-M futures, "Notional and Leverage Brackets".
"""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from typing import Any, Final

from tradebot.core.instrument import Instrument
from tradebot.exchange.orders import ZERO

_NO_LIMIT: Final = Decimal(10**9)


def _ends(instrument: Instrument) -> list[Decimal]:
    """Where each tier ends."""
    tiers = instrument.margin_tiers
    return [upper.notional_floor for _, upper in pairwise(tiers)] + [tiers[-1].notional_floor * 10 or _NO_LIMIT]


def largest_notional(instrument: Instrument, leverage: int) -> Decimal:
    """Largest position at a leverage: the end of the highest tier that has it."""
    if not instrument.margin_tiers:
        return _NO_LIMIT
    tiers = zip(instrument.margin_tiers, _ends(instrument), strict=True)
    return max((end for tier, end in tiers if tier.max_leverage >= leverage), default=ZERO)


def brackets_of(instrument: Instrument) -> list[dict[str, Any]]:
    """Tiers with ``cum``, the amount that makes the maintenance margin continuous from one to the next."""
    tiers = instrument.margin_tiers
    if not tiers:
        return []
    rows: list[dict[str, Any]] = []
    cumulated, before = ZERO, ZERO
    for n, (tier, end) in enumerate(zip(tiers, _ends(instrument), strict=True), start=1):
        cumulated += tier.notional_floor * (tier.maintenance_rate - before)
        before = tier.maintenance_rate
        rows.append(
            {
                "bracket": n,
                "initialLeverage": int(min(tier.max_leverage, instrument.max_leverage)),
                "notionalCap": int(end),
                "notionalFloor": int(tier.notional_floor),
                "maintMarginRatio": float(tier.maintenance_rate),
                "cum": float(cumulated),
            }
        )
    return rows
