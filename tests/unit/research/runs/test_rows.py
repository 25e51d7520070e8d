"""Rows of a run survive their table bit by bit."""

from __future__ import annotations

import io

import numpy as np
import polars as pl
import tradebot_native as native
from hypothesis import given, settings
from hypothesis import strategies as st

import tradebot
from tradebot import Signal, Strategy
from tradebot.feeds.mock import mock_bars
from tradebot.research.runs.rows import TABLES, columns_of, tables_of

FLOATS = st.floats(width=64, allow_nan=True, allow_infinity=True)
TIMES = st.integers(-1, 2**62)


class Talkative(Strategy):
    """Longs, shorts, brackets, limits that wait, tags and orders too small: every kind of row."""

    def setup(self, bars):
        self.count = 0

    def on_bar(self, bar) -> Signal | None:
        self.count += 1
        if self.count % 7 == 0:
            return self.long(stop_loss_pct=0.002, take_profit_pct=0.003, tag="seventh")
        if self.count % 11 == 0:
            return self.short(trailing_stop_pct=0.002, tag="eleventh")
        if self.count % 13 == 0:
            return self.long(type="limit", limit=bar.close * 0.999, tag="waiting")
        if self.count % 17 == 0:
            return self.long(quantity=0.001)
        return None


def through_a_file(table: pl.DataFrame) -> pl.DataFrame:
    file = io.BytesIO()
    table.write_parquet(file)
    file.seek(0)
    return pl.read_parquet(file)


def assert_same_bits(was: dict, now: dict) -> None:
    assert list(was) == list(now)
    for name, column in was.items():
        assert column.dtype == now[name].dtype, name
        assert column.tobytes() == now[name].tobytes(), name


def test_every_row_of_a_busy_run_comes_back_to_the_bit():
    markets = [mock_bars(symbol, "1m", 4_000, 3) for symbol in ("AUSDT", "BUSDT")]
    outcome = tradebot.backtest(Talkative(), markets, sizer=tradebot.FractionOfEquity(0.3)).outcome
    states = {native.ORDER_STATES[code] for code in outcome.orders["state"]}
    types = {native.ORDER_TYPES[code] for code in outcome.orders["type"]}
    assert {"filled", "canceled", "rejected"} <= states
    assert {"market", "limit", "stop", "trailing_stop"} <= types
    assert {-1, 1} <= set(outcome.trades["side"].tolist())
    tables = tables_of(outcome)
    for name in TABLES:
        back = columns_of(through_a_file(tables[name]), name, outcome.symbols, outcome.tags)
        assert_same_bits(getattr(outcome, name), back)


@st.composite
def trades(draw: st.DrawFn) -> dict[str, np.ndarray]:
    count = draw(st.integers(0, 12))

    def column(values: st.SearchStrategy, kind: type) -> np.ndarray:
        return np.array(draw(st.lists(values, min_size=count, max_size=count)), dtype=kind)

    return {
        "instrument": column(st.integers(0, 1), np.int64),
        "side": column(st.sampled_from((-1, 1)), np.int8),
        "quantity": column(FLOATS, np.float64),
        "entry_ts": column(TIMES, np.int64),
        "exit_ts": column(TIMES, np.int64),
        "entry_index": column(st.integers(-1, 2**40), np.int64),
        "pnl": column(FLOATS, np.float64),
        "tag": column(st.integers(-1, 2), np.int64),
    }


class Rows:
    """As much of an outcome as its tables are made of."""

    symbols = ("A", "B")
    tags = ("", "stop_loss", "né à part")
    ts = np.empty(0, np.int64)
    equity = np.empty(0)

    def __init__(self, trades: dict[str, np.ndarray]) -> None:
        self.trades = trades
        self.fills = self.orders = {name: column[:0] for name, column in trades.items()}


@given(trades())
@settings(max_examples=60)
def test_any_rows_come_back_to_the_bit(columns: dict[str, np.ndarray]):
    rows = Rows(columns)
    back = columns_of(through_a_file(tables_of(rows)["trades"]), "trades", rows.symbols, rows.tags)
    assert_same_bits(columns, back)
