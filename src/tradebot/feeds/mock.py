"""The built-in mock venue: a seeded market that needs no network."""

from tradebot.feeds.mock_market import MockMarket, Regime, mock_bars

__all__ = ["MockMarket", "Regime", "mock_bars"]
