"""Calling indicators: inputs, parameters, and errors that name both."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import numpy as np
import pytest

from tradebot import indicators as ta
from tradebot.core.errors import IndicatorError


def test_bars_stand_for_their_close(frame: ta.Frame) -> None:
    assert ta.sma(frame, 5) is ta.sma(frame.close, 5)


def test_a_function_that_is_not_written_out_takes_bars_or_its_inputs(frame: ta.Frame) -> None:
    assert ta.cmf(frame, 20) is ta.cmf(frame.high, frame.low, frame.close, frame.volume, period=20)
    assert ta.linearreg(frame.close, 9) is ta.linearreg(frame.close, timeperiod=9)


def test_several_outputs_come_as_a_named_tuple(frame: ta.Frame) -> None:
    lines = ta.mama(frame.close)
    assert lines._fields == ("mama", "fama")
    assert ta.macd(frame.close).signal is ta.macd(frame.close)[1]


def test_a_kind_of_average_is_given_by_name(frame: ta.Frame) -> None:
    np.testing.assert_array_equal(ta.ma(frame.close, 5, "wma").batch(), ta.wma(frame.close, 5).batch())


def test_every_talib_function_is_listed_and_documented() -> None:
    assert {"cdlengulfing", "ht_dcperiod", "linearreg", "sma"} <= set(dir(ta))
    assert "period=14" in (ta.linearreg.__doc__ or "")


def test_an_unknown_name_offers_the_nearest() -> None:
    with pytest.raises(AttributeError, match='Did you mean "rsi"'):
        _ = ta.rssi
    with pytest.raises(AttributeError, match="ichimoku"):
        _ = ta.ichimoko


@pytest.mark.parametrize(
    ("declare", "message"),
    [
        (lambda f: ta.sma(f.close, 0), r"sma\(period\): 0 is out of TA-Lib's range"),
        (lambda f: ta.sma(f.close, -3), r"sma\(period\): -3 is out of TA-Lib's range"),
        (lambda f: ta.sma(f.close, 2.5), r"sma\(period\): 2.5 is not a whole number"),  # type: ignore[arg-type]
        (lambda f: ta.sma(f.close, True), r"sma\(period\): True is not a whole number"),
        (lambda f: ta.macd(f.close, 12, 0), r"macd\(slow\): 0 is out"),
        (lambda f: ta.atr(f, "14"), r"atr\(period\): '14' is not a whole number"),  # type: ignore[arg-type]
        (lambda f: ta.bbands(f.close, 20, float("nan")), r"bbands\(nbdevup\): nan is not a finite number"),
        (
            lambda f: ta.bbands(f.close, kind="smaa"),
            r'bbands\(matype\): "smaa" is not a moving average. Did you mean "sma"',
        ),  # type: ignore[arg-type]
        (lambda f: ta.linearreg(f.close, perod=3), r'linearreg\(perod\): no such parameter. Did you mean "period"'),
        (lambda f: ta.linearreg(f.close, 3, 4), "linearreg: 2 parameters were given, it has 1"),
        (lambda f: ta.linearreg(), "linearreg: 0 of 1 inputs were given"),
        (lambda f: ta.correl(f), "correl: 1 of 2 inputs were given"),
        (lambda f: ta.sma(3, 4), r"sma\(input 1\): int is not an indicator"),  # type: ignore[arg-type]
        (lambda f: ta.rolling_mean(f.close, 0), r"rolling_mean\(period\): 0 must be at least 1"),
        (lambda f: ta.rolling_std(f.close, 1), r"rolling_std\(period\): 1 values leave nothing to divide by"),
        (lambda f: ta.rolling_skew(f.close, 2), r"rolling_skew\(period\): 2 must be at least 3"),
        (lambda f: ta.rolling_quantile(f.close, 5, 1.5), r"rolling_quantile\(q\): 1.5 is not in 0..1"),
        (lambda f: ta.highest(f.close, 1.0), r"highest\(period\): 1.0 is not a whole number"),  # type: ignore[arg-type]
        (lambda f: ta.shift(f.close, -1), r"shift\(bars\): -1 must be at least 1"),
        (lambda f: ta.change(f.close, 0), r"change\(bars\): 0 must be at least 1"),
        (lambda f: ta.supertrend(f, 10, 0.0), r"supertrend\(multiplier\): 0.0 must be above 0"),
        (lambda f: ta.supertrend(f, 0), r"supertrend\(period\): 0 must be at least 1"),
        (lambda f: ta.keltner(f, 1), r"keltner\(period\): 1 must be at least 2"),
        (lambda f: ta.donchian(f, 0), r"donchian\(period\): 0 must be at least 1"),
        (lambda f: ta.ichimoku(f, 9, 0), r"ichimoku\(displacement\): 0 must be at least 1"),
        (lambda f: ta.bars_since(f.close), r"bars_since\(happened\): close is not a condition"),
        (lambda f: ta.value_when(f.close > 1, f.close, -1), r"value_when\(occurrence\): -1 must be at least 0"),
        (lambda f: ta.cross_above(f.close, "x"), r"cross_above\(second\): 'x' is not a number"),
        (lambda f: ta.vwap(f, "1q"), r'vwap\(anchor\): "1q" is not an interval'),
        (lambda f: ta.vwap(f, np.array([1, 2])), r"vwap\(anchor\): sessions have shape"),
        (lambda f: ta.vwap(f, np.array([[5, 2]])), r"vwap\(anchor\): sessions must rise"),
        (lambda f: ta.vwap(f, price=f.higher("4h").close), r"vwap\(price\): is of another timeframe"),
    ],
)
def test_a_bad_call_names_the_indicator_and_the_parameter(
    frame: ta.Frame, declare: Callable[[ta.Frame], object], message: str
) -> None:
    with pytest.raises(IndicatorError, match=message):
        declare(frame)


def test_a_candle_pattern_is_made_a_condition_by_comparing_it(frame: ta.Frame) -> None:
    assert (ta.cdldoji(frame) > 0).mask().dtype == np.uint8


def test_importing_indicators_loads_neither_talib_nor_a_dataframe_library() -> None:
    code = (
        "import sys; from tradebot import indicators as ta; assert 'talib' not in sys.modules;"
        "ta.sma; ta.linearreg; assert 'talib' in sys.modules;"
        "assert 'pandas' not in sys.modules and 'polars' not in sys.modules; import polars"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_vwap_starts_anew_with_each_day(frame: ta.Frame) -> None:
    anchored = ta.vwap(frame, price=frame.close).batch()
    close = frame.close.batch()
    assert anchored[0] == close[0]
    assert anchored[23] == pytest.approx(close[:24].mean())
    assert anchored[24] == close[24]


def test_bars_since_and_value_when_wait_for_the_first_time(frame: ta.Frame) -> None:
    turned = ta.cross_above(frame.close, 20)
    since, price = ta.bars_since(turned).batch(), ta.value_when(turned, frame.open).batch()
    assert np.isnan(since[:11]).all()
    assert since[11:14].tolist() == [0.0, 1.0, 2.0]
    assert price[10:14].tolist() == pytest.approx([np.nan, 20.5, 20.5, 20.5], nan_ok=True)
    assert ta.value_when(turned, frame.close, 1).batch()[-1] == 21.0
