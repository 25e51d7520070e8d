"""Bars out of files: what is found, and the sentence for everything malformed."""

import gzip
import re
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tradebot.core.errors import DataError
from tradebot.core.instant import iso, to_ns
from tradebot.core.instrument import Instrument
from tradebot.store.files import read_bars

HEADER = "time,open,high,low,close,volume"
ROWS = (
    "2024-01-01 00:00:00,100,102,99,101,5",
    "2024-01-01 00:01:00,101,103,100,102,6",
    "2024-01-01 00:02:00,102,104,101,103,7",
    "2024-01-01 00:03:00,103,105,102,104,8",
)
START = to_ns("2024-01-01")


def written(folder: Path, *lines: str, name: str = "BTCUSDT-1m.csv") -> Path:
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def changed(row: int, line: str) -> tuple[str, ...]:
    return (HEADER, *ROWS[: row - 1], line, *ROWS[row:])


def refusal(path: Path, **options: object) -> str:
    with pytest.raises(DataError) as caught:
        read_bars(path, **options)  # type: ignore[arg-type]
    sentence = str(caught.value)
    assert sentence.startswith(f"{path}: ")
    return sentence.removeprefix(f"{path}: ")


def test_a_csv_file_becomes_bars(tmp_path: Path):
    bars = read_bars(written(tmp_path, HEADER, *ROWS))
    assert repr(bars) == "BarArray(BTCUSDT 1m, 4 bars)"
    assert bars.instrument == Instrument.binance_perpetual("BTCUSDT")
    assert bars.ts[0] == START
    assert bars.close.tolist() == [101, 102, 103, 104]


def test_a_parquet_file_becomes_the_same_bars(tmp_path: Path):
    path = tmp_path / "BTCUSDT-1m.parquet"
    ms = [1_704_067_200_000 + 60_000 * row for row in range(4)]
    columns = {"open": [100.0, 101, 102, 103], "high": [102.0, 103, 104, 105], "low": [99.0, 100, 101, 102]}
    columns |= {"close": [101.0, 102, 103, 104], "volume": [5.0, 6, 7, 8]}
    pl.DataFrame({"open_time": ms} | columns).write_parquet(path)
    bars, same = read_bars(path), read_bars(written(tmp_path, HEADER, *ROWS))
    for name, column in bars.columns().items():
        assert np.array_equal(column, same.columns()[name])


def test_a_packed_csv_file_is_read(tmp_path: Path):
    path = tmp_path / "BTCUSDT-1m.csv.gz"
    path.write_bytes(gzip.compress("\n".join((HEADER, *ROWS)).encode()))
    assert len(read_bars(path)) == 4


@pytest.mark.parametrize(
    "header",
    [
        "open_time,open,high,low,close,volume",
        "Date,Open,High,Low,Close,Volume",
        "TIMESTAMP,O,H,L,C,V",
        ",Open,High,Low,Close,Volume",
        "ts,open,high,low,close,vol",
        "\ufeffDatetime,Open,High,Low,Close,Volume",
    ],
)
def test_columns_are_found_by_the_names_people_give_them(tmp_path: Path, header: str):
    assert len(read_bars(written(tmp_path, header, *ROWS))) == 4


def test_other_columns_are_passed_over_and_their_order_is_free(tmp_path: Path):
    lines = (
        "Adj Close,Close,Low,High,Open,Volume,Date",
        "1,101,99,102,100,5,2024-01-01",
        "1,102,100,103,101,6,2024-01-02",
    )
    bars = read_bars(written(tmp_path, *lines, name="SPY.csv"))
    assert bars.close.tolist() == [101, 102]
    assert str(bars.interval) == "1d"


def test_trades_and_vwap_are_read_where_they_are(tmp_path: Path):
    lines = [HEADER + ",count,vwap", ROWS[0] + ",12,100.5", ROWS[1] + ",,"]
    bars = read_bars(written(tmp_path, *lines))
    assert bars.trades is not None
    assert bars.vwap is not None
    assert bars.trades.tolist() == [12, 0]
    assert np.array_equal(bars.vwap, [100.5, np.nan], equal_nan=True)


