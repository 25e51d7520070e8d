"""The built-in market: repeatable, consistent, and like a real one."""

import hashlib

import numpy as np
import pytest

from tradebot.core.bar import BarArray
from tradebot.core.errors import DataError
from tradebot.core.instant import iso
from tradebot.core.instrument import Instrument
from tradebot.feeds.mock import MockMarket, mock_bars


@pytest.fixture(scope="module")
def bars() -> BarArray:
    return mock_bars(count=60_000, seed=11)


def digest(bars: BarArray) -> str:
    sha = hashlib.sha256()
    for column in (bars.ts, bars.open, bars.high, bars.low, bars.close, bars.volume):
        sha.update(column.astype("<f8" if column.dtype == np.float64 else "<i8").tobytes())
    return sha.hexdigest()[:16]


def test_the_same_seed_gives_the_same_bars_on_every_machine():
    assert digest(mock_bars(count=5_000, seed=7)) == "54fc9726acfe12eb"


def test_seeds_and_symbols_have_paths_of_their_own():
    digests = {digest(mock_bars(symbol, count=100, seed=seed)) for symbol in ("AUSDT", "BUSDT") for seed in (1, 2)}
    assert len(digests) == 4


@pytest.mark.parametrize("count", [1, 255, 256, 257, 5_000])
def test_a_longer_market_begins_with_the_shorter_one(bars: BarArray, count: int):
    shorter = mock_bars(count=count, seed=11)
    for name, column in shorter.columns().items():
        assert np.array_equal(column, bars[:count].columns()[name])


@pytest.mark.parametrize("interval", ["1s", "1m", "4h", "1d", "1w", "1M"])
def test_every_interval_has_a_market_without_gaps(interval: str):
    made = mock_bars(interval=interval, count=300)
    assert (len(made), str(made.interval), made.gaps) == (300, interval, 0)


def test_the_market_begins_when_it_is_told():
    assert iso(int(mock_bars(count=1, start="2025-03-01T12:34:56").ts[0])) == "2025-03-01T12:34:00Z"


def test_prices_and_volumes_lie_on_the_instruments_grid():
    instrument = Instrument.binance_perpetual("BTCUSDT")
    made = mock_bars(instrument=instrument, count=200, market=MockMarket(price=60_000))
    assert made.instrument is instrument
    for price in (*made.open, *made.high, *made.low, *made.close):
        assert instrument.snap_price(float(price)) == instrument.snap_price(str(float(price)))
    for volume in made.volume:
        assert float(instrument.snap_quantity(float(volume))) == volume


def test_the_vwap_lies_inside_the_bar(bars: BarArray):
    assert bars.vwap is not None
    assert bool(np.all((bars.low <= bars.vwap) & (bars.vwap <= bars.high)))


def test_every_bar_has_trades_and_volume(bars: BarArray):
    assert bars.trades is not None
    assert int(bars.trades.min()) >= 4
    assert float(bars.volume.min()) > 0


def test_some_bars_open_away_from_the_last_close(bars: BarArray):
    jumps = np.abs(bars.open[1:] / bars.close[:-1] - 1) > 1e-4
    assert 0 < np.count_nonzero(jumps) < 0.01 * len(bars)


def test_volatility_comes_in_clusters(bars: BarArray):
    size = np.abs(np.diff(np.log(bars.close)))
    assert np.corrcoef(size[1:], size[:-1])[0, 1] > 0.15


def test_large_moves_are_more_frequent_than_in_a_normal_law(bars: BarArray):
    moves = np.diff(np.log(bars.close))
    kurtosis = np.mean((moves - moves.mean()) ** 4) / moves.var() ** 2
    assert kurtosis > 5


def test_the_day_begins_and_ends_with_more_volume_than_its_middle(bars: BarArray):
    hour = bars.ts // 3_600_000_000_000 % 24
    edges, middle = bars.volume[(hour < 2) | (hour > 21)].mean(), bars.volume[(hour > 9) & (hour < 14)].mean()
    assert edges > 2 * middle


def test_outages_leave_gaps_in_time():
    assert 10 < mock_bars(count=3_000, market=MockMarket(outage_rate=0.01)).gaps < 60


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"count": 0}, "mock market count: 0 bars are none. Ask for 1 or more."),
        ({"seed": -1}, "mock market seed: the seed -1 is negative. Use 0 or more."),
    ],
)
def test_impossible_wishes_are_refused(arguments: dict[str, int], sentence: str):
    with pytest.raises(DataError) as caught:
        mock_bars(**arguments)
    assert str(caught.value) == sentence


@pytest.mark.parametrize("name", ["price", "volatility", "reversion", "clustering", "gap_rate", "volume", "trade_size"])
def test_a_character_out_of_bounds_is_named(name: str):
    with pytest.raises(DataError, match=rf"mock market {name}: -1 is out of bounds\. Choose "):
        MockMarket(**{name: -1.0})


def test_a_calm_market_stays_near_its_price():
    calm = mock_bars(count=500, market=MockMarket(volatility=0.001))
    assert 99.9 < calm.low.min() <= calm.high.max() < 100.1
