"""Sizing: from a signal to a quantity."""

from tradebot.sizing.fixed import FixedQuantity
from tradebot.sizing.fraction import FractionOfEquity
from tradebot.sizing.risk import RiskPerTrade

__all__ = ["FixedQuantity", "FractionOfEquity", "RiskPerTrade"]
