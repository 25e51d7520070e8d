"""Binance spot in the words of the local exchange: its market data, and an account that trades there."""
