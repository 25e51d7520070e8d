"""A fact is told at the bar from which it was knowable, and never changes but by events with moments of their own."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from indicator_catalogue import bars_of, columns, first_bars, walk

from tradebot import indicators as ta
from tradebot.indicators import smc

BITCOIN = Path(__file__).parents[2].parent / "shared" / "data" / "binance_usdm" / "BTCUSDT-5m.parquet"
MOMENTS = ("mitigated_at", "swept_at", "ended_at", "superseded_at")
ORDER = ("kind", "side", "start", "end", "top", "bottom", "known_at")

chosen_settings = st.builds(
    smc.Settings,
    st.integers(1, 5),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.sampled_from([0.0, 0.02, 0.1]),
    st.sampled_from([20, 500]),
)


@pytest.fixture(scope="module")
def bitcoin() -> ta.Columns:
    if not BITCOIN.exists():
        pytest.skip("the shared folder with market data is not beside the repository")
    rows = pl.read_parquet(BITCOIN, n_rows=3_000)
    prices = (rows[name].to_numpy() for name in ("open", "high", "low", "close", "volume"))
    return columns(rows["open_time"].to_numpy() * 1_000_000, *prices)


def known(tables: smc.Structures, bar: int) -> list[pl.DataFrame]:
    """The facts known at a bar, with nothing that came later."""
    shown: list[pl.DataFrame] = []
    for table in tables:
        later = [
            pl.when(pl.col(name) <= bar).then(pl.col(name)).alias(name) for name in MOMENTS if name in table.columns
        ]
        shown.append(table.filter(pl.col("known_at") <= bar).with_columns(later))
    return shown


def assert_known_at_every_bar(bars: ta.Columns, chosen: smc.Settings, at: range) -> None:
    whole = smc.structures(bars, chosen, by="bar")
    for bar in at:
        past = smc.structures(first_bars(bars, bar + 1), chosen, by="bar")
        for then, now in zip(past, known(whole, bar), strict=True):
            assert then.equals(now)


@settings(max_examples=25)
@given(
    seed=st.integers(0, 2**32 - 1),
    count=st.integers(2, 150),
    step=st.sampled_from([0.0, 0.25, 1.0]),
    chosen=chosen_settings,
)
def test_the_facts_of_a_past_are_those_of_the_whole_that_were_known(
    seed: int, count: int, step: float, chosen: smc.Settings
) -> None:
    assert_known_at_every_bar(walk(seed, count, step=step), chosen, range(count))


def test_the_facts_of_a_past_are_those_of_the_whole_that_were_known_on_bitcoin(bitcoin: ta.Columns) -> None:
    assert_known_at_every_bar(bitcoin, smc.Settings(swing_length=8), range(0, len(bitcoin), 41))


def told(bars: ta.Columns, chosen: smc.Settings) -> list[tuple[int, smc.News]]:
    """What a stream tells, with the bar it was told at."""
    stream = smc.Stream(chosen)
    return [(bar, news) for bar, given in enumerate(bars_of(bars)) for news in stream.update(given)]


def rows(tables: smc.Structures, event: str) -> list[tuple[Any, ...]]:
    """Facts that an event befell, with the bar at which that was knowable, as a stream would tell them."""
    found: list[tuple[Any, ...]] = []
    kinds = dict(zip(smc.Structures._fields, ("swing", "", "order_block", "gap", "liquidity"), strict=True))
    for name, table in tables._asdict().items():
        moment = {"known": "known_at", "mitigated": "swept_at" if name == "liquidity" else "mitigated_at"}.get(
            event, f"{event}_at"
        )
        if moment not in table.columns:
            continue
        # Lines outdone by a later one before they gave way never held.
        for row in table.filter(
            pl.col("superseded_at").is_null() | (pl.col("superseded_at") > pl.col("known_at"))
        ).rows(named=True):
            if row[moment] is None:
                continue
            side = 1 if row["side"] in ("high", "bullish") else -1
            end = row.get("end", row["known_at"] if name == "gaps" else row["start"])
            top, bottom = row.get("top", row.get("level")), row.get("bottom", row.get("level"))
            fact = (row.get("kind", kinds[name]), side, row["start"], end, top, bottom, row["known_at"])
            found.append((max(row[moment], row["known_at"]), *fact))
    return sorted(found)


@settings(max_examples=40)
@given(
    seed=st.integers(0, 2**32 - 1),
    count=st.integers(1, 220),
    step=st.sampled_from([0.0, 0.25, 1.0]),
    chosen=chosen_settings,
)
def test_a_stream_tells_every_event_at_its_bar_and_nothing_else(
    seed: int, count: int, step: float, chosen: smc.Settings
) -> None:
    bars = walk(seed, count, step=step)
    news, tables = told(bars, chosen), smc.structures(bars, chosen, by="bar")
    for event in ("known", "mitigated", "ended", "superseded"):
        heard = sorted(
            (bar, *(getattr(each.fact, name) for name in ORDER)) for bar, each in news if each.event == event
        )
        assert heard == rows(tables, event)


def of_the_package(bars: ta.Columns, length: int) -> dict[str, set[tuple[int, ...]]]:
    """Structures the package sees in some bars, less the swing it makes of the last one."""
    from smartmoneyconcepts import smc as package

    names = ("open", "high", "low", "close", "volume")
    frame = pd.DataFrame({name: getattr(bars, name) for name in names}, pd.to_datetime(bars.ts))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        swings = package.swing_highs_lows(frame, swing_length=length)
        swings.iloc[-1] = np.nan
        lines, blocks, gaps = package.bos_choch(frame, swings), package.ob(frame, swings), package.fvg(frame)
    return {
        "swings": {(at, int(side)) for at, side in swings["HighLow"].dropna().items()},
        "breaks": {
            (at, int(side), int(lines["BrokenIndex"][at]))
            for name in ("BOS", "CHOCH")
            for at, side in lines[name].dropna().items()
        },
        "order_blocks": {(at, int(side)) for at, side in blocks["OB"].dropna().items()},
        "gaps": {(at, int(side), int(gaps["MitigatedIndex"][at])) for at, side in gaps["FVG"].dropna().items()},
    }


def standing(tables: smc.Structures, bar: int) -> dict[str, set[tuple[int, ...]]]:
    """The same of the facts that are known at a bar and stand."""
    kept = [table.filter(pl.col("superseded_at").is_null()) for table in known(tables, bar)]
    swings, lines, blocks, gaps, _ = (
        table.with_columns(sign=pl.when(pl.col("side").is_in(["high", "bullish"])).then(1).otherwise(-1))
        for table in kept
    )
    return {
        "swings": set(swings.select("start", "sign").rows()),
        "breaks": set(lines.select("start", "sign", "end").rows()),
        "order_blocks": set(blocks.filter(pl.col("ended_at").is_null()).select("start", "sign").rows()),
        "gaps": set(gaps.select("start", "sign", pl.col("mitigated_at").fill_null(0)).rows()),
    }


@settings(max_examples=12)
@given(seed=st.integers(0, 2**32 - 1), step=st.sampled_from([0.0, 0.5]), length=st.integers(1, 4))
def test_what_is_known_at_a_bar_is_what_the_package_sees_in_the_bars_up_to_it(
    seed: int, step: float, length: int
) -> None:
    bars = walk(seed, 120, step=step)
    tables = smc.structures(bars, smc.Settings(swing_length=length), by="bar")
    for bar in range(length, 120, 3):
        assert standing(tables, bar) == of_the_package(first_bars(bars, bar + 1), length)


def test_what_is_known_of_bitcoin_at_a_bar_is_what_the_package_sees_in_the_bars_up_to_it(bitcoin: ta.Columns) -> None:
    tables = smc.structures(bitcoin, smc.Settings(swing_length=6), by="bar")
    for bar in range(150, 1_200, 35):
        assert standing(tables, bar) == of_the_package(first_bars(bitcoin, bar + 1), 6)


def test_nodes_show_the_facts_that_are_known_and_stand(bitcoin: ta.Columns) -> None:
    chosen, lookback = smc.Settings(swing_length=5), 300
    tables = smc.structures(bitcoin, chosen, by="bar")
    frame = ta.Frame.batch(bitcoin)
    swings, structure = smc.swings(frame, 5), smc.structure(frame, 5)
    blocks, gaps = smc.order_blocks(frame, 5, lookback=lookback), smc.gaps(frame, lookback=lookback)
    # Nodes do not take the first bar for a swing: far from it they have forgotten the difference.
    for bar in range(1_000, len(bitcoin), 13):
        known_swings, lines, known_blocks, known_gaps, _ = (
            table.filter(pl.col("superseded_at").is_null()) for table in known(tables, bar)
        )
        assert swings.high.batch()[bar] == known_swings.filter(pl.col("side") == "high")["level"][-1]
        assert swings.low_time.batch()[bar] == bitcoin.ts[known_swings.filter(pl.col("side") == "low")["start"][-1]]
        assert structure.trend.batch()[bar] == (1.0 if lines["side"][-1] == "bullish" else -1.0)
        assert structure.level.batch()[bar] == lines["level"][-1]
        for zones, table, (low_edge, high_edge) in (
            (blocks, known_blocks, ("bottom", "top")),
            (gaps, known_gaps, ("top", "bottom")),
        ):
            # The edge at which a zone is mitigated tells which is the first.
            fresh = table.filter(pl.col("mitigated_at").is_null() & (pl.col("start") >= bar - lookback))
            below = fresh.filter(pl.col("side") == "bullish").sort(low_edge)["top"]
            above = fresh.filter(pl.col("side") == "bearish").sort(high_edge, descending=True)["bottom"]
            np.testing.assert_equal(zones.bull_top.batch()[bar], below[-1] if len(below) else np.nan)
            np.testing.assert_equal(zones.bear_bottom.batch()[bar], above[-1] if len(above) else np.nan)
