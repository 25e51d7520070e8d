"""The group ``tradebot data`` and its subcommands."""

from __future__ import annotations

from typing import Final

import click

from tradebot.cli.lazy import LazyGroup, Target

_TARGETS: Final = {
    "import": Target("tradebot.cli.data.importing", "import_files", "Store what files hold, and tell what was found."),
    "download": Target(
        "tradebot.cli.data.downloading", "download_bars", "Fetch bars from a provider, what is missing alone."
    ),
    "list": Target("tradebot.cli.data.listing", "list_series", "List what is stored."),
    "check": Target("tradebot.cli.data.checking", "check", "Look for gaps, faulty rows and damaged files."),
    "resample": Target("tradebot.cli.data.resampling", "resample_series", "Make longer bars of stored ones."),
    "export": Target("tradebot.cli.data.exporting", "export", "Write stored bars to a file."),
    "sql": Target("tradebot.cli.data.sql", "sql", "Ask the store a question in SQL."),
    "delete": Target("tradebot.cli.data.deleting", "delete", "Remove stored data."),
}

_EPILOG: Final = """\b
Examples:
  tradebot data import binance_usdm/BTCUSDT-1m.parquet
  tradebot data check BTCUSDT
  tradebot backtest sma_cross --data store:BTCUSDT --interval 1h
"""


@click.group(cls=LazyGroup, targets=_TARGETS, epilog=_EPILOG)
def data() -> None:
    """Keep market data: import, check, resample, export, question and delete it.

    It lies below TRADEBOT_HOME, or ~/.local/share/tradebot. A market is written SYMBOL, VENUE/SYMBOL or
    VENUE/SYMBOL/INTERVAL.
    """
