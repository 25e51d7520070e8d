"""Every recorded market is imported by one command, checked, made longer, adjusted and backtested."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner, Result

from tradebot.cli.main import root
from tradebot.core.instant import iso
from tradebot.core.interval import Interval
from tradebot.store.inspection import Inspection, inspect_series
from tradebot.store.library import Library
from tradebot.store.reading import stored_bars
from tradebot.store.resampling import resample

DATA = Path(__file__).resolve().parents[3] / "shared/data"

pytestmark = pytest.mark.skipif(not DATA.exists(), reason="needs the recorded market data in ../shared/data")

# File, what else the command is told, and the rows of each series it gives.
FILES = {
    "binance_usdm/BTCUSDT-1m.parquet": ((), {"bars binance_usdm/BTCUSDT/1m": 43_199}),
    "binance_usdm/ETHUSDT-1m.parquet": ((), {"bars binance_usdm/ETHUSDT/1m": 60_191}),
    "binance_usdm/SOLUSDT-1m.parquet": ((), {"bars binance_usdm/SOLUSDT/1m": 43_200}),
    "binance_usdm/BTCUSDT-5m.parquet": ((), {"bars binance_usdm/BTCUSDT/5m": 10_906}),
    "binance_usdm/BTCUSDT-15m.parquet": ((), {"bars binance_usdm/BTCUSDT/15m": 3_635}),
    "binance_usdm/BTCUSDT-1h.parquet": ((), {"bars binance_usdm/BTCUSDT/1h": 719}),
    "binance_usdm/BTCUSDT-1d.parquet": ((), {"bars binance_usdm/BTCUSDT/1d": 29}),
    "binance_usdm/BTCUSDT-funding.csv": ((), {"funding binance_usdm/BTCUSDT": 2_151}),
    "binance_usdm/ETHUSDT-funding.csv": ((), {"funding binance_usdm/ETHUSDT": 2_155}),
    "binance_usdm_l2/BTCUSDT-20240808-raw.gz": (
        (),
        {"trades binance_usdm/BTCUSDT": 21_313, "quotes binance_usdm/BTCUSDT": 66_089},
    ),
    "coinbase/BTC-USD-4h.parquet": ((), {"bars coinbase/BTC-USD/4h": 20_695}),
    "us_equity/SPY-1d-raw.csv": ((), {"bars us_equity/SPY/1d": 5_849}),
    "us_equity/AAPL-1d-raw.csv": ((), {"bars us_equity/AAPL/1d": 5_849}),
    "us_equity/IBM-1d-raw.csv": ((), {"bars us_equity/IBM/1d": 5_849}),
    "us_equity/QQQ-1d-raw.csv": ((), {"bars us_equity/QQQ/1d": 3_964}),
    "us_equity/SPY-factors.csv": ((), {"factors us_equity/SPY": 96}),
    "us_equity/AAPL-factors.csv": ((), {"factors us_equity/AAPL": 41}),
    "us_equity/IBM-factors.csv": ((), {"factors us_equity/IBM": 96}),
    "us_equity/QQQ-factors.csv": ((), {"factors us_equity/QQQ": 69}),
    "us_equity/SPY-1m-201310.csv": ((), {"bars us_equity/SPY/1m": 4_839}),
    "us_equity/SPY-1d-yahoo-dirty.csv": (
        ("--bad", "repair", "--symbol", "SPY-YAHOO"),
        {"bars us_equity/SPY-YAHOO/1d": 2_519},
    ),
}
BARS = [name.split()[1] for _, made in FILES.values() for name in made if name.startswith("bars ")]


def run(*args: object) -> Result:
    return CliRunner().invoke(root, list(map(str, args)), prog_name="tradebot")


def document(*args: object) -> dict:
    result = run(*args, "--json")
    assert result.exit_code == 0, (result.stdout, result.stderr, result.exception)
    return json.loads(result.stdout)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A store into which every file was imported, each by its own command."""
    folder = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TRADEBOT_HOME", str(folder))
        for name, (options, _) in FILES.items():
            document("data", "import", DATA / name, *options)
        yield folder


@pytest.fixture(scope="module")
def inspected(home: Path) -> dict[str, Inspection]:
    """What checking every stored series found."""
    found = (inspect_series(a, series) for a in Library(home).archives() for series in a.series())
    return {f"{each.kind} {each.name}": each for each in found}


def test_every_recorded_file_is_among_those_imported():
    assert {str(path.relative_to(DATA)) for path in DATA.rglob("*.*") if path.suffix != ".md"} == FILES.keys()


def test_every_row_is_stored_and_every_series_is_sound(inspected: dict[str, Inspection]):
    expected = {series: rows for _, made in FILES.values() for series, rows in made.items()}
    assert {name: each.rows for name, each in inspected.items()} == expected
    assert all(each.is_sound for each in inspected.values())


def test_the_gaps_are_the_known_ones(inspected: dict[str, Inspection]):
    gaps = {name: [(iso(g.start), g.missing) for g in each.gaps] for name, each in inspected.items() if each.gaps}
    assert gaps == {
        "bars coinbase/BTC-USD/4h": [
            ("2017-02-28T20:00:00Z", 1),
            ("2018-08-10T04:00:00Z", 3),
            ("2025-10-25T16:00:00Z", 1),
        ],
        # Its ticker was QQQQ in these years.
        "bars us_equity/QQQ/1d": [("2004-12-01T00:00:00Z", 1_588)],
    }
    assert inspected["bars us_equity/SPY/1m"].outside == 4_839 - 6 * 390


