"""Every recorded market that is not copied into the repository can be read."""

from pathlib import Path

import numpy as np
import pytest

from tradebot.core.errors import DataError
from tradebot.core.instant import iso
from tradebot.store.files import read_bars
from tradebot.store.funding import read_funding

DATA = Path(__file__).resolve().parents[3] / "shared/data"

pytestmark = pytest.mark.skipif(not DATA.exists(), reason="needs the recorded market data in ../shared/data")


@pytest.mark.parametrize(
    ("name", "market", "interval", "rows", "gaps"),
    [
        ("binance_usdm/BTCUSDT-1m.parquet", "BTCUSDT@binance_usdm", "1m", 43_199, 0),
        ("binance_usdm/ETHUSDT-1m.parquet", "ETHUSDT@binance_usdm", "1m", 60_191, 0),
        ("binance_usdm/SOLUSDT-1m.parquet", "SOLUSDT@binance_usdm", "1m", 43_200, 0),
        ("binance_usdm/BTCUSDT-5m.parquet", "BTCUSDT@binance_usdm", "5m", 10_906, 0),
        ("binance_usdm/BTCUSDT-15m.parquet", "BTCUSDT@binance_usdm", "15m", 3_635, 0),
        ("binance_usdm/BTCUSDT-1h.parquet", "BTCUSDT@binance_usdm", "1h", 719, 0),
        ("binance_usdm/BTCUSDT-1d.parquet", "BTCUSDT@binance_usdm", "1d", 29, 0),
        ("coinbase/BTC-USD-4h.parquet", "BTC-USD@coinbase", "4h", 20_695, 3),
        ("us_equity/SPY-1d-raw.csv", "SPY@us_equity", "1d", 5_849, None),
        ("us_equity/AAPL-1d-raw.csv", "AAPL@us_equity", "1d", 5_849, None),
        ("us_equity/IBM-1d-raw.csv", "IBM@us_equity", "1d", 5_849, None),
        ("us_equity/QQQ-1d-raw.csv", "QQQ@us_equity", "1d", 3_964, None),
        ("us_equity/SPY-1m-201310.csv", "SPY@us_equity", "1m", 4_839, None),
    ],
)
def test_a_recorded_market_is_read_whole(name: str, market: str, interval: str, rows: int, gaps: int | None):
    bars = read_bars(DATA / name)
    assert (bars.instrument.id, str(bars.interval), len(bars)) == (market, interval, rows)
    if gaps is not None:
        assert bars.gaps == gaps


def test_new_york_minutes_are_utc_after_reading():
    bars = read_bars(DATA / "us_equity/SPY-1m-201310.csv")
    assert iso(int(bars.ts[0])) == "2013-10-04T08:06:00Z"


def test_the_dirty_file_names_its_two_rows_and_can_be_mended():
    path = DATA / "us_equity/SPY-1d-yahoo-dirty.csv"
    with pytest.raises(DataError, match=r"rows 1807 \(2015-03-05T00:00:00Z\), 1824 \(2015-03-30T00:00:00Z\); row 1807"):
        read_bars(path)
    assert len(read_bars(path, violations="widen")) == 2_519
    assert len(read_bars(path, violations="drop")) == 2_517


def test_the_venues_own_longer_bars_are_what_resampling_gives():
    fine, coarse = (read_bars(DATA / f"binance_usdm/BTCUSDT-{interval}.parquet") for interval in ("5m", "15m"))
    # The first bar of either file may begin before the other file does.
    ours, theirs = fine.resample("15m")[1:], coarse[1:]
    end = min(int(ours.ts[-1]), int(theirs.ts[-1])) + 1
    ours, theirs = ours.between(int(theirs.ts[0]), end), theirs.between(int(ours.ts[0]), end)
    assert np.array_equal(ours.ts, theirs.ts)
    for name in ("open", "high", "low", "close"):
        assert np.array_equal(ours.columns()[name], theirs.columns()[name])
    assert ours.volume == pytest.approx(theirs.volume)


@pytest.mark.parametrize(("symbol", "payments"), [("BTCUSDT", 2_151), ("ETHUSDT", 2_155)])
def test_recorded_funding_is_read_whole(symbol: str, payments: int):
    funding = read_funding(DATA / f"binance_usdm/{symbol}-funding.csv")
    assert len(funding) == payments
    assert bool(np.all(funding.mark > 0))