@pytest.mark.parametrize("separator", [";", "\t", "|"])
def test_other_separators_are_recognised(tmp_path: Path, separator: str):
    lines = [line.replace(",", separator) for line in (HEADER, *ROWS)]
    assert len(read_bars(written(tmp_path, *lines))) == 4


@pytest.mark.parametrize(
    "times",
    [
        ("1704067200", "1704067260"),
        ("1704067200000", "1704067260000"),
        ("1704067200000000", "1704067260000000"),
        ("1704067200000000000", "1704067260000000000"),
        ("1704067200.0", "1704067260.0"),
        ("2024-01-01T00:00:00Z", "2024-01-01T00:01:00Z"),
        ("2024-01-01T01:00:00+01:00", "2024-01-01T01:01:00+01:00"),
        ("2024-01-01 00:00:00.000", "2024-01-01 00:01:00.000"),
        ("2024-01-01T00:00", "2024-01-01T00:01"),
        ("2024/01/01 00:00", "2024/01/01 00:01"),
        ("20240101 00:00", "20240101 00:01"),
    ],
)
def test_every_usual_form_of_a_time_is_read(tmp_path: Path, times: tuple[str, str]):
    lines = [f"{time},100,102,99,101,5" for time in times]
    assert read_bars(written(tmp_path, HEADER, *lines)).ts.tolist() == [START, START + 60 * 10**9]


@pytest.mark.parametrize("days", [("2024-01-01", "2024-01-02"), ("20240101", "20240102"), ("2024/01/01", "2024/01/02")])
def test_dates_are_midnights(tmp_path: Path, days: tuple[str, str]):
    lines = [f"{day},100,102,99,101,5" for day in days]
    bars = read_bars(written(tmp_path, HEADER, *lines, name="SPY.csv"))
    assert [iso(int(ts)) for ts in bars.ts] == ["2024-01-01T00:00:00Z", "2024-01-02T00:00:00Z"]


@pytest.mark.parametrize(
    "times",
    [
        [date(2024, 1, 1), date(2024, 1, 2)],
        [datetime(2024, 1, 1), datetime(2024, 1, 2)],
        [1_704_067_200_000, 1_704_153_600_000],
    ],
)
def test_parquet_times_of_any_type_are_read(tmp_path: Path, times: list[object]):
    path = tmp_path / "SPY.parquet"
    prices = {name: [100.0, 100.0] for name in ("open", "high", "low", "close", "volume")}
    pl.DataFrame({"time": times} | prices).write_parquet(path)
    assert read_bars(path).ts.tolist() == [START, START + 86_400 * 10**9]


@pytest.mark.parametrize(
    ("times", "says"),
    [
        ([1_704_067_200.0, float("nan"), 1_704_074_400.0], "row 2: the time is missing"),
        ([1_704_067_200.0, 1_704_070_800.0, float("inf")], "row 3: the time is missing"),
        ([1_704_067_200, 1_704_070_800, 99_999_999_999], r'row 3: the time is "99999999999", not a time of the years'),
        ([1_735_689_540_000, 1_735_689_600_000_000, 1_735_689_660_000_000], "the times are of two units: row 1 has"),
        ([1_735_689_480_000, 1_735_689_540_000, 1_735_689_600_000_000], "the times are of two units: row 2 has"),
        ([date(1600, 1, 1), date(2024, 1, 1), date(2024, 1, 2)], r'row 1: the time is "1600-01-01", not a time of'),
        ([date(2024, 1, 1), date(2024, 1, 2), date(2600, 1, 1)], r'row 3: the time is "2600-01-01", not a time of'),
        (["2024-01-01", "2600-01-01", "2024-01-03"], r'row 2: the time is "2600-01-01", not a time of'),
        (["2024-01-01 10:00", "2024-01-01 11:00", "1677-01-01 10:00"], r'row 3: the time is "1677-01-01 10:00", not a'),
        ([time(9, 30), time(9, 31), time(9, 32)], "the times are of type Time"),
    ],
)
def test_times_that_are_none_are_refused_with_their_row(tmp_path: Path, times: list[object], says: str):
    path = tmp_path / "SPY.parquet"
    prices = {name: [100.0] * 3 for name in ("open", "high", "low", "close", "volume")}
    pl.DataFrame({"time": times} | prices).write_parquet(path)
    assert re.match(says, refusal(path))


