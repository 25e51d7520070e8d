"""Files into the store: every form of file, every fault of rows, every kind of data."""

import gzip
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from stored_bars import BTC, HOUR, assert_same, bars, without_extras
from tradebot.core.bar import BarArray
from tradebot.core.errors import ConfigError, DataError, TradebotError
from tradebot.core.instant import to_ns
from tradebot.store.exporting import EXPORT_SUFFIXES, export_bars
from tradebot.store.files import read_bars, read_columns
from tradebot.store.importing import import_file, kind_of
from tradebot.store.kinds import TRADES
from tradebot.store.library import Library
from tradebot.store.manifest import SeriesKey

HEADER = "time,open,high,low,close,volume"
ROWS = (
    "2024-01-01 00:00:00,100,102,99,101,5",
    "2024-01-01 01:00:00,101,103,100,102,6",
    "2024-01-01 02:00:00,102,104,101,103,7",
    "2024-01-01 03:00:00,103,105,102,104,8",
)
OUTSIDE = "2024-01-01 01:00:00,101,103,100,104,6"
MISSING = "2024-01-01 01:00:00,101,103,100,,6"
NEGATIVE = "2024-01-01 01:00:00,101,103,-1,102,6"


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path / "home")


def written(folder: Path, *lines: str, name: str = "BTCUSDT-1h.csv") -> Path:
    path = folder / name
    path.write_text("\n".join((HEADER, *lines)) + "\n", encoding="utf-8")
    return path


def stored(library: Library) -> BarArray:
    return library.bars.read(BTC, HOUR)


# Forms of files -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", EXPORT_SUFFIXES)
@pytest.mark.parametrize("whole", [bars(500), without_extras(bars(500))], ids=["all columns", "prices alone"])
def test_what_is_exported_comes_back_to_the_bit(library: Library, tmp_path: Path, suffix: str, whole: BarArray):
    path = tmp_path / f"BTCUSDT-1h{suffix}"
    export_bars(whole, path)
    assert_same(read_bars(path), whole)
    done = import_file(library, path)[0]
    assert (done.series, done.rows, done.written.added) == ("binance_usdm/BTCUSDT/1h", 500, 500)
    assert_same(stored(library), whole)


def test_an_export_that_fails_leaves_the_older_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "x.csv"
    export_bars(bars(10), path)
    before = path.read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tradebot.store.durable.os.fsync", full)
    with pytest.raises(DataError, match="the disk is full"):
        export_bars(bars(20), path)
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["x.csv"]


@pytest.mark.parametrize("factor", [1, 1_000, 1_000_000, 1_000_000_000], ids=["s", "ms", "us", "ns"])
def test_the_unit_of_time_counts_is_found(library: Library, tmp_path: Path, factor: int):
    seconds = 1_704_067_200 + 3_600 * np.arange(4)
    prices = {name: [100.0] * 4 for name in ("open", "high", "low", "close", "volume")}
    path = tmp_path / "BTCUSDT.jsonl"
    pl.DataFrame({"t": seconds * factor} | prices).write_ndjson(path)
    import_file(library, path)
    assert stored(library).ts.tolist() == (seconds * 1_000_000_000).tolist()


def test_a_column_that_turns_out_to_hold_fractions_far_down_is_read_whole(tmp_path: Path):
    lines = [f"{1_704_067_200 + 3_600 * row},100,102,99,101,{5 if row < 2_500 else 5.5}" for row in range(3_000)]
    columns = read_columns(written(tmp_path, *lines)).columns
    assert columns["volume"][[0, -1]].tolist() == [5, 5.5]


def test_true_is_no_price(tmp_path: Path):
    lines = [row.rpartition(",")[0] + ",true" for row in ROWS]
    with pytest.raises(DataError, match=r'row 1: the volume is "true", not a number'):
        read_columns(written(tmp_path, *lines))


# Faulty rows --------------------------------------------------------------------------------------------------------

ONE_BAD_ROW = {
    "order": (ROWS[1], ROWS[0], *ROWS[2:]),
    "copies": (ROWS[0], ROWS[1], ROWS[1], *ROWS[2:]),
    "conflict": (ROWS[0], ROWS[1].replace("102,6", "102.5,6"), *ROWS[1:]),
    "range": (ROWS[0], OUTSIDE, *ROWS[2:]),
    "values": (ROWS[0], MISSING, *ROWS[2:]),
}
CLOSES = {
    ("order", "repair"): [101, 102, 103, 104],
    ("order", "drop"): [101, 102, 103, 104],
    ("order", "keep"): [101, 102, 103, 104],
    ("copies", "repair"): [101, 102, 103, 104],
    ("copies", "drop"): [101, 102, 103, 104],
    ("copies", "keep"): [101, 102, 103, 104],
    ("conflict", "repair"): [101, 102, 103, 104],
    ("conflict", "drop"): [101, 103, 104],
    ("range", "repair"): [101, 104, 103, 104],
    ("range", "drop"): [101, 103, 104],
    ("values", "drop"): [101, 103, 104],
}


