"""Longer bars: by the clock and by sessions, with no look ahead and nothing left out unsaid."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tradebot.core.bar import BarArray
from tradebot.core.errors import DataError
from tradebot.core.instant import iso, to_ns
from tradebot.core.instrument import Instrument
from tradebot.core.interval import DAY, MINUTE, Interval
from tradebot.core.tick_array import TickArray
from tradebot.feeds.mock import mock_bars
from tradebot.store.calendars import sessions
from tradebot.store.resampling import bars_of_trades, resample

SPY = Instrument.us_equity("SPY")


def made(instrument: Instrument, interval: str, ts: np.ndarray) -> BarArray:
    """Bars whose values tell them apart: the n-th opens at 100 + n."""
    price = 100.0 + np.arange(len(ts))
    return BarArray(instrument, interval, ts, price, price + 2, price - 2, price + 1, np.ones(len(ts)))


def session_minutes(start: str, end: str, *, step: int = MINUTE, early: int = 0) -> BarArray:
    """Every bar of New York's sessions, and ``early`` minutes before each."""
    hours = sessions("XNYS", to_ns(start), to_ns(end))
    spans = zip(hours.opens, hours.closes, strict=True)
    return made(
        SPY, str(Interval.from_ns(step)), np.concatenate([np.arange(a - early * step, b, step) for a, b in spans])
    )


def test_the_clock_cuts_a_market_that_never_closes_and_ends_that_are_not_full_are_left_out():
    bars = mock_bars("BTCUSDT", "5m", 100, 1, start=to_ns("2024-01-01T00:10"))
    longer = resample(bars, Interval.parse("1h"))
    assert [iso(int(ts)) for ts in longer.bars.ts[[0, -1]]] == ["2024-01-01T01:00:00Z", "2024-01-01T07:00:00Z"]
    assert longer.incomplete == 10 + 6
    every = resample(bars, Interval.parse("1h"), keep_incomplete=True)
    assert (len(every.bars), every.incomplete) == (9, 0)
    assert every.bars.volume.sum() == pytest.approx(bars.volume.sum())


def test_hours_of_an_exchange_count_from_its_open_in_winter_and_in_summer():
    longer = resample(session_minutes("2024-03-08", "2024-03-12"), Interval.parse("1h")).bars
    opens = [iso(int(ts))[5:16] for ts in longer.ts]
    # On Sunday the 10th the clocks went forward; the exchange opened at 14:30 UTC on Friday and at 13:30 on Monday.
    assert opens[:7] == [f"03-08T{hour}:30" for hour in range(14, 21)]
    assert opens[7:] == [f"03-11T{hour}:30" for hour in range(13, 20)]
    assert longer.volume.tolist() == [60.0] * 6 + [30.0] + [60.0] * 6 + [30.0]


def test_a_half_day_ends_early_and_is_a_whole_day():
    bars = session_minutes("2024-11-29", "2024-11-30")
    assert len(bars) == 210
    daily = resample(bars, Interval.parse("1d")).bars
    assert (len(daily), daily.volume[0], daily.close[0]) == (1, 210, bars.close[-1])


def test_a_day_is_its_regular_session_under_its_own_date_and_the_rest_is_counted():
    bars = session_minutes("2024-03-08", "2024-03-12", early=30)
    longer = resample(bars, Interval.parse("1d"))
    assert longer.bars.ts.tolist() == [to_ns("2024-03-08"), to_ns("2024-03-11")]
    assert longer.outside == 60
    assert longer.bars.open[0] == 100 + 30


def test_a_week_and_a_month_end_with_their_last_session_not_with_the_calendar():
    days = sessions("XNYS", to_ns("2024-02-28"), to_ns("2024-03-29")).dates
    bars = made(SPY, "1d", days)
    # Good Friday, the 29th, had no session, so that the week and the month are whole after Thursday's.
    weeks = resample(bars, Interval.parse("1w"))
    assert [iso(int(ts))[:10] for ts in weeks.bars.ts] == ["2024-03-04", "2024-03-11", "2024-03-18", "2024-03-25"]
    assert weeks.incomplete == 3
    months = resample(bars, Interval.parse("1M"))
    assert [iso(int(ts))[:10] for ts in months.bars.ts] == ["2024-03-01"]
    less = resample(bars[:-1], Interval.parse("1w"))
    assert iso(int(less.bars.ts[-1]))[:10] == "2024-03-18"


