"""Binance USD-M futures: orders out through REST, their fate back through a user stream of our own."""

from tradebot.brokers.binance.broker import BinanceBroker, BinanceSettings

__all__ = ["BinanceBroker", "BinanceSettings"]
