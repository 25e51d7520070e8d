"""Bars to store, and what a store is compared by; for tests and for the processes they start."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from tradebot.core.bar import BarArray
from tradebot.core.instant import to_ns
from tradebot.core.instrument import Instrument
from tradebot.core.interval import Interval
from tradebot.feeds.mock import mock_bars

HOUR = Interval.parse("1h")
BTC = Instrument.binance_perpetual("BTCUSDT")


def bars(count: int = 2_000, *, seed: int = 1, start: str = "2024-01-20", symbol: str = "BTCUSDT") -> BarArray:
    """Hours over a few months, with trades and VWAP unknown."""
    instrument = Instrument.binance_perpetual(symbol)
    return mock_bars(symbol, HOUR, count, seed, start=to_ns(start), instrument=instrument)


def without_extras(made: BarArray) -> BarArray:
    columns = {name: column for name, column in made.columns().items() if name not in ("trades", "vwap")}
    return BarArray(made.instrument, made.interval, **columns)


def assert_same(ours: BarArray, theirs: BarArray) -> None:
    assert ours.columns().keys() == theirs.columns().keys()
    for name, column in ours.columns().items():
        assert np.array_equal(column, theirs.columns()[name], equal_nan=True), name


def files(root: Path) -> dict[str, bytes]:
    """Everything that lies in the store but the lock."""
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and path.name != ".lock"
    }


def process(text: str, **values: object) -> list[str]:
    """Command of a Python process that can import this module; ``{name}`` in the text stands for a value."""
    paths = [str(Path(__file__).parent), *sys.path]
    return [sys.executable, "-c", text.format(path=paths, **values)]
