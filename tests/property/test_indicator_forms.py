"""What holds for every indicator: both forms agree to the bit, the past ignores the future, warm-up is exact."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from indicator_catalogue import (
    EVERY,
    MINUTE,
    OURS,
    WITHOUT_A_FIRST_BAR,
    assert_same_bits,
    bars_of,
    columns,
    declared,
    first_bars,
    in_batch,
    in_streaming,
    walk,
)

from tradebot import indicators as ta

BITCOIN = Path(__file__).parents[2].parent / "shared" / "data" / "binance_usdm" / "BTCUSDT-1m.parquet"

every_indicator = pytest.mark.parametrize("name", EVERY)


@pytest.fixture(scope="module")
def bitcoin() -> ta.Columns:
    if not BITCOIN.exists():
        pytest.skip("the shared folder with market data is not beside the repository")
    rows = pl.read_parquet(BITCOIN, n_rows=900)
    return columns(
        rows["open_time"].to_numpy() * 1_000_000,
        *(rows[name].to_numpy() for name in ("open", "high", "low", "close", "volume")),
    )


@every_indicator
def test_both_forms_agree_to_the_bit_on_real_bars(name: str, bitcoin: ta.Columns) -> None:
    assert_same_bits(in_streaming(EVERY[name], bitcoin), in_batch(EVERY[name], bitcoin))


@every_indicator
@settings(max_examples=6)
@given(seed=st.integers(0, 2**32 - 1), count=st.integers(1, 160), step=st.sampled_from([0.0, 0.25, 1.0]))
def test_both_forms_agree_to_the_bit_on_random_bars(name: str, seed: int, count: int, step: float) -> None:
    bars = walk(seed, count, step=step)
    assert_same_bits(in_streaming(EVERY[name], bars), in_batch(EVERY[name], bars))


@every_indicator
def test_the_past_does_not_change_when_the_future_is_cut_off(name: str) -> None:
    bars = walk(5, 400, step=0.25)
    whole = in_batch(EVERY[name], bars)
    for count in (1, 97, 260, 399):
        past = np.ascontiguousarray(whole[:, :count])
        assert_same_bits(in_batch(EVERY[name], first_bars(bars, count)), past)


@pytest.mark.parametrize("name", sorted(EVERY.keys() - WITHOUT_A_FIRST_BAR))
def test_the_first_value_comes_when_the_warm_up_is_over(name: str) -> None:
    frame = ta.Frame.batch(walk(11, 800))
    for node in declared(EVERY[name], frame):
        values = node.batch()
        assert np.isnan(values[: node.warmup]).all()
        assert not np.isnan(values[node.warmup])


@pytest.mark.parametrize("name", OURS)
def test_streaming_is_warm_from_the_same_bar_on_as_batch(name: str) -> None:
    bars = walk(3, 300)
    past = ta.Frame.batch(bars)
    held = declared(OURS[name], past)
    live = ta.Frame.live("1m")
    streaming = ta.Streaming(live, declared(OURS[name], live))
    warm = []
    for bar in bars_of(bars):
        streaming.update(bar)
        warm.append(streaming.is_warm)
    assert warm.index(True) == past.warm_index(held)
    assert all(warm[past.warm_index(held) :])


@settings(max_examples=40)
@given(seed=st.integers(0, 2**32 - 1), kept=st.floats(0.2, 1.0))
def test_both_forms_agree_to_the_bit_across_gaps_in_the_bars(seed: int, kept: float) -> None:
    bars = walk(seed, 200)
    rng = np.random.default_rng(seed)
    offset = int(rng.integers(0, 10_000)) * MINUTE
    rows = np.flatnonzero(rng.random(200) <= kept)
    gappy = columns(
        bars.ts[rows] + offset, *(getattr(bars, name)[rows] for name in ("open", "high", "low", "close", "volume"))
    )
    for name in ("higher_timeframe", "higher_sources", "mixed_timeframes", "vwap_hour", "vwap_sessions"):
        if len(gappy):
            assert_same_bits(in_streaming(OURS[name], gappy), in_batch(OURS[name], gappy))
