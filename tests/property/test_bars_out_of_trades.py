"""Bars out of trades are those that Polars makes of the same trades, in whatever order trades come."""

from __future__ import annotations

import gzip
import json
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tradebot.core.bar import Bar, Tick
from tradebot.core.interval import SECOND, Interval
from tradebot.feeds.mock import mock_bars, mock_ticks
from tradebot.feeds.trade_bars import TradeBars

RAW = Path(__file__).resolve().parents[3] / "shared" / "data" / "binance_usdm_l2" / "BTCUSDT-20240808-raw.gz"
MILLISECOND = 1_000_000
S10 = Interval.parse("10s")


@cache
def recorded() -> list[Tick]:
    """The trades of six minutes of Bitcoin; of the mock market where the recorded ones are not there."""
    if not RAW.exists():
        made = mock_ticks(mock_bars("BTCUSDT", "1m", 60, seed=3))
        columns = made.ts.tolist(), made.price.tolist(), made.size.tolist(), made.side.tolist()
        return [Tick(*row) for row in zip(*columns, strict=True)]
    with gzip.open(RAW, "rt") as lines:
        told = [json.loads(line.split(" ", 1)[1]) for line in lines if '"e":"trade"' in line]
    return [
        Tick(each["T"] * MILLISECOND, float(each["p"]), float(each["q"]), -1 if each["m"] else 1)
        for each in (line.get("data", line) for line in told)
        if each["X"] == "MARKET"
    ]


def by_polars(ticks: list[Tick], length: int) -> list[tuple]:
    """Open time, prices, volume and number of trades of every interval that has any."""
    rows = {name: [getattr(tick, name) for tick in ticks] for name in ("ts", "price", "size")}
    frame = pl.DataFrame(rows, schema={"ts": pl.Int64, "price": pl.Float64, "size": pl.Float64})
    frame = frame.sort("ts", maintain_order=True).with_columns(
        bar=pl.col("ts") // length * length, lots=(pl.col("size") * 1000).round().cast(pl.Int64)
    )
    price = pl.col("price")
    bars = frame.group_by("bar", maintain_order=True).agg(
        price.first().alias("open"),
        price.max().alias("high"),
        price.min().alias("low"),
        price.last().alias("close"),
        pl.col("lots").sum(),
        pl.len(),
    )
    return [(*prices, lots / 1000, count) for *prices, lots, count in bars.rows()]


def row(bar: Bar) -> tuple:
    return bar.ts, bar.open, bar.high, bar.low, bar.close, bar.volume, bar.trades


def built(ticks: list[Tick], interval: Interval, **options) -> list[Bar]:
    bars = TradeBars(interval, **options)
    found = [bar for tick in ticks for bar in bars.add(tick)]
    assert bars.due is not None
    newest = max(tick.ts for tick in ticks)
    return found + bars.close(interval.next(newest) + options.get("late_ns", 0))


@pytest.mark.parametrize("text", ["1s", "10s", "1m"])
def test_bars_of_recorded_trades_are_those_of_polars(text: str):
    interval, ticks = Interval.parse(text), recorded()
    assert [row(bar) for bar in built(ticks, interval)] == by_polars(ticks, interval.ns)


def trades(count: int = 60) -> st.SearchStrategy[list[Tick]]:
    one = st.tuples(st.integers(0, 90 * 1000), st.integers(1, 500), st.integers(1, 900))
    return st.lists(
        one.map(lambda each: Tick(each[0] * MILLISECOND, each[1] / 10, each[2] / 1000, 1)), min_size=1, max_size=count
    )


@settings(max_examples=60)
@given(trades(), st.randoms())
def test_the_order_in_which_trades_come_does_not_matter_within_the_time_they_are_waited_for(ticks, chance):
    # No two at one time: which was first is then told by their order alone.
    ticks = list({tick.ts: tick for tick in ticks}.values())
    first = min(ticks, key=lambda tick: tick.ts)
    chance.shuffle(ticks)
    ticks.remove(first)
    found = built([first, *ticks], S10, late_ns=1000 * SECOND)
    assert [row(bar) for bar in found] == by_polars([first, *ticks], S10.ns)


@settings(max_examples=60)
@given(trades())
def test_late_trades_are_counted_and_change_no_bar_that_was_given(ticks):
    bars = TradeBars(S10)
    given_bars, taken = [], []
    for tick in ticks:
        late = bars.late
        given_bars += bars.add(tick)
        taken += [tick] if bars.late == late else []
    given_bars += bars.close(S10.next(max(tick.ts for tick in ticks)))
    assert len(taken) + bars.late == len(ticks)
    assert [row(bar) for bar in given_bars] == by_polars(taken, S10.ns)


@settings(max_examples=60)
@given(trades())
def test_flat_bars_stand_where_nobody_traded_and_nowhere_else(ticks):
    ticks.sort(key=lambda tick: tick.ts)
    found = built(ticks, S10, flat=True)
    assert np.all(np.diff([bar.ts for bar in found]) == S10.ns)
    traded = [bar for bar in found if bar.trades]
    assert [row(bar) for bar in traded] == by_polars(ticks, S10.ns)
    for before, bar in pairwise(found):
        if not bar.trades:
            assert row(bar)[1:] == (*(before.close,) * 4, 0.0, 0)
