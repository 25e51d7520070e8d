"""Entries and exits by name, any entry with any exit: strategies put together in a configuration."""

from tradebot.strategies.mixins.composition import Half, compose, composed, find, names
from tradebot.strategies.mixins.halves import EntryMixin, ExitMixin

__all__ = ["EntryMixin", "ExitMixin", "Half", "compose", "composed", "find", "names"]
