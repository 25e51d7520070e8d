"""Risk: what no order may pass, and what protects a position, whatever the strategy wants."""

from tradebot.risk.collar import PriceCollar
from tradebot.risk.limits import RiskLimits
from tradebot.risk.pace import OrderRate, RepeatedOrders
from tradebot.risk.protection import Protection
from tradebot.risk.reach import AllowedSymbols, LiquidationDistance

__all__ = [
    "AllowedSymbols",
    "LiquidationDistance",
    "OrderRate",
    "PriceCollar",
    "Protection",
    "RepeatedOrders",
    "RiskLimits",
]
