"""SQL over the store, stored markets as a run wants them, and what is found in a series."""

import os
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import polars as pl
import pytest

from stored_bars import HOUR, bars
from tradebot.core.bar import BarArray
from tradebot.core.errors import DataError
from tradebot.core.instant import to_ns
from tradebot.core.instrument import Instrument
from tradebot.core.interval import Interval
from tradebot.core.tick_array import TickArray
from tradebot.feeds.mock import mock_bars
from tradebot.store.calendars import sessions
from tradebot.store.factors import Factors, adjust
from tradebot.store.inspection import find_gaps, inspect_series
from tradebot.store.library import Library
from tradebot.store.query import query
from tradebot.store.reading import bars_of_file, longer_bars, stored_bars

SPY = Instrument.us_equity("SPY")
DAYS = Interval.parse("1d")


def session_days(start: str, end: str, *, price: float = 100.0) -> BarArray:
    ts = sessions("XNYS", to_ns(start), to_ns(end)).dates
    flat = np.full(len(ts), price)
    return BarArray(SPY, DAYS, ts, flat, flat, flat, flat, flat)


def split_and_dividend() -> Factors:
    """A split of two to one after the 10th, and a dividend of one percent after the 17th of January 2024."""
    ts = np.array([to_ns(day) for day in ("2024-01-10", "2024-01-17", "2050-12-31")])
    return Factors(ts, np.array([0.99, 0.99, 1.0]), np.array([0.5, 1.0, 1.0]), np.full(3, np.nan))


@pytest.fixture
def library(tmp_path: Path) -> Library:
    made = Library(tmp_path / "home")
    made.bars.write(bars())
    made.bars.write(bars(symbol="ETHUSDT"))
    made.bars.write(session_days("2024-01-02", "2024-02-01"))
    made.write_factors("us_equity", "SPY", split_and_dividend())
    return made


# SQL ----------------------------------------------------------------------------------------------------------------


def test_a_question_is_answered_as_duckdb_answers_it_on_the_files(library: Library):
    ours = query(
        library, "SELECT symbol, max(close), count(*) FROM bars WHERE interval = '1h' GROUP BY symbol ORDER BY symbol"
    )
    files = str(library.root / "bars/venue=binance_usdm/*/interval=1h/*.parquet")
    theirs = duckdb.execute(
        "SELECT symbol, max(close), count(*) FROM read_parquet(?) GROUP BY symbol ORDER BY symbol", [files]
    )
    assert ours.rows() == theirs.fetchall()


def test_the_views_have_one_row_for_each_that_is_stored_and_times_in_utc(library: Library):
    found = query(library, "SELECT venue, symbol, interval, count(*), min(time), max(ts) FROM bars GROUP BY ALL")
    told = {row[:3]: row[3:] for row in found.rows()}
    made = bars()
    count, first, last = told["binance_usdm", "BTCUSDT", "1h"]
    assert (count, last) == (len(made), int(made.ts[-1]))
    assert first.isoformat() == "2024-01-20T00:00:00"
    assert query(library, "SELECT count(*) FROM funding").item() == 0
    assert query(library, "SELECT sum(split_factor) FROM factors").item() == 2.5


def test_months_are_told_from_minutes_by_their_interval(library: Library):
    library.bars.write(session_days("2024-01-01", "2024-04-01").resample("1M"))
    assert query(library, "SELECT DISTINCT interval FROM bars WHERE interval LIKE '1M'").item() == "1M"


@pytest.mark.parametrize(
    "statement",
    [
        "COPY bars TO '{root}/bars/stolen.csv'",
        "DELETE FROM bars",
        "CREATE TABLE t AS SELECT 1",
        "ATTACH '{root}/bars/x.db'",
        "SET enable_external_access = true",
        "INSTALL httpfs",
        "SELECT 1; SELECT 2",
        "PRAGMA database_list",
        "",
    ],
)
def test_nothing_but_one_question_is_taken(library: Library, statement: str):
    before = sorted(library.root.rglob("*"))
    with pytest.raises(DataError, match="the store is read-only here"):
        query(library, statement.format(root=library.root))
    assert sorted(library.root.rglob("*")) == before