def test_times_around_1970_are_of_one_unit(tmp_path: Path):
    days = range(-3, 1_500, 1)
    for unit in (1, 1_000, 1_000_000, 1_000_000_000):
        lines = [f"{day * 86_400 * unit},100,102,99,101,5" for day in (*days, *range(1_500, 9_000))]
        bars = read_bars(written(tmp_path, HEADER, *lines, name="IBM-1d.csv"))
        assert iso(int(bars.ts[0])) == "1969-12-29T00:00:00Z"


def test_local_times_become_utc_by_the_zone_given(tmp_path: Path):
    summer = ("2024-07-01 09:30:00,100,102,99,101,5", "2024-07-01 09:31:00,100,102,99,101,5")
    path = written(tmp_path, HEADER, *summer, name="SPY-1m.csv")
    assert iso(int(read_bars(path, timezone="America/New_York").ts[0])) == "2024-07-01T13:30:00Z"


def test_a_time_column_may_name_its_zone(tmp_path: Path):
    lines = (HEADER.replace("time", "time_new_york"), *ROWS)
    assert iso(int(read_bars(written(tmp_path, *lines)).ts[0])) == "2024-01-01T05:00:00Z"


def test_an_hour_the_zone_skipped_is_named(tmp_path: Path):
    lines = (HEADER, "2024-03-10 01:30:00,100,102,99,101,5", "2024-03-10 02:30:00,100,102,99,101,5")
    sentence = refusal(written(tmp_path, *lines), timezone="America/New_York")
    assert sentence.startswith('row 2: the time is "2024-03-10 02:30:00", not an hour that America/New_York had')


def test_an_unknown_zone_offers_the_nearest(tmp_path: Path):
    sentence = refusal(written(tmp_path, HEADER, *ROWS), timezone="America/NewYork")
    assert sentence.startswith('"America/NewYork" is not a time zone. Did you mean "America/New_York"')


@pytest.mark.parametrize(
    ("name", "symbol", "venue"),
    [
        ("BTCUSDT-1m.csv", "BTCUSDT", "binance_usdm"),
        ("btcusdt_1m.csv", "BTCUSDT", "binance_usdm"),
        ("BTC-USD-1m.csv", "BTC-USD", "coinbase"),
        ("SPY-1m-201310.csv", "SPY", "us_equity"),
        ("GOOG.csv", "GOOG", "us_equity"),
    ],
)
def test_the_name_tells_the_market(tmp_path: Path, name: str, symbol: str, venue: str):
    bars = read_bars(written(tmp_path, HEADER, *ROWS, name=name))
    assert (bars.symbol, bars.instrument.venue) == (symbol, venue)


def test_the_folder_tells_the_venue(tmp_path: Path):
    folder = tmp_path / "binance_spot"
    folder.mkdir()
    assert read_bars(written(folder, HEADER, *ROWS)).instrument.venue == "binance_spot"


def test_what_is_told_counts_before_the_name(tmp_path: Path):
    path = written(tmp_path, HEADER, *ROWS)
    bars = read_bars(path, symbol="ETHUSDT", venue="binance_spot", interval="30s")
    assert (bars.symbol, bars.instrument.venue, str(bars.interval)) == ("ETHUSDT", "binance_spot", "30s")
    mine = Instrument.us_equity("SPY")
    assert read_bars(path, instrument=mine).instrument is mine


def test_the_interval_comes_from_the_median_step_and_gaps_are_counted(tmp_path: Path):
    lines = [f"{time},100,102,99,101,5" for time in (0, 300, 600, 1500, 1800)]
    bars = read_bars(written(tmp_path, HEADER, *lines, name="X.csv"))
    assert (str(bars.interval), bars.gaps) == ("5m", 1)


def test_a_name_that_the_times_contradict_is_not_believed(tmp_path: Path):
    lines = [f"2024-01-0{day},100,102,99,101,5" for day in (1, 2, 3)]
    assert str(read_bars(written(tmp_path, HEADER, *lines, name="SPY-1m.csv")).interval) == "1d"


