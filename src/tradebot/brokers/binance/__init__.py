"""Binance, USD-M futures and spot: orders out through REST, their fate back through a user stream of our own."""

from tradebot.brokers.binance.broker import BinanceBroker
from tradebot.brokers.binance.settings import BinanceSettings
from tradebot.brokers.binance.spot.broker import BinanceSpotBroker

__all__ = ["BinanceBroker", "BinanceSettings", "BinanceSpotBroker"]
