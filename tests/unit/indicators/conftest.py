"""A small market, known by heart."""

from __future__ import annotations

import numpy as np
import pytest

from tradebot import indicators as ta

HOUR = 3_600_000_000_000


@pytest.fixture
def bars() -> ta.Columns:
    """Sixty hourly bars from midnight on: the close runs 10, 11, ..., 29 and down and up again."""
    close = np.concatenate([np.arange(10.0, 30.0), np.arange(30.0, 10.0, -1.0), np.arange(10.0, 30.0)])
    ts = np.arange(60, dtype=np.int64) * HOUR
    return ta.Columns.from_arrays("1h", ts, close - 0.5, close + 1.0, close - 1.0, close, np.full(60, 2.0))


@pytest.fixture
def frame(bars: ta.Columns) -> ta.Frame:
    """The market as a batch frame, before its first bar."""
    return ta.Frame.batch(bars)
