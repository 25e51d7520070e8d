"""Market data in: every venue implements the ``Feed`` protocol of ``tradebot.core.protocols``."""
