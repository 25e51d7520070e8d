"""Structures agree with smartmoneyconcepts: its published results, and what it gives on real and random bars."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tradebot import indicators as ta
from tradebot.indicators import smc

SHARED = Path(__file__).parents[2].parent / "shared"
ORACLES = SHARED / "oracles" / "smc"
BITCOIN = SHARED / "data" / "binance_usdm"
RESULTS = {
    "swing_highs_lows": "swing_highs_lows_result_data.csv",
    "bos_choch": "bos_choch_result_data.csv",
    "ob": "ob_result_data.csv",
    "fvg": "fvg_result_data.csv",
    "liquidity": "liquidity_result_data.csv",
}
# Bars the package can go through in a test; its time grows with their square.
SPANS = {"1h": 719, "5m": 10_906, "1m": 15_000}

oracles = pytest.mark.skipif(
    not ORACLES.exists(), reason="the shared folder with the oracles is not beside the repository"
)
recorded = pytest.mark.skipif(
    not BITCOIN.exists(), reason="the shared folder with market data is not beside the repository"
)


@dataclass(frozen=True)
class Market:
    """The same bars for both sides."""

    columns: ta.Columns
    frame: pd.DataFrame

    @classmethod
    def of(cls, interval: str, frame: pd.DataFrame) -> Market:
        ts = frame.index.as_unit("ns").to_numpy().astype(np.int64)
        prices = (frame[name].to_numpy(dtype=float) for name in ("open", "high", "low", "close", "volume"))
        return cls(ta.Columns.from_arrays(interval, ts, *prices), frame)


@pytest.fixture(scope="module")
def package() -> Any:
    """The package's class; importing it prints a greeting."""
    from smartmoneyconcepts import smc as theirs

    return theirs


@pytest.fixture(scope="module")
def euro() -> Market:
    rows = pd.read_csv(ORACLES / "EURUSD_15M.csv").rename(columns=str.lower)
    rows.index = pd.to_datetime(rows.pop("date"), format="%Y.%m.%d %H:%M:%S")
    return Market.of("15m", rows)


def bitcoin(interval: str) -> Market:
    rows = pl.read_parquet(BITCOIN / f"BTCUSDT-{interval}.parquet").head(SPANS[interval])
    frame = pd.DataFrame({name: rows[name].to_numpy() for name in ("open", "high", "low", "close", "volume")})
    frame.index = pd.to_datetime(rows["open_time"].to_numpy(), unit="ms")
    return Market.of(interval, frame)


def random_market(seed: int, count: int, step: float) -> Market:
    """Minutes of a walk with some far wicks; prices in whole steps are often equal."""
    rng = np.random.default_rng(seed)
    close = 100.0 * np.exp(np.cumsum(rng.normal(0.0, 0.003, count)))
    opens, spread = np.append(100.0, close[:-1]), rng.exponential(0.1, (2, count))
    spread *= np.where(rng.random(count) < 0.08, 20.0, 1.0)
    columns = [opens, np.maximum(opens, close) + spread[0], np.minimum(opens, close) - spread[1], close]
    if step:
        columns = [np.round(column / step) * step for column in columns]
    columns.append(rng.integers(0, 50, count).astype(float))
    index = pd.date_range("2024-01-01", periods=count, freq="1min")
    return Market.of(
        "1m", pd.DataFrame(dict(zip(("open", "high", "low", "close", "volume"), columns, strict=True)), index)
    )