INTERVALS = {"5m": ["15m", "1h", "4h", "1d", "1w"], "1h": ["2h", "1d"], "1d": ["1w", "1M"]}
PAIRS = [(fine, coarse) for fine, longer in INTERVALS.items() for coarse in longer]


@settings(max_examples=60)
@given(st.sampled_from(PAIRS), st.booleans(), st.integers(0, 400), st.integers(1, 2_000), st.integers(1, 60))
def test_more_data_never_change_a_bar_that_was_given_out(pair, is_equity, skipped, count, more):
    fine, coarse = map(Interval.parse, pair)
    if is_equity:
        step = fine.ns
        days = sessions("XNYS", to_ns("2020-01-01"), to_ns("2024-01-01"))
        spans = zip(days.opens, days.closes, strict=True)
        whole = made(SPY, pair[0], days.dates if step >= DAY else
                     np.concatenate([np.arange(a, b, step) for a, b in spans])[:3_000])  # fmt: skip
    else:
        whole = mock_bars("BTCUSDT", fine, 3_000, 1, start=to_ns("2024-01-03"))
    early, late = whole[skipped : skipped + count], whole[skipped : skipped + count + more]
    try:
        before = resample(early, coarse)
    except DataError:
        return
    after = resample(late, coarse).bars
    assert len(after) >= len(before.bars)
    for name, column in before.bars.columns().items():
        assert np.array_equal(column, after.columns()[name][: len(column)]), name
    # A longer bar is known no sooner than the last of the bars it was made of.
    assert bool(np.all(np.diff(before.bars.ts) > 0))
    end = int(before.bars.ts[-1]) + coarse.ns if coarse.is_fixed else coarse.next(int(before.bars.ts[-1]))
    parts = np.searchsorted(early.ts, np.append(before.bars.ts[1:], end))
    used = early.ts[np.minimum(parts, len(early)) - 1]
    session_end = used + (0 if is_equity and fine.ns < DAY else fine.ns)
    assert bool(np.all(before.bars.close_ts >= session_end))
    assert before.bars.volume.sum() == pytest.approx(early.volume.sum() - _left(early, before))


def _left(bars: BarArray, longer) -> float:
    """Volume of the bars at both ends that are in no longer bar."""
    first = int(np.searchsorted(bars.ts, longer.bars.ts[0]))
    last = longer.incomplete + longer.outside - first
    return float(bars.volume[:first].sum() + (bars.volume[-last:].sum() if last else 0.0))


@pytest.mark.parametrize(("fine", "coarse"), [("5m", "7m"), ("1h", "5m"), ("1h", "1h"), ("1w", "1M")])
def test_bars_that_do_not_fill_longer_ones_are_refused(fine: str, coarse: str):
    with pytest.raises(DataError, match=f"{fine} bars do not fill {coarse} bars"):
        resample(mock_bars("BTCUSDT", fine, 50, 1), Interval.parse(coarse))


def test_a_span_too_short_for_one_bar_is_told():
    with pytest.raises(DataError, match="the bars do not fill a single 1d bar"):
        resample(mock_bars("BTCUSDT", "1h", 5, 1), Interval.parse("1d"))


def test_trades_become_bars_and_a_time_without_trades_has_none():
    second = 1_000_000_000
    ts = np.array([0.5, 1.0, 1.2, 1.9, 3.0, 3.5, 4.0]) * second
    price, size = np.array([9, 10, 12, 11, 13, 14, 99.0]), np.array([1, 1, 2, 1, 5, 5, 1.0])
    ticks = TickArray(SPY, ts.astype(np.int64), price, size, np.zeros(7, np.int8))
    bars = bars_of_trades(ticks, Interval.parse("1s"))
    assert bars.ts.tolist() == [second, 3 * second]
    assert (bars.open.tolist(), bars.high.tolist(), bars.low.tolist()) == ([10, 13], [12, 14], [10, 13])
    assert (bars.close.tolist(), bars.volume.tolist(), bars.trades.tolist()) == ([11, 14], [4, 10], [3, 2])
    assert bars.vwap.tolist() == [(10 + 24 + 11) / 4, 13.5]
    with pytest.raises(DataError, match="do not fill a 1h bar"):
        bars_of_trades(ticks, Interval.parse("1h"))


def test_without_the_trading_hours_one_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    from tradebot.store import calendars

    calendars._years.cache_clear()
    monkeypatch.setitem(__import__("sys").modules, "exchange_calendars", None)
    with pytest.raises(DataError, match=r"pip install 'tradebot\[equities\]'"):
        sessions("XNYS", 0, DAY)
