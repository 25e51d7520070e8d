"""``tradebot model``: train models on past bars, and look at them."""

from __future__ import annotations

from typing import Final

import click

from tradebot.cli.lazy import LazyGroup, Target

_TARGETS: Final = {
    "train": Target("tradebot.cli.model.train", "train_model", "Train a model walk-forward on features of past bars."),
    "show": Target("tradebot.cli.model.show", "show", "Show what a model has learnt from, and how well it judged."),
}

_EPILOG: Final = """\b
Examples:
  tradebot model train btc.model -d BTCUSDT-1h.parquet
  tradebot model show btc.model
  tradebot backtest btc.model -d BTCUSDT-1h.parquet -p enter=0.0005
"""


@click.group(cls=LazyGroup, targets=_TARGETS, epilog=_EPILOG)
def model() -> None:
    """Train models on past bars, and look at them; a model's file is a strategy by its path."""