def given_by(package: Any, market: Market, chosen: smc.Settings) -> Iterator[tuple[str, pd.DataFrame]]:
    """The package's tables by name."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        swings = package.swing_highs_lows(market.frame, swing_length=chosen.swing_length)
        yield "swing_highs_lows", swings
        yield "bos_choch", package.bos_choch(market.frame, swings, close_break=chosen.close_break)
        yield "ob", package.ob(market.frame, swings, close_mitigation=chosen.close_mitigation)
        yield "fvg", package.fvg(market.frame, join_consecutive=chosen.join_consecutive)
        yield "liquidity", package.liquidity(market.frame, swings, range_percent=chosen.range_percent)
        yield "retracements", package.retracements(market.frame, swings)


def assert_same(name: str, ours: pl.DataFrame, theirs: pd.DataFrame, *, single: bool = False) -> None:
    """Every column equal at every bar; ``single`` compares the numbers a file gives in single precision."""
    assert ours.columns == list(theirs.columns), name
    for column in ours.columns:
        actual, expected = ours[column].to_numpy(), theirs[column].to_numpy(dtype=float)
        if single:
            actual, expected = actual.astype(np.float32), expected.astype(np.float32)
        np.testing.assert_array_equal(actual, expected, err_msg=f"{name}.{column}")


def assert_all_same(package: Any, market: Market, chosen: smc.Settings) -> None:
    ours = smc.package_columns(market.columns, chosen)._asdict()
    for name, theirs in given_by(package, market, chosen):
        assert_same(name, ours[name], theirs)


@oracles
def test_published_results_are_met_at_every_bar(euro: Market) -> None:
    ours = smc.package_columns(euro.columns, smc.Settings(swing_length=5))._asdict()
    for name, file in RESULTS.items():
        assert_same(name, ours[name], pd.read_csv(ORACLES / file), single=True)


@oracles
def test_published_structures_are_facts_known_when_they_could_be(euro: Market) -> None:
    facts = smc.structures(euro.columns, smc.Settings(swing_length=5), by="bar")
    swings = pd.read_csv(ORACLES / RESULTS["swing_highs_lows"])["HighLow"].to_numpy()
    stands = facts.swings.filter(pl.col("superseded_at").is_null())
    # The last bar of all is marked too, which no later bar confirms.
    assert stands["start"].to_list() == np.flatnonzero(~np.isnan(swings))[:-1].tolist()
    assert (stands["known_at"] - stands["start"])[1:].unique().to_list() == [5]
    assert (facts.gaps["known_at"] - facts.gaps["start"]).unique().to_list() == [1]
    assert (facts.breaks["known_at"] >= facts.breaks["end"]).all()
    assert (facts.order_blocks["known_at"] >= facts.order_blocks["end"]).all()
    assert (facts.liquidity["known_at"] >= facts.liquidity["end"] + 5).all()


@recorded
@pytest.mark.parametrize("interval", SPANS)
@pytest.mark.parametrize(
    "chosen", [smc.Settings(swing_length=10), smc.Settings(3, False, True, True, 0.02)], ids=["usual", "other"]
)
def test_bitcoin_is_read_as_the_package_reads_it(package: Any, interval: str, chosen: smc.Settings) -> None:
    assert_all_same(package, bitcoin(interval), chosen)


@settings(max_examples=60)
@given(
    seed=st.integers(0, 2**32 - 1),
    count=st.integers(4, 220),
    step=st.sampled_from([0.0, 0.25, 1.0]),
    chosen=st.builds(
        smc.Settings, st.integers(1, 7), st.booleans(), st.booleans(), st.booleans(), st.sampled_from([0.0, 0.01, 0.2])
    ),
)
def test_random_bars_are_read_as_the_package_reads_them(
    package: Any, seed: int, count: int, step: float, chosen: smc.Settings
) -> None:
    assert_all_same(package, random_market(seed, count, step), chosen)


def test_a_bar_with_blocks_of_both_sides_is_read_as_the_package_reads_it(package: Any) -> None:
    chosen = smc.Settings(swing_length=1, close_mitigation=True)
    found = 0
    for seed in range(300):
        market = random_market(seed, 250, 0.25)
        blocks = smc.structures(market.columns, chosen, by="bar").order_blocks
        standing = blocks.filter(pl.col("superseded_at").is_null())
        sides = (set(standing.filter(pl.col("side") == side)["start"]) for side in ("bullish", "bearish"))
        if set.intersection(*sides):
            found += 1
            assert_all_same(package, market, chosen)
    assert found > 0


@recorded
@pytest.mark.parametrize("interval", ["5m", "1h"])
@pytest.mark.parametrize(("period", "theirs"), [("4h", "4h"), ("1d", "1D")])
def test_previous_high_and_low_are_the_packages(package: Any, interval: str, period: str, theirs: str) -> None:
    market = bitcoin(interval)
    ours = smc.previous_high_low(ta.Frame.batch(market.columns), period)
    expected = package.previous_high_low(market.frame, time_frame=theirs)
    for node, column in zip(ours, ("PreviousHigh", "PreviousLow", "BrokenHigh", "BrokenLow"), strict=True):
        np.testing.assert_array_equal(node.batch().astype(np.float32), expected[column].to_numpy(dtype=np.float32))


@recorded
@pytest.mark.parametrize("name", smc.SESSIONS)
def test_sessions_are_the_packages(package: Any, name: str) -> None:
    market = bitcoin("1h")
    ours = smc.session(ta.Frame.batch(market.columns), name)
    theirs = "london close kill zone" if name == "London close kill zone" else name
    expected = package.sessions(market.frame.copy(), theirs)
    for node, column in zip(ours, ("Active", "High", "Low"), strict=True):
        np.testing.assert_array_equal(node.batch().astype(np.float32), expected[column].to_numpy(dtype=np.float32))


@recorded
def test_a_session_of_ones_own_goes_over_midnight_as_the_packages_does(package: Any) -> None:
    market = bitcoin("5m")
    frame = market.frame.head(1_000)
    ours = smc.session(ta.Frame.batch(Market.of("5m", frame).columns), "Custom", start="22:30", end="01:15")
    expected = package.sessions(frame.copy(), "Custom", "22:30", "01:15")
    np.testing.assert_array_equal(ours.active.batch(), expected["Active"].to_numpy(dtype=float))
    np.testing.assert_array_equal(ours.high.batch().astype(np.float32), expected["High"].to_numpy())