@pytest.mark.parametrize("fault", ONE_BAD_ROW)
def test_a_file_with_one_fault_is_refused_unless_told_otherwise(library: Library, tmp_path: Path, fault: str):
    with pytest.raises(DataError, match=r"2024-01-01T0\d:00:00Z.*--bad repair, drop or keep"):
        import_file(library, written(tmp_path, *ONE_BAD_ROW[fault]))
    assert library.bars.series() == []


@pytest.mark.parametrize(("fault", "bad"), CLOSES)
def test_a_fault_is_settled_as_wished_and_told(library: Library, tmp_path: Path, fault: str, bad: str):
    done = import_file(library, written(tmp_path, *ONE_BAD_ROW[fault]), bad=bad)[0]
    assert [(each.kind, each.rows) for each in done.faults] == [(fault, 1)]
    assert done.faults[0].outcome
    assert stored(library).close.tolist() == CLOSES[fault, bad]


def test_widening_makes_the_range_hold_the_close_and_moves_nothing_else(library: Library, tmp_path: Path):
    import_file(library, written(tmp_path, *ONE_BAD_ROW["range"]), bad="repair")
    found = stored(library)
    assert (found.low[1], found.high[1], found.open[1], found.close[1]) == (100, 104, 101, 104)


def test_what_cannot_be_settled_as_wished_is_refused(library: Library, tmp_path: Path):
    with pytest.raises(DataError, match=r"row 2 .*No value can be made up for it.*--bad drop"):
        import_file(library, written(tmp_path, *ONE_BAD_ROW["values"]), bad="repair")
    with pytest.raises(DataError, match="A store holds one bar a time"):
        import_file(library, written(tmp_path, *ONE_BAD_ROW["conflict"]), bad="keep")
    assert library.bars.series() == []


@pytest.mark.parametrize("row", [OUTSIDE, MISSING, NEGATIVE])
def test_a_kept_row_is_stored_as_it_was_and_never_given_out_as_a_bar_unasked(
    library: Library, tmp_path: Path, row: str
):
    import_file(library, written(tmp_path, ROWS[0], row, *ROWS[2:]), bad="keep")
    series = library.bars.series()[0]
    assert (series.rows, series.parts[0].bad) == (4, 1)
    with pytest.raises(DataError, match="row 2"):
        stored(library)
    if row == OUTSIDE:
        assert len(library.bars.read(BTC, HOUR, violations="drop")) == 3
        assert library.bars.read(BTC, HOUR, violations="widen").high[1] == 104


def test_rows_are_named_by_their_place_in_the_file_whatever_was_sorted(library: Library, tmp_path: Path):
    done = import_file(library, written(tmp_path, ROWS[3], ROWS[2], OUTSIDE, ROWS[0]), bad="repair")[0]
    assert [each.kind for each in done.faults] == ["order", "range"]
    assert "row 3 (2024-01-01T01:00:00Z)" in done.faults[1].text


def test_another_file_may_not_change_what_is_stored_unless_it_is_let(library: Library, tmp_path: Path):
    import_file(library, written(tmp_path, *ROWS))
    other = written(tmp_path, ROWS[0].replace("101,5", "100.5,5"), *ROWS[1:])
    with pytest.raises(DataError, match="1 stored row differs"):
        import_file(library, other)
    done = import_file(library, other, replace=True)[0]
    assert (done.written.replaced, done.written.same) == (1, 3)


def test_columns_that_bars_do_not_have_are_told(library: Library, tmp_path: Path):
    path = tmp_path / "SPY-1d.csv"
    path.write_text("Date,Open,High,Low,Close,Adj Close,Volume\n2024-01-02,1,2,1,2,1.9,5\n2024-01-03,1,2,1,2,1.9,5\n")
    assert import_file(library, path)[0].unused_columns == ("Adj Close",)


# Kinds of data ------------------------------------------------------------------------------------------------------


def test_funding_is_stored_and_found_again(library: Library, tmp_path: Path):
    path = tmp_path / "BTCUSDT-funding.csv"
    path.write_text("funding_time,funding_rate,mark_price\n1704067200000,0.0001,\n1704096000000,-0.0002,42000\n")
    done = import_file(library, path)[0]
    assert (done.kind, done.series) == ("funding", "binance_usdm/BTCUSDT")
    found = library.funding("binance_usdm", "BTCUSDT")
    assert found.rate.tolist() == [0.0001, -0.0002]
    assert np.isnan(found.mark[0])
    assert found.mark[1] == 42_000


def test_funding_times_are_of_the_zone_that_is_told(library: Library, tmp_path: Path):
    path = tmp_path / "BTCUSDT-funding.csv"
    path.write_text("funding_time,funding_rate\n2024-01-01 00:00,0.0001\n2024-01-01 08:00,0.0001\n")
    import_file(library, path, timezone="America/New_York")
    assert library.funding("binance_usdm", "BTCUSDT").ts[0] == to_ns("2024-01-01T05:00")


