"""Statistics of a run: pure functions by family, and :class:`Statistics`, which holds every figure of one run."""

from tradebot.research.statistics.summary import Statistics, compute
from tradebot.research.statistics.trades import TradeStatistics

__all__ = ["Statistics", "TradeStatistics", "compute"]
