"""Klines as Binance documents them, of four thousand hours of the mock market; some bars are missing."""

from __future__ import annotations

from typing import Any

from tradebot.core.interval import Interval
from tradebot.feeds.mock import mock_bars

HOUR = Interval.parse("1h")
START = 1_704_067_200_000_000_000  # 2024-01-01
TRUTH = mock_bars("BTCUSDT", "1h", 4_000, seed=5, start=START)
END = START + 4_000 * HOUR.ns


def _row(bar: Any) -> list[Any]:
    opened = bar.ts // 1_000_000
    prices = [f"{price:.2f}" for price in (bar.open, bar.high, bar.low, bar.close)]
    quote = f"{bar.volume * bar.close:.8f}"
    return [opened, *prices, f"{bar.volume:.3f}", opened + 3_599_999, quote, 42, "1.0", "1.0", "0"]


ROWS = [_row(bar) for bar in TRUTH if bar.ts // HOUR.ns % 500 != 0]


def klines(path: str, query: dict[str, str]) -> Any:
    assert path == "/fapi/v1/klines"
    first, last, limit = (int(query[name]) for name in ("startTime", "endTime", "limit"))
    return [row for row in ROWS if first <= row[0] <= last][:limit]