def test_a_market_that_sleeps_most_minutes_keeps_the_interval_of_its_name(tmp_path: Path):
    lines = [f"{time},100,102,99,101,5" for time in (0, 180, 360, 420)]
    assert str(read_bars(written(tmp_path, HEADER, *lines, name="X-1m.csv")).interval) == "1m"


def test_a_span_of_the_file_can_be_asked_for(tmp_path: Path):
    bars = read_bars(written(tmp_path, HEADER, *ROWS), start="2024-01-01T00:01:00", end="2024-01-01T00:03:00")
    assert bars.close.tolist() == [102, 103]


def test_prices_too_small_for_the_venues_tick_get_finer_ones(tmp_path: Path):
    lines = (HEADER, "2024-01-01,1.0716,1.0722,1.07083,1.07219,5", "2024-01-02,1.0716,1.0722,1.07083,1.07219,5")
    assert read_bars(written(tmp_path, *lines, name="FXE.csv")).instrument.tick_size == Decimal("0.00001")


@pytest.mark.parametrize("name", ["EURUSD", "LTCUSD", "ETHBTC"])
def test_a_pair_that_trades_on_many_venues_wants_its_venue_named(tmp_path: Path, name: str):
    lines = (HEADER, "2024-01-01,1.07,1.08,1.06,1.07,5", "2024-01-02,1.07,1.08,1.06,1.07,5")
    assert "its name does not tell the venue. Name one of" in refusal(written(tmp_path, *lines, name=f"{name}.csv"))
    file = written(tmp_path, *lines, name=f"{name}.csv")
    assert read_bars(file, venue="binance_spot").instrument.venue == "binance_spot"


def test_prices_that_keep_to_the_venues_tick_keep_it(tmp_path: Path):
    lines = (HEADER, "2024-01-01,1.07,1.08,1.06,1.07,5", "2024-01-02,1.07,1.08,1.06,1.07,5")
    assert read_bars(written(tmp_path, *lines, name="PENNY.csv")).instrument.tick_size == Decimal("0.01")


def test_missing_columns_are_named_with_what_was_found_and_what_is_needed(tmp_path: Path):
    sentence = refusal(written(tmp_path, "time,open,price", "2024-01-01,1,2"))
    assert sentence == (
        "no column for high, low, close, volume among time, open, price. "
        "Name the columns time, open, high, low, close, volume in the file's first row."
    )


def test_text_in_a_price_is_shown_with_its_row(tmp_path: Path):
    sentence = refusal(written(tmp_path, *changed(2, "2024-01-01 00:01:00,101,oops,100,102,6")))
    assert sentence == 'row 2: the high is "oops", not a number. Correct or drop the row.'


@pytest.mark.parametrize("cell", ["", "NaN", "null", "NA"])
def test_a_missing_price_is_named(tmp_path: Path, cell: str):
    sentence = refusal(written(tmp_path, *changed(3, f"2024-01-01 00:02:00,102,104,101,{cell},7")))
    assert sentence == "the close is missing (NaN) in row 3 (2024-01-01T00:02:00Z). Fill or drop these rows."


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("2023-12-31 00:02:00,102,104,101,103,7", "row 3 (2023-12-31T00:02:00Z) lies before the row above it"),
        ("2024-01-01 00:01:00,102,104,101,103,7", "row 3 repeats the time 2024-01-01T00:01:00Z of the row before"),
        ("noon,102,104,101,103,7", 'row 3: the time is "noon", not of the form of 2024-01-01 00:00:00'),
        (",102,104,101,103,7", "row 3: the time is missing. Fill or drop the row."),
        ("2024-01-01 00:02:00,102,104,101,-3,7", "the close is -3 in row 3 (2024-01-01T00:02:00Z)"),
        ("2024-01-01 00:02:00,102,inf,101,103,7", "the high is infinite in row 3"),
        ("2024-01-01 00:02:00,102,104,101,103,-7", "the volume is -7 in row 3"),
        ("2024-01-01 00:01:30,102,104,101,103,7", "1m bars overlap at row 3 (2024-01-01T00:01:30Z)"),
        (
            "2024-01-01 00:02:00,102,104,101,109,7",
            "open or close lies outside low..high in row 3 (2024-01-01T00:02:00Z); row 3 has open 102, high 104,",
        ),
    ],
)
def test_a_wrong_row_is_named_with_the_fact(tmp_path: Path, line: str, sentence: str):
    assert refusal(written(tmp_path, *changed(3, line)), interval="1m").startswith(sentence)


