"""Margin ladders: how much leverage a position of a given size may carry."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise

import msgspec


class MarginTier(msgspec.Struct, frozen=True):
    """Margin rule of a position whose notional lies at or above ``notional_floor``.

    Parameters
    ----------
    notional_floor : notional from which the tier holds, in the quote currency.
    max_leverage : highest leverage allowed in the tier.
    maintenance_rate : maintenance margin as a fraction of the notional.
    """

    notional_floor: Decimal
    max_leverage: Decimal
    maintenance_rate: Decimal


def ladder(*steps: tuple[int, str, str]) -> tuple[MarginTier, ...]:
    """Tiers from rows of (notional floor, max leverage, maintenance rate)."""
    return tuple(MarginTier(Decimal(floor), Decimal(leverage), Decimal(rate)) for floor, leverage, rate in steps)


def ladder_fault(tiers: Sequence[MarginTier]) -> str:
    """What is wrong with a ladder, as a clause; empty when nothing is."""
    if not tiers:
        return ""
    if tiers[0].notional_floor != 0:
        return f"the first tier begins at {tiers[0].notional_floor} instead of 0"
    for lower, upper in pairwise(tiers):
        if lower.notional_floor >= upper.notional_floor:
            return f"the floor {upper.notional_floor} does not lie above {lower.notional_floor}"
        if lower.maintenance_rate > upper.maintenance_rate:
            return f"the maintenance rate falls from {lower.maintenance_rate} to {upper.maintenance_rate}"
    for tier in tiers:
        if tier.max_leverage < 1:
            return f"the leverage {tier.max_leverage} is below 1"
        if not 0 < tier.maintenance_rate <= 1 / tier.max_leverage:
            return f"the maintenance rate {tier.maintenance_rate} does not lie in 0..1/{tier.max_leverage}"
    return ""


def margin_table(tiers: Sequence[MarginTier], max_leverage: Decimal) -> list[tuple[float, float, float, float]]:
    """Ladder as rows of (notional floor, leverage capped at ``max_leverage``, maintenance rate, deduction).

    Notes
    -----
    Maintenance margin = notional * rate - deduction. The deduction of tier k,
    d_k = d_(k-1) + floor_k * (rate_k - rate_(k-1)) with d_0 = 0, makes the margin continuous at each floor.
    Binance, Leverage and Margin of USD-M Futures ("maintenance amount").
    """
    table: list[tuple[float, float, float, float]] = []
    deduction, rate = Decimal(0), Decimal(0)
    for tier in tiers:
        deduction += tier.notional_floor * (tier.maintenance_rate - rate)
        rate = tier.maintenance_rate
        leverage = min(tier.max_leverage, max_leverage)
        table.append((float(tier.notional_floor), float(leverage), float(rate), float(deduction)))
    return table
