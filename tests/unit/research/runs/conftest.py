"""Kept runs of the built-in market."""

from __future__ import annotations

from pathlib import Path

import pytest

import tradebot
from tradebot.feeds.mock import mock_bars
from tradebot.research.result import BacktestResult
from tradebot.research.runs import RunStore
from tradebot.strategies.library.sma_cross import SmaCross


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return RunStore(tmp_path / "runs")


def a_result(fast: int = 10, bars: int = 2_000, seed: int = 1, symbol: str = "MOCKUSDT") -> BacktestResult:
    return tradebot.backtest(SmaCross(fast=fast), mock_bars(symbol, "1m", bars, seed))


@pytest.fixture
def result() -> BacktestResult:
    return a_result()