def test_a_range_can_be_widened_or_its_row_dropped(tmp_path: Path):
    path = written(tmp_path, *changed(3, "2024-01-01 00:02:00,102,104,101,109,7"))
    assert read_bars(path, violations="widen").high.tolist() == [102, 103, 109, 105]
    assert read_bars(path, violations="drop").close.tolist() == [101, 102, 104]


def test_times_of_an_ambiguous_form_are_refused(tmp_path: Path):
    sentence = refusal(written(tmp_path, HEADER, "01/02/2024,100,102,99,101,5"))
    assert sentence.startswith('row 1: the time is "01/02/2024", which is of no known form. Write it as "2024-01-31"')


def test_distances_that_are_no_interval_are_refused(tmp_path: Path):
    lines = [f"{time},100,102,99,101,5" for time in ("1704067200000", "1704067200700")]
    assert refusal(written(tmp_path, HEADER, *lines, name="X.csv")).startswith("the bars typically lie 0.7 s apart")


def test_one_row_without_a_telling_name_needs_the_interval(tmp_path: Path):
    path = written(tmp_path, HEADER, ROWS[0], name="X.csv")
    assert refusal(path) == 'one row does not tell the interval. Pass interval="1m", or the like.'
    assert len(read_bars(path, interval="1m")) == 1


def test_a_span_without_bars_tells_what_the_file_has(tmp_path: Path):
    sentence = refusal(written(tmp_path, HEADER, *ROWS), start="2025-01-01")
    assert sentence.startswith("no bar opens in the span asked for; the file has rows 1 (2024-01-01T00:00:00Z)")


@pytest.mark.parametrize("content", ["", HEADER + "\n"])
def test_an_empty_file_is_refused(tmp_path: Path, content: str):
    path = tmp_path / "BTCUSDT-1m.csv"
    path.write_text(content, encoding="utf-8")
    assert refusal(path) == "holds no rows. Download or export it again."


def test_an_unknown_kind_of_file_is_refused_with_those_that_are_read(tmp_path: Path):
    sentence = refusal(written(tmp_path, HEADER, name="BTCUSDT.xlsx"))
    assert sentence.startswith('".xlsx" files are not read. Give .parquet, .pq, .csv, .csv.gz, .feather, ')


def test_an_absent_file_offers_the_nearest_names(tmp_path: Path):
    written(tmp_path, HEADER, *ROWS)
    assert refusal(tmp_path / "BTCUSD-1m.csv") == 'the file does not exist. Did you mean "BTCUSDT-1m.csv"?'


def test_an_absent_folder_and_a_folder_are_said_to_be_so(tmp_path: Path):
    with pytest.raises(DataError, match="nowhere: the folder does not exist. Check the path."):
        read_bars(tmp_path / "nowhere" / "BTCUSDT-1m.csv")
    assert refusal(tmp_path).startswith("is a folder, not a file")


@pytest.mark.parametrize("name", ["BTCUSDT-1m.parquet", "BTCUSDT-1m.csv"])
def test_a_damaged_file_is_refused_without_a_traceback(tmp_path: Path, name: str):
    path = tmp_path / name
    path.write_bytes(b"time,open\n1,2,3,4\n\xff\xfe\x00garbage" if name.endswith("csv") else b"PAR1garbage")
    assert refusal(path).startswith("cannot be read: ")


def test_a_price_column_of_lists_is_refused(tmp_path: Path):
    import polars as pl

    rows = {"time": ["2024-01-01"], "open": [[1.0]], "high": [1.0], "low": [1.0], "close": [1.0], "volume": [1.0]}
    pl.DataFrame(rows).write_parquet(tmp_path / "SPY-1d.parquet")
    assert "the open holds list(float64) and not numbers" in refusal(tmp_path / "SPY-1d.parquet")