@pytest.mark.parametrize(
    "statement",
    ["SELECT * FROM read_csv('{file}')", "SELECT * FROM '{file}'", "SELECT * FROM read_text('{file}')",
     "SELECT * FROM 'http://127.0.0.1:9/x.parquet'"],
)  # fmt: skip
def test_no_file_outside_the_store_can_be_read(library: Library, tmp_path: Path, statement: str):
    file = tmp_path / "secret.csv"
    file.write_text("a\n1\n")
    with pytest.raises(DataError, match="^sql: "):
        query(library, statement.format(file=file))


@pytest.mark.parametrize(
    ("statement", "says"),
    [("SELECT x FROM bars", '"x" not found'), ("SELECT 1 a, 2 a", 'two columns are called "a"'), ("SELEC 1", "syntax")],
)
def test_a_slip_is_told_in_one_sentence(library: Library, statement: str, says: str):
    with pytest.raises(DataError, match=says) as caught:
        query(library, statement)
    assert "\n" not in str(caught.value)
    assert caught.value.__context__ is None


def test_answers_that_no_table_holds_are_given_as_text_or_numbers(library: Library):
    found = query(library, "SELECT INTERVAL 1 DAY d, [1, 2] l, sum(trades) s, 1.5 n, {'a': 1} t FROM bars")
    assert found.dtypes == [pl.String, pl.String, pl.Float64, pl.Float64, pl.String]


def test_a_symbol_with_odd_letters_is_found_by_its_name(library: Library):
    odd = Instrument.binance_perpetual("O'NE/TWO:T")
    library.bars.write(BarArray(odd, HOUR, **bars(50).columns()))
    assert query(library, "SELECT count(*) FROM bars WHERE symbol = 'O''NE/TWO:T'").item() == 50


# Stored markets -----------------------------------------------------------------------------------------------------


def test_an_interval_that_is_not_stored_is_made_of_the_longest_that_fits(library: Library):
    library.bars.write(bars().resample("2h"))
    found = stored_bars(library, "BTCUSDT", "4h", start=to_ns("2024-01-20"))
    assert found.notes == ("BTCUSDT: 4h bars made of stored 2h bars",)
    assert np.array_equal(found.bars.close, bars().resample("4h").close)
    assert stored_bars(library, "binance_usdm/BTCUSDT/1h").notes == ()


def test_a_market_stored_in_several_intervals_wants_one_named(library: Library):
    library.bars.write(bars().resample("2h"))
    with pytest.raises(DataError, match="store:BTCUSDT: it is stored in 1h, 2h. Choose one by --interval"):
        stored_bars(library, "BTCUSDT")
    with pytest.raises(DataError, match="30m cannot be made of 1h, 2h"):
        stored_bars(library, "BTCUSDT", "30m")


def test_a_symbol_of_two_venues_wants_the_venue_named(library: Library):
    spot = Instrument.binance_spot("BTCUSDT")
    library.bars.write(BarArray(spot, HOUR, **bars(50).columns()))
    with pytest.raises(DataError, match="Write binance_spot/BTCUSDT or binance_usdm/BTCUSDT"):
        stored_bars(library, "BTCUSDT")
    assert stored_bars(library, "binance_spot/BTCUSDT").bars.instrument.id == "BTCUSDT@binance_spot"