def test_the_dirty_file_names_its_two_rows_and_can_be_kept_or_mended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TRADEBOT_HOME", str(tmp_path))
    path = DATA / "us_equity/SPY-1d-yahoo-dirty.csv"
    checked = run("data", "check", path)
    assert checked.exit_code == 1
    assert "rows 1807 (2015-03-05T00:00:00Z), 1824 (2015-03-30T00:00:00Z)" in checked.stdout
    assert run("data", "import", path).exit_code == 2
    for bad, rows in (("drop", 2_517), ("repair", 2_519), ("keep", 2_519)):
        made = document("data", "import", path, "--symbol", bad.upper(), "--bad", bad)["imported"][0]
        assert (made["written"]["added"], made["faults"][0]["rows"]) == (rows, 2)


@pytest.mark.parametrize("series", BARS)
def test_every_stored_market_is_backtested_and_gives_what_its_file_gives(home: Path, series: str):
    file, options = next((file, told) for file, (told, made) in FILES.items() if f"bars {series}" in made)
    market, _, interval = series.rpartition("/")
    symbol, violations = market.partition("/")[2], ("--violations", "widen" if options else "refuse")
    run_of = ("backtest", "sma_cross", "-p", "slow=20", "--cash", 1_000_000)
    kept = document(*run_of, "-d", f"store:{market}", "--interval", interval)
    read = document(*run_of, "-d", DATA / file, "--symbol", symbol, "--interval", interval, *violations)
    names = ("symbol", "start_date", "end_date", "final_balance", "total_trades", "max_drawdown")
    assert {name: kept[name] for name in names} == {name: read[name] for name in names}


def test_recorded_trades_are_backtested_as_bars(home: Path):
    found = document("backtest", "sma_cross", "-d", "store:BTCUSDT", "--interval", "1s", "--cash", 1_000_000)
    assert found["assumptions"]["notes"] == ["BTCUSDT: 1s bars made of stored trades"]


@pytest.mark.parametrize(("fine", "coarse", "common"), [("5m", "15m", 3_635), ("15m", "1h", 719), ("1h", "1d", 19)])
def test_longer_bars_are_the_venues_own_volume_included(home: Path, fine: str, coarse: str, common: int):
    library = Library(home)
    market = "binance_usdm/BTCUSDT"
    ours = resample(stored_bars(library, market, fine).bars, Interval.parse(coarse)).bars
    theirs = stored_bars(library, market, coarse).bars
    _, ours_rows, their_rows = np.intersect1d(ours.ts, theirs.ts, return_indices=True)
    assert len(ours_rows) == common
    for name in ("open", "high", "low", "close"):
        assert np.array_equal(ours.columns()[name][ours_rows], theirs.columns()[name][their_rows])
    # The venue's sums are decimal; ours may differ from them in the last bit of a double.
    assert ours.volume[ours_rows] == pytest.approx(theirs.volume[their_rows], rel=1e-15)


def test_minutes_of_new_york_make_the_days_of_another_source(home: Path):
    library = Library(home)
    ours = stored_bars(library, "us_equity/SPY/1m").bars
    days = resample(ours, Interval.parse("1d")).bars
    theirs = stored_bars(library, "us_equity/SPY/1d").bars
    rows = np.searchsorted(theirs.ts, days.ts)
    assert np.array_equal(theirs.ts[rows], days.ts)
    assert len(days) == 6
    # The consolidated day counts trades that make no minute bar; its prices lie within a cent or two of theirs.
    for name in ("open", "high", "low", "close"):
        assert days.columns()[name] == pytest.approx(theirs.columns()[name][rows], rel=1e-3)


def test_spy_adjusted_by_its_factors_follows_its_dirty_twins_adjusted_closes(home: Path):
    ours = stored_bars(Library(home), "us_equity/SPY", "1d", adjusted=True).bars
    twin = pl.read_csv(DATA / "us_equity/SPY-1d-yahoo-dirty.csv", try_parse_dates=True)
    ts = twin["Date"].cast(pl.Datetime("ns")).dt.epoch("ns").to_numpy()
    rows = np.searchsorted(ours.ts, ts)
    assert np.array_equal(ours.ts[rows], ts)
    assert len(rows) == 2_519
    ratio = ours.close[rows] / twin["Adj Close"].to_numpy()
    low, median, high = np.quantile(ratio, [0.25, 0.5, 0.75])
    assert round(float(median), 4) == 0.9421
    assert max(1 - low / median, high / median - 1) < 0.0005


def test_apples_splits_are_told_in_a_raw_run_and_gone_in_an_adjusted_one(home: Path):
    raw, adjusted = (
        document("backtest", "buy_and_hold", "-d", "store:AAPL", kind, "--start", "2014-01-01", "--end", "2021-01-01")
        for kind in ("--raw", "--adjusted")
    )
    assert "2 splits" in raw["assumptions"]["notes"][0]
    # Seven to one in 2014 and four to one in 2020 look like losses of 86 % and 75 % to raw prices.
    assert raw["max_drawdown"] < -0.8 < -0.45 < adjusted["max_drawdown"]
    assert raw["total_return"] < 0 < adjusted["total_return"]


def test_sql_counts_what_was_imported(home: Path):
    found = document("data", "sql", "SELECT count(*) AS n, count(DISTINCT symbol) AS s FROM bars")
    rows = [rows for _, made in FILES.values() for name, rows in made.items() if name.startswith("bars ")]
    assert found == [{"n": sum(rows), "s": 9}]
