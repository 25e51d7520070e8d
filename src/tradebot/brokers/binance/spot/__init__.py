"""Binance spot: coins bought and sold, with their exits in pairs of which one cancels the other."""