def test_trades_serve_where_no_bars_are_stored(library: Library):
    second = 1_000_000_000
    ts = np.arange(100, dtype=np.int64) * (second // 10)
    sol = Instrument.binance_perpetual("SOLUSDT")
    library.write_trades(TickArray(sol, ts, 100.0 + np.arange(100), np.ones(100), np.ones(100, np.int8)))
    found = stored_bars(library, "SOLUSDT", "1s")
    assert (len(found.bars), found.bars.close[0], found.notes) == (9, 109, ("SOLUSDT: 1s bars made of stored trades",))
    with pytest.raises(DataError, match="no bars are stored under this name"):
        stored_bars(library, "SOLUSDT")


def test_trades_never_stand_in_for_bars_of_another_venue(library: Library):
    spot = Instrument.binance_spot("BTCUSDT")
    ts = np.arange(100, dtype=np.int64) * 100_000_000
    library.write_trades(TickArray(spot, ts, 100.0 + np.arange(100), np.ones(100), np.ones(100, np.int8)))
    with pytest.raises(DataError, match="1s cannot be made of 1h"):
        stored_bars(library, "BTCUSDT", "1s")
    assert len(stored_bars(library, "binance_spot/BTCUSDT", "1s").bars) == 9
    library.bars.write(BarArray(spot, HOUR, **bars(50).columns()))
    with pytest.raises(DataError, match="Write binance_spot/BTCUSDT or binance_usdm/BTCUSDT"):
        stored_bars(library, "BTCUSDT", "1s")


def test_raw_and_adjusted_prices_are_said_to_be_what_they_are(library: Library):
    raw, adjusted = (stored_bars(library, "SPY", adjusted=wanted) for wanted in (False, True))
    assert raw.notes == ("SPY: raw prices; 1 split and 1 dividend in the span move them",)
    assert adjusted.notes == ("SPY: prices adjusted for splits and dividends by the stored factors",)
    assert set(raw.bars.close.tolist()) == {100.0}
    by_day = dict(zip(adjusted.bars.ts.tolist(), adjusted.bars.close.tolist(), strict=True))
    days = ("2024-01-10", "2024-01-11", "2024-01-17", "2024-01-18")
    assert [by_day[to_ns(day)] for day in days] == [49.5, 99.0, 99.0, 100.0]
    assert adjusted.bars.volume[0] == 200


@pytest.mark.parametrize(("violations", "done"), [("widen", "low..high is widened"), ("drop", "the row is dropped")])
def test_rows_that_are_changed_by_wish_are_told(library: Library, tmp_path: Path, violations: Any, done: str):
    file = tmp_path / "BTCUSDT-1h.csv"
    file.write_text("time,open,high,low,close,volume\n" + "".join(
        f"2024-01-01 0{hour}:00,100,102,99,{101 + 5 * (hour == 3)},5\n" for hour in range(9)
    ))  # fmt: skip
    for interval in (None, "1h", "2h"):
        assert done in bars_of_file(str(file), interval, violations=violations).notes[0]
    assert done in stored_bars(library, "ETHUSDT", "1h", violations=violations).notes[0]
    assert stored_bars(library, "ETHUSDT", "1h").notes == ()


def test_what_has_no_factors_is_not_adjusted_silently(library: Library):
    with pytest.raises(DataError, match="BTCUSDT is perpetual, which has no splits"):
        stored_bars(library, "BTCUSDT", adjusted=True)
    ibm = session_days("2024-01-02", "2024-02-01")
    library.bars.write(BarArray(Instrument.us_equity("IBM"), DAYS, **ibm.columns()))
    with pytest.raises(DataError, match="no factors are stored for us_equity/IBM"):
        stored_bars(library, "IBM", adjusted=True)
    assert "splits and dividends are not known" in stored_bars(library, "IBM").notes[0]


def test_minutes_are_adjusted_by_the_day_it_was_at_the_exchange():
    # 00:30 UTC of the 11th was still the evening of the 10th in New York.
    ts = np.array([to_ns("2024-01-11T00:30"), to_ns("2024-01-11T15:00")])
    flat = np.full(2, 100.0)
    found = adjust(BarArray(SPY, "1m", ts, flat, flat, flat, flat, flat), split_and_dividend())
    assert found.close.tolist() == [49.5, 99.0]


def test_factors_that_end_before_the_bars_adjust_nothing_and_are_told_beside_raw_prices(library: Library):
    known = split_and_dividend()
    library.write_factors("us_equity", "SPY", Factors(known.ts[:2], *(np.array([0.5, 1.0]) for _ in range(3))))
    with pytest.raises(DataError, match="the factors end on 2024-01-17 and the bars on 2024-01-31"):
        stored_bars(library, "SPY", adjusted=True)
    raw = stored_bars(library, "SPY")
    assert set(raw.bars.close.tolist()) == {100.0}
    assert raw.notes[0].endswith("in the span move them, and what comes after 2024-01-17 is not known")


def test_resampling_takes_the_bars_named_and_says_what_it_left_out(library: Library):
    made = longer_bars(library, "BTCUSDT", "1d", source="1h")
    assert (len(made.bars), made.incomplete) == (83, 2_000 - 83 * 24)
    with pytest.raises(DataError, match="no 5m bars are stored"):
        longer_bars(library, "BTCUSDT", "1d", source="5m")


# Inspection ---------------------------------------------------------------------------------------------------------


def test_a_gap_is_told_with_what_is_missing_and_whether_the_provider_has_it(library: Library):
    made = mock_bars("SOLUSDT", HOUR, 100, 1, instrument=Instrument.binance_perpetual("SOLUSDT"))
    library.bars.write(made[:40])
    library.bars.write(made[43:60])
    library.bars.write(made[61:])
    library.bars.mark_covered("binance_usdm", "SOLUSDT", HOUR, int(made.ts[0]), int(made.ts[50]))
    series = next(each for each in library.bars.series() if each.key.symbol == "SOLUSDT")
    found = inspect_series(library.bars.archive, series)
    assert [(gap.start, gap.missing, gap.is_markets_own) for gap in found.gaps] == [
        (int(made.ts[40]), 3, True),
        (int(made.ts[60]), 1, False),
    ]
    assert (found.missing, found.is_sound) == (4, True)


def test_nights_weekends_and_holidays_of_an_exchange_are_no_gaps_but_a_lost_day_is():
    year = session_days("2024-01-01", "2025-01-01")
    assert find_gaps(year.ts, SPY, DAYS, ()) == ((), 0)
    gaps, outside = find_gaps(np.delete(year.ts, [10, 11, 50]), SPY, DAYS, ())
    assert ([gap.missing for gap in gaps], outside) == ([2, 1], 0)
    assert find_gaps(np.sort(np.append(year.ts, to_ns("2024-07-04"))), SPY, DAYS, ())[1] == 1


@pytest.mark.parametrize("by_clock", [False, True])
def test_hours_of_a_stock_may_count_from_the_open_or_from_the_full_hour(by_clock: bool):
    hours = sessions("XNYS", to_ns("2024-01-02"), to_ns("2024-02-01"))
    step = Interval.parse("1h")
    begins = step.floor(hours.opens) if by_clock else hours.opens
    ts = np.concatenate([np.arange(a, b, step.ns) for a, b in zip(begins, hours.closes, strict=True)])
    assert find_gaps(ts, SPY, step, ()) == ((), 0)
    assert [gap.missing for gap in find_gaps(np.delete(ts, [3, 4, 30]), SPY, step, ())[0]] == [2, 1]


def test_a_changed_file_is_damage(library: Library):
    series = library.bars.series()[0]
    file = library.bars.archive.files(series)[0]
    with file.open("r+b") as content:
        content.seek(file.stat().st_size // 2)
        byte = content.read(1)
        content.seek(-1, os.SEEK_CUR)
        content.write(bytes([byte[0] ^ 255]))
    found = inspect_series(library.bars.archive, series)
    assert not found.is_sound
    assert found.damage == (f"{file}: its bytes have changed since it was written",)