@pytest.mark.parametrize("header", ["", "date,price_factor,split_factor,reference\n"])
def test_factors_are_stored_with_or_without_a_header_and_only_as_a_whole(library: Library, tmp_path: Path, header: str):
    path = tmp_path / "AAPL-factors.csv"
    path.write_text(f"{header}20200828,0.99,0.25,499.23\n20201105,0.99,1,119.03\n20501231,1,1,0\n")
    assert import_file(library, path)[0].series == "us_equity/AAPL"
    found = library.factors("us_equity", "AAPL")
    assert (found.split_factor.tolist(), found.reference[0]) == ([0.25, 1, 1], 499.23)
    path.write_text(f"{header}20501231,1,1,0\n")
    import_file(library, path)
    assert len(library.factors("us_equity", "AAPL")) == 1


RECORDING = (
    '{"stream":"x","data":{"e":"trade","s":"BTCUSDT","p":"100.5","q":"2","m":true,"X":"MARKET"}}',
    '{"stream":"x","data":{"e":"bookTicker","s":"BTCUSDT","b":"100.4","B":"3","a":"100.5","A":"4"}}',
    '{"stream":"x","data":{"e":"trade","s":"BTCUSDT","p":"0","q":"1","m":true,"X":"INSURANCE_FUND"}}',
    '{"stream":"x","data":{"e":"depthUpdate","s":"BTCUSDT"}}',
    '{"lastUpdateId":1,"bids":[],"asks":[]}',
)


def recorded(folder: Path, *messages: str) -> Path:
    path = folder / "recording.gz"
    lines = [f"{1_700_000_000_000_000_000 + place} {text}\n" for place, text in enumerate(messages)]
    path.write_bytes(gzip.compress("".join(lines).encode()))
    return path


def test_a_recorded_stream_becomes_trades_and_quotes_at_the_times_they_were_received(library: Library, tmp_path: Path):
    trades, quotes = import_file(library, recorded(tmp_path, *RECORDING))
    assert (trades.kind, trades.rows, quotes.kind, quotes.rows, quotes.unused) == ("trades", 1, "quotes", 1, 3)
    ticks = library.trades("binance_usdm", "BTCUSDT")
    assert (ticks.ts[0], ticks.price[0], ticks.size[0], ticks.side[0]) == (1_700_000_000_000_000_000, 100.5, 2, -1)
    best = library.quotes("binance_usdm", "BTCUSDT")
    assert (best.bid[0], best.ask[0], best.bid_size[0], best.ask_size[0]) == (100.4, 100.5, 3, 4)
    again = import_file(library, tmp_path / "recording.gz")
    assert [(each.written.added, each.written.same) for each in again] == [(0, 1), (0, 1)]
    assert library.archive(TRADES).require(SeriesKey("binance_usdm", "BTCUSDT")).rows == 1


def test_a_recording_is_not_stored_under_another_market(library: Library, tmp_path: Path):
    with pytest.raises(DataError, match="it is a recording of BTCUSDT, not of ETHUSDT"):
        import_file(library, recorded(tmp_path, *RECORDING), symbol="ETHUSDT")
    assert not library.root.exists()


def test_a_recording_that_is_cut_short_or_malformed_is_refused(library: Library, tmp_path: Path):
    path = recorded(tmp_path, *RECORDING * 50)
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(DataError, match="Is the file whole"):
        import_file(library, path)
    with pytest.raises(DataError, match="line 2 is malformed"):
        import_file(library, recorded(tmp_path, RECORDING[0], '{"stream":'))
    assert all(not archive.series() for archive in library.archives())


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("x.csv", "a,b\n1,2\n", "the columns a, b tell of no kind of data"),
        ("x.csv", "", "holds no rows|tell of no kind"),
        ("x.json", "{not json", "cannot be read"),
        ("x.feather", "nothing", "cannot be read"),
        ("x.gz", "nothing", "files are not read"),
    ],
)
def test_a_file_of_no_known_kind_is_refused_in_one_sentence(tmp_path: Path, name: str, content: str, says: str):
    path = tmp_path / name
    path.write_text(content)
    with pytest.raises(DataError, match=says):
        kind_of(path)


@pytest.mark.parametrize("told", [{"venue": "nowhere"}, {"interval": "7x"}, {"interval": "1d"}, {"timezone": "Mars"}])
def test_what_is_told_wrongly_is_refused_before_anything_is_stored(library: Library, tmp_path: Path, told: dict):
    with pytest.raises((ConfigError, DataError)) as caught:
        import_file(library, written(tmp_path, *ROWS), **told)
    assert isinstance(caught.value, TradebotError)
    assert not library.root.exists()
