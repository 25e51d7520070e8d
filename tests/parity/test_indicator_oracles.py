"""Our definitions agree with those of DaveSkender/Stock.Indicators, on its data and against its published values."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from tradebot import indicators as ta
from tradebot.indicators.averages import Bands

ORACLES = Path(__file__).parents[2].parent / "shared" / "oracles" / "indicators"

pytestmark = pytest.mark.skipif(
    not ORACLES.exists(), reason="the shared folder with the oracles is not beside the repository"
)

Expectations = Mapping[str, tuple[ta.Node, str]]


@pytest.fixture(scope="module")
def frame() -> ta.Frame:
    quotes = pl.read_csv(ORACLES / "quotes.csv", try_parse_dates=True)
    columns = (quotes[name].to_numpy() for name in ("open", "high", "low", "close", "volume"))
    ts = quotes["date"].cast(pl.Datetime("ns")).to_physical().to_numpy()
    return ta.Frame.batch(ta.Columns.from_arrays("1d", ts, *columns))


def oracle(name: str, column: str) -> NDArray[np.float64]:
    rows = json.loads((ORACLES / f"{name}.json").read_text())
    return np.array([np.nan if row[column] is None else float(row[column]) for row in rows])


def supertrend(frame: ta.Frame) -> Expectations:
    return {"superTrend": (ta.supertrend(frame, 10, 3.0).line, "whole")}


def ichimoku(frame: ta.Frame) -> Expectations:
    lines = ta.ichimoku(frame, 9, 26, 52)
    return {
        "tenkanSen": (lines.conversion, "whole"),
        "kijunSen": (lines.base, "whole"),
        "senkouSpanA": (lines.span_a, "whole"),
        "senkouSpanB": (lines.span_b, "whole"),
    }


def vwap(frame: ta.Frame) -> Expectations:
    return {"vwap": (ta.vwap(frame, anchor=None), "whole")}


def keltner(frame: ta.Frame) -> Expectations:
    return channel(ta.keltner(frame, 20, 2.0, 10))


def donchian(frame: ta.Frame) -> Expectations:
    return channel(ta.donchian(frame, 20, exclude_current=True))


def channel(bands: Bands) -> Expectations:
    return {
        "upperBand": (bands.upper, "whole"),
        "centerline": (bands.middle, "whole"),
        "lowerBand": (bands.lower, "whole"),
        "width": ((bands.upper - bands.lower) / bands.middle, "whole"),
    }


def rsi(frame: ta.Frame) -> Expectations:
    return {"rsi": (ta.rsi(frame.close, 14), "whole")}


def bb(frame: ta.Frame) -> Expectations:
    bands = ta.bbands(frame.close, 20, 2.0, 2.0)
    return {
        "sma": (bands.middle, "whole"),
        "upperBand": (bands.upper, "whole"),
        "lowerBand": (bands.lower, "whole"),
        "zScore": (ta.zscore(frame.close, 20, ddof=0), "whole"),
        "percentB": ((frame.close - bands.lower) / (bands.upper - bands.lower), "whole"),
        "width": ((bands.upper - bands.lower) / bands.middle, "whole"),
    }


def atr(frame: ta.Frame) -> Expectations:
    return {
        "atr": (ta.atr(frame, 14), "whole"),
        "atrp": (ta.natr(frame, 14), "whole"),
        "tr": (ta.trange(frame), "whole"),
    }


def macd(frame: ta.Frame) -> Expectations:
    lines = ta.macd(frame.close, 12, 26, 9)
    # TA-Lib starts the fast average later; the difference has faded by bar 250.
    return {
        "macd": (lines.macd, "faded"),
        "signal": (lines.signal, "faded"),
        "histogram": (lines.histogram, "faded"),
        "fastEma": (ta.ema(frame.close, 12), "whole"),
        "slowEma": (ta.ema(frame.close, 26), "whole"),
    }


def adx(frame: ta.Frame) -> Expectations:
    return {
        "adx": (ta.adx(frame, 14), "whole"),
        "adxr": (ta.adxr(frame, 14), "whole"),
        "pdi": (ta.plus_di(frame, 14), "whole"),
        "mdi": (ta.minus_di(frame, 14), "whole"),
        "dx": (ta.dx(frame, 14), "whole"),
    }


def stoch(frame: ta.Frame) -> Expectations:
    lines = ta.stoch(frame, 14, 3, 3)
    # TA-Lib shows both lines from the bar on at which the slower one is known.
    third = 3.0 * lines.k - 2.0 * lines.d
    return {"oscillator": (lines.k, "late"), "signal": (lines.d, "whole"), "percentJ": (third, "late")}


@pytest.mark.parametrize(
    "expectations",
    [supertrend, ichimoku, vwap, keltner, donchian, rsi, bb, atr, macd, adx, stoch],
    ids=lambda function: function.__name__,
)
def test_values_agree_with_the_published_ones(
    frame: ta.Frame, expectations: Callable[[ta.Frame], Expectations]
) -> None:
    for column, (node, extent) in expectations(frame).items():
        expected = oracle(expectations.__name__, column)
        actual = node.batch()
        first = {"whole": 0, "faded": 250, "late": node.warmup}[extent]
        np.testing.assert_allclose(actual[first:], expected[first:], rtol=1e-8, atol=1e-9, err_msg=column)


def test_every_series_there_is_has_been_compared(frame: ta.Frame) -> None:
    named_twice = {"k", "d", "j"}
    compared_below = {"chikouSpan", "upperBand", "lowerBand"}
    for file in ORACLES.glob("*.json"):
        if file.stem == "params":
            continue
        series = json.loads(file.read_text())[0].keys() - {"timestamp"}
        known = globals()[file.stem](frame).keys() | named_twice | compared_below
        assert series <= known, file.stem


def test_the_lagging_line_of_ichimoku_is_shown_when_it_is_known(frame: ta.Frame) -> None:
    lagging = ta.ichimoku(frame, 9, 26, 52).lagging.batch()
    drawn_back = oracle("ichimoku", "chikouSpan")
    np.testing.assert_allclose(lagging[26:], drawn_back[:-26])


def test_the_line_of_supertrend_is_the_band_its_direction_says(frame: ta.Frame) -> None:
    lines = ta.supertrend(frame, 10, 3.0)
    direction = lines.direction.batch()
    for side, name, band in ((-1, "upperBand", lines.upper), (1, "lowerBand", lines.lower)):
        expected = oracle("supertrend", name)
        np.testing.assert_array_equal(direction == side, ~np.isnan(expected))
        shown = np.where(direction == side, band.batch(), np.nan)
        np.testing.assert_allclose(shown, expected, rtol=1e-8)
