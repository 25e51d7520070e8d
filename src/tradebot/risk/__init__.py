"""Risk: what no order may pass, and what protects a position, whatever the strategy wants."""

from tradebot.risk.limits import RiskLimits
from tradebot.risk.protection import Protection

__all__ = ["Protection", "RiskLimits"]
