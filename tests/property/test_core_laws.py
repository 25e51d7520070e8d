"""Laws of snapping, intervals and resampling that hold for every input."""

from decimal import Decimal

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tradebot.core.bar import BarArray
from tradebot.core.instrument import Instrument
from tradebot.core.interval import MINUTE, Interval

INTERVALS = st.sampled_from([Interval.parse(text) for text in ("1s", "7m", "15m", "4h", "1d", "3d", "1w", "1M", "3M")])
# 1950 to 2200, in nanoseconds.
INSTANTS = st.integers(-631_152_000 * 10**9, 7_258_118_400 * 10**9)
STEPS = st.sampled_from(["0.00000001", "0.001", "0.01", "0.1", "0.25", "0.5", "1", "5"]).map(Decimal)
PRICES = st.decimals(min_value="0.00000001", max_value="1000000", allow_nan=False, places=9)


def instrument(step: Decimal) -> Instrument:
    return Instrument(
        symbol="X",
        venue="test",
        asset_class="perpetual",
        base="X",
        quote="USD",
        tick_size=step,
        lot_size=step,
    )


@given(STEPS, PRICES, st.sampled_from(["nearest", "up", "down"]))
def test_snapping_a_price_twice_is_snapping_it_once(step: Decimal, price: Decimal, mode: str):
    once = instrument(step).snap_price(price, mode)
    assert instrument(step).snap_price(once, mode) == once
    assert once % step == 0


@given(STEPS, PRICES)
def test_the_nearest_tick_lies_between_the_one_below_and_the_one_above(step: Decimal, price: Decimal):
    market = instrument(step)
    below, near, above = (market.snap_price(price, mode) for mode in ("down", "nearest", "up"))
    assert below <= price <= above
    assert near in (below, above)
    assert abs(near - price) * 2 <= step
    assert above - below in (0, step)


@given(STEPS, PRICES)
def test_a_snapped_quantity_is_the_largest_of_its_size(step: Decimal, quantity: Decimal):
    snapped = instrument(step).snap_quantity(quantity)
    assert snapped <= quantity < snapped + step
    assert instrument(step).snap_quantity(snapped) == snapped
    assert instrument(step).snap_quantity(-quantity) == -snapped


@given(STEPS, st.integers(1, 10**6))
def test_a_double_on_the_grid_snaps_to_itself(step: Decimal, steps: int):
    exact = step * steps
    market = instrument(step)
    assert market.snap_price(float(exact), "down") == market.snap_price(float(exact), "up") == exact


@given(INTERVALS, INSTANTS)
def test_a_time_lies_in_its_interval(interval: Interval, ts: int):
    assert interval.floor(ts) <= ts < interval.next(ts)


@given(INTERVALS, INSTANTS)
def test_a_boundary_is_its_own_floor_and_the_next_one_follows_it(interval: Interval, ts: int):
    start, following = interval.floor(ts), interval.next(ts)
    assert interval.floor(start) == start
    assert interval.next(start) == following
    assert interval.floor(following) == following
    assert interval.floor(following - 1) == start


@given(INTERVALS, INSTANTS, INSTANTS)
def test_later_times_have_later_boundaries(interval: Interval, one: int, other: int):
    early, late = sorted((one, other))
    assert interval.floor(early) <= interval.floor(late)
    assert interval.next(early) <= interval.next(late)


@given(INTERVALS)
def test_an_interval_reads_back_what_it_prints(interval: Interval):
    assert Interval.parse(str(interval)) == interval


@given(INTERVALS, INTERVALS, INSTANTS)
def test_boundaries_of_an_interval_that_is_filled_are_boundaries_of_the_filling_one(
    shorter: Interval, longer: Interval, ts: int
):
    if shorter.fits_into(longer):
        assert shorter.floor(longer.floor(ts)) == longer.floor(ts)


@st.composite
def markets(draw: st.DrawFn) -> BarArray:
    """Minute bars with gaps, of whole prices and volumes so that sums are exact."""
    count = draw(st.integers(1, 60))
    skips = draw(st.lists(st.integers(1, 200), min_size=count, max_size=count))
    whole = st.lists(st.integers(1, 1_000), min_size=count, max_size=count)
    columns = np.sort(np.array([draw(whole) for _ in range(4)], dtype=np.float64), axis=0)
    low, one, other, high = columns
    volume = np.array(draw(whole), dtype=np.float64) - 1
    ts = draw(st.integers(0, 2_000_000)) * MINUTE + MINUTE * np.cumsum(skips)
    return BarArray(
        instrument(Decimal(1)), "1m", ts, one, high, low, other, volume, volume.astype(np.int64), vwap=(low + high) / 2
    )


LONGER = st.sampled_from(["1m", "5m", "1h", "1d", "1w", "1M"])


@given(markets(), LONGER)
def test_resampling_keeps_volume_trades_turnover_and_extremes(bars: BarArray, interval: str):
    longer = bars.resample(interval, keep_incomplete=True)
    assert longer.volume.sum() == bars.volume.sum()
    assert longer.trades is not None
    assert bars.trades is not None
    assert longer.trades.sum() == bars.trades.sum()
    assert (longer.high.max(), longer.low.min()) == (bars.high.max(), bars.low.min())
    assert (longer.open[0], longer.close[-1]) == (bars.open[0], bars.close[-1])
    assert longer.vwap is not None
    assert bars.vwap is not None
    assert np.isclose(np.nansum(longer.vwap * longer.volume), np.nansum(bars.vwap * bars.volume))


@given(markets(), LONGER)
def test_a_resampled_bar_is_valid_and_known_only_after_all_its_parts(bars: BarArray, interval: str):
    longer = bars.resample(interval)
    BarArray(longer.instrument, longer.interval, **longer.columns())
    for row, (start, end) in enumerate(zip(longer.ts, longer.close_ts, strict=True)):
        parts = bars.between(int(start), int(end))
        assert longer.close[row] == parts.close[-1]
        assert parts.close_ts[-1] <= end
    if len(longer):
        assert bars.close_ts[-1] >= longer.close_ts[-1]


@given(markets(), LONGER, st.integers(1, 60))
def test_what_comes_later_changes_no_bar_that_was_known(bars: BarArray, interval: str, seen: int):
    early, late = bars[:seen].resample(interval), bars.resample(interval)
    for name, column in early.columns().items():
        assert np.array_equal(column, late.columns()[name][: len(early)], equal_nan=True)


@given(markets())
def test_resampling_in_two_steps_is_resampling_in_one(bars: BarArray):
    twice = bars.resample("5m", keep_incomplete=True).resample("1h", keep_incomplete=True)
    once = bars.resample("1h", keep_incomplete=True)
    for name in ("ts", "open", "high", "low", "close", "volume", "trades"):
        assert np.array_equal(twice.columns()[name], once.columns()[name])
