"""The configuration: one typed document, read from a file and the environment, all its problems told at once."""

from tradebot.config.document import Configuration
from tradebot.config.loading import Loaded, load, load_backfill
from tradebot.config.problems import ConfigurationError, Problem

__all__ = ["Configuration", "ConfigurationError", "Loaded", "Problem", "load", "load_backfill"]
