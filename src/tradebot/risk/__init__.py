"""Risk: what no order may pass, whatever the strategy wants."""

from tradebot.risk.limits import RiskLimits

__all__ = ["RiskLimits"]
