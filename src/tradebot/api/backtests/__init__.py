"""Backtests that were asked for over the interface, run in processes of their own."""
