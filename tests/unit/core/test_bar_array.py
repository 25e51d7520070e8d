"""Bars by the column: validation, slices, resampling."""

from typing import Any

import numpy as np
import pytest

from tradebot.core.bar import BarArray
from tradebot.core.errors import DataError
from tradebot.core.instant import to_ns
from tradebot.core.instrument import Instrument
from tradebot.core.interval import MINUTE

START = to_ns("2024-01-01T00:00:00")
BTC = Instrument.binance_perpetual("BTCUSDT")


def made(count: int = 4, *, interval: str = "1m", start: int = START, **changes: Any) -> BarArray:
    close = 100.0 + np.arange(count)
    columns: dict[str, Any] = {
        "ts": start + MINUTE * np.arange(count),
        "open": close - 0.5,
        "high": close + 1,
        "low": close - 1,
        "close": close,
        "volume": np.ones(count),
    }
    return BarArray(BTC, interval, **(columns | changes))


def test_bars_tell_their_market_and_number():
    assert repr(made()) == "BarArray(BTCUSDT 1m, 4 bars)"
    assert made().symbol == "BTCUSDT"


def test_one_bar_has_the_values_of_its_row():
    bar = made(trades=[3, 4, 5, 6], vwap=[100.0, 101.0, 102.0, 103.0]).bar(-1)
    assert (bar.ts, bar.open, bar.high, bar.low, bar.close) == (START + 3 * MINUTE, 102.5, 104.0, 102.0, 103.0)
    assert (bar.volume, bar.trades, bar.vwap) == (1.0, 6, 103.0)
    assert made()[3].close == list(made())[-1].close == 103.0


def test_a_bar_that_is_not_there_is_an_index_error():
    with pytest.raises(IndexError):
        made().bar(4)


def test_a_bar_is_known_at_its_close():
    assert made().close_ts.tolist() == [START + MINUTE * (row + 1) for row in range(4)]


def test_columns_cannot_be_written():
    with pytest.raises(ValueError, match="read-only"):
        made().close[0] = 1.0


def test_the_callers_array_stays_writable():
    close = 100.0 + np.arange(4)
    made(close=close)
    close[0] = 100.5


def test_a_slice_is_bars_that_share_memory():
    bars = made(trades=[1, 2, 3, 4])
    part = bars[1:3]
    assert len(part) == 2
    assert np.shares_memory(part.close, bars.close)
    assert part.trades is not None
    assert part.trades.tolist() == [2, 3]


def test_a_slice_with_steps_is_refused():
    with pytest.raises(DataError, match=r"a slice of bars with step 2 is no run of bars\. .* resample"):
        made()[::2]


def test_a_span_holds_the_bars_that_open_in_it():
    assert made().between(START + MINUTE, START + 3 * MINUTE).close.tolist() == [101.0, 102.0]
    assert len(made().between()) == 4


def test_gaps_are_counted():
    ts = START + MINUTE * np.array([0, 1, 5, 9])
    assert made(ts=ts).gaps == 2


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"open": [1.0]}, "columns differ in length: ts 4, open 1"),
        ({"ts": START + MINUTE * np.array([0, 2, 1, 3])}, "row 3 (2024-01-01T00:01:00Z) lies before the row above it"),
        ({"ts": START + MINUTE * np.array([0, 1, 1, 3])}, "row 3 repeats the time 2024-01-01T00:01:00Z"),
        ({"close": [100, np.nan, 102, 103]}, "the close is missing (NaN) in row 2 (2024-01-01T00:01:00Z)"),
        ({"high": [101, 102, np.inf, 104]}, "the high is infinite in row 3 (2024-01-01T00:02:00Z)"),
        ({"low": [99, 100, 101, 0.0]}, "the low is 0 in row 4 (2024-01-01T00:03:00Z). It must be above 0"),
        ({"volume": [1, 1, -2, 1]}, "the volume is -2 in row 3 (2024-01-01T00:02:00Z). It must be 0 or more"),
        ({"volume": [1, np.nan, 1, 1]}, "the volume is missing (NaN) in row 2"),
        ({"trades": [1, 1, 1, -1]}, "the trades is -1 in row 4"),
        ({"vwap": [100, 0, 102, 103]}, "the vwap is 0 in row 2"),
        ({"close": [100, 105, 102, 103]}, "open or close lies outside low..high in row 2 (2024-01-01T00:01:00Z)"),
        ({"close": ["a", "b", "c", "d"]}, "column close: holds values of another type"),
        ({"ts": [0.5, 1.5, 2.5, 3.5]}, "column ts: holds values of another type. Give an array of int64."),
        ({"open": [[1.0]]}, "column open: has shape (1, 1). Give one dimension."),
    ],
)
def test_columns_that_are_no_bars_are_refused_with_the_row(change: dict[str, Any], sentence: str):
    with pytest.raises(DataError) as caught:
        made(**change)
    assert sentence in str(caught.value)


def test_a_long_list_of_wrong_rows_is_cut():
    with pytest.raises(DataError, match=r"rows 1 \(.*\), 2 .* and 15 more"):
        made(20, close=np.full(20, np.nan))


def test_an_unknown_vwap_is_not_missing():
    assert np.isnan(made(vwap=[100.0, np.nan, 102.0, 103.0]).bar(1).vwap)


def test_no_bars_are_bars_too():
    assert len(made(0)) == 0
    assert len(made(0).resample("1h")) == 0


def test_resampling_takes_first_open_last_close_extremes_and_sums():
    longer = made(10, trades=np.arange(10)).resample("5m")
    bar = longer.bar(0)
    assert (bar.ts, bar.open, bar.high, bar.low, bar.close) == (START, 99.5, 105.0, 99.0, 104.0)
    assert (bar.volume, bar.trades) == (5.0, 10)
    assert len(longer) == 2


def test_the_vwap_of_a_longer_bar_weighs_by_volume():
    volume, vwap = [1.0, 3.0, 0.0, 0.0], [100.0, 102.0, np.nan, 103.0]
    longer = made(volume=volume, vwap=vwap).resample("2m")
    assert longer.vwap is not None
    assert longer.vwap[0] == pytest.approx((100 + 3 * 102) / 4)
    assert np.isnan(longer.vwap[1])


def test_a_bar_that_has_not_closed_is_left_out():
    assert len(made(9).resample("5m")) == 1
    assert len(made(9).resample("5m", keep_incomplete=True)) == 2


def test_a_bar_is_complete_when_its_last_part_has_closed_even_over_a_gap():
    ts = START + MINUTE * np.array([0, 1, 4, 9])
    assert made(ts=ts).resample("5m").ts.tolist() == [START, START + 5 * MINUTE]


def test_a_longer_bar_opens_on_its_boundary_though_data_begin_inside():
    assert made(10, start=START + 3 * MINUTE).resample("5m").ts.tolist() == [START, START + 5 * MINUTE]


def test_months_follow_the_calendar():
    day = 24 * 60 * MINUTE
    days = made(60, interval="1d", ts=to_ns("2024-01-31") + day * np.arange(60))
    months = days.resample("1M")
    assert months.ts.tolist() == [to_ns("2024-01-01"), to_ns("2024-02-01")]
    assert months.volume.tolist() == [1.0, 29.0]


def test_intervals_that_do_not_fit_are_refused():
    with pytest.raises(DataError, match="bars of BTCUSDT 1h: 1h bars do not fill 15m bars. Resample to a multiple"):
        made(interval="1h", ts=START + 60 * MINUTE * np.arange(4)).resample("15m")
