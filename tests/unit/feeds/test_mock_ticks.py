"""Trades and quotes that make up bars."""

import msgspec
import numpy as np
import pytest

from tradebot.core.bar import BarArray
from tradebot.core.errors import DataError
from tradebot.core.tick_array import TickArray
from tradebot.feeds.mock import mock_bars, mock_quotes, mock_ticks


@pytest.fixture(scope="module")
def bars() -> BarArray:
    return mock_bars(count=2_000, seed=5)


@pytest.fixture(scope="module")
def ticks(bars: BarArray) -> TickArray:
    return mock_ticks(bars, seed=5)


@pytest.fixture(scope="module")
def first(bars: BarArray) -> np.ndarray:
    assert bars.trades is not None
    return np.cumsum(bars.trades) - bars.trades


def test_each_bar_gets_as_many_trades_as_it_says(bars: BarArray, ticks: TickArray):
    assert bars.trades is not None
    assert len(ticks) == int(bars.trades.sum())
    owner = np.searchsorted(bars.ts, ticks.ts, side="right") - 1
    assert np.array_equal(np.bincount(owner), bars.trades)


def test_trades_begin_at_the_open_reach_both_extremes_and_end_at_the_close(
    bars: BarArray, ticks: TickArray, first: np.ndarray
):
    assert bars.trades is not None
    assert np.array_equal(ticks.price[first], bars.open)
    assert np.array_equal(np.maximum.reduceat(ticks.price, first), bars.high)
    assert np.array_equal(np.minimum.reduceat(ticks.price, first), bars.low)
    assert np.array_equal(ticks.price[first + bars.trades - 1], bars.close)


def test_sizes_add_up_to_the_volume_in_whole_lots(bars: BarArray, ticks: TickArray, first: np.ndarray):
    lot = float(bars.instrument.lot_size)
    assert np.array_equal(np.add.reduceat(np.rint(ticks.size / lot), first), np.rint(bars.volume / lot))
    assert float(ticks.size.min()) >= lot


def test_the_average_price_of_the_trades_is_near_the_bars_vwap(bars: BarArray, ticks: TickArray, first: np.ndarray):
    assert bars.vwap is not None
    average = np.add.reduceat(ticks.price * ticks.size, first) / np.add.reduceat(ticks.size, first)
    away = np.abs(average - bars.vwap) / np.maximum(bars.high - bars.low, 0.01)
    assert float(np.median(away)) < 0.01


def test_times_rise_inside_their_bars(bars: BarArray, ticks: TickArray):
    assert bool(np.all(np.diff(ticks.ts) > 0))
    assert bars.trades is not None
    assert bool(np.all(ticks.ts < np.repeat(bars.close_ts, bars.trades)))


def test_a_rise_was_bought_and_a_fall_was_sold(ticks: TickArray):
    moves = np.diff(ticks.price)
    assert bool(np.all(ticks.side[1:][moves > 0] == 1))
    assert bool(np.all(ticks.side[1:][moves < 0] == -1))


def test_the_same_bars_and_seed_give_the_same_trades(bars: BarArray, ticks: TickArray):
    again = mock_ticks(bars, seed=5)
    assert np.array_equal(again.price, ticks.price)
    assert not np.array_equal(mock_ticks(bars, seed=6).price, ticks.price)


def test_bars_that_do_not_count_their_trades_get_some(bars: BarArray):
    bare = BarArray(bars.instrument, bars.interval, bars.ts, bars.open, bars.high, bars.low, bars.close, bars.volume)
    assert len(mock_ticks(bare)) == 20 * len(bare)


def test_a_volume_too_small_for_its_trades_is_refused(bars: BarArray):
    coarse = msgspec.structs.replace(bars.instrument, lot_size=1_000_000)
    columns = bars.columns()
    with pytest.raises(
        DataError, match=r"row 1: a volume of .* holds no .* trades of 1e\+06 or more. Use an instrument"
    ):
        mock_ticks(BarArray(coarse, bars.interval, **columns))


def test_a_trade_takes_the_best_price_of_its_side(ticks: TickArray):
    quotes = mock_quotes(ticks)
    assert bool(np.all(quotes.bid < quotes.ask))
    assert np.array_equal(np.where(ticks.side > 0, quotes.ask, quotes.bid), ticks.price)
    assert bool(np.all(quotes.ts < ticks.ts))
    assert bool(np.all(np.where(ticks.side > 0, quotes.ask_size, quotes.bid_size) >= ticks.size))


def test_columns_are_walked_as_single_values(ticks: TickArray):
    tick, quote = next(iter(ticks)), next(iter(mock_quotes(ticks)))
    assert (tick.ts, tick.price, tick.size) == (int(ticks.ts[0]), ticks.price[0], ticks.size[0])
    assert quote.ask > quote.bid
