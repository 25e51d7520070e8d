"""`tradebot data` as a person uses it: what is stored, told, refused, and every example of the help."""

import json
import shlex
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner, Result

from tradebot.cli.data.group import data
from tradebot.cli.main import root
from tradebot.core.bar import BarArray
from tradebot.core.instant import to_ns
from tradebot.core.instrument import Instrument
from tradebot.feeds.mock import mock_bars
from tradebot.store.calendars import sessions
from tradebot.store.exporting import export_bars

COMMANDS = [name for name, target in data.targets.items() if target.module.startswith("tradebot.cli.data.")]


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store of its own, and a folder with the files the examples speak of."""
    monkeypatch.setenv("TRADEBOT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TRADEBOT_STRATEGIES", str(tmp_path / "strategies"))
    monkeypatch.chdir(tmp_path)
    export_bars(mock_bars("BTCUSDT", "1m", 3_000, 7), tmp_path / "binance_usdm/BTCUSDT-1m.parquet")
    days = sessions("XNYS", to_ns("2023-01-01"), to_ns("2024-01-01")).dates
    price = 100.0 + np.sin(np.arange(len(days)) / 7)
    spy = BarArray(Instrument.us_equity("SPY"), "1d", days, price, price + 1, price - 1, price, price * 1_000)
    export_bars(spy, tmp_path / "SPY-1d.csv")
    (tmp_path / "SPY-factors.csv").write_text("20230615,0.98,1,400\n20501231,1,1,0\n")
    (tmp_path / "BTCUSDT-funding.csv").write_text("funding_time,funding_rate\n1704096000000,0.01\n1704124800000,0.01\n")
    return tmp_path / "home"


def run(*args: object) -> Result:
    return CliRunner().invoke(root, list(map(str, args)), prog_name="tradebot")


def output(*args: object) -> str:
    result = run(*args)
    assert result.exit_code == 0, (result.stdout, result.stderr, result.exception)
    return result.stdout


def document(*args: object) -> dict:
    return json.loads(output(*args, "--json"))


def refusal(*args: object) -> str:
    result = run(*args)
    assert result.exit_code == 2, (result.stdout, result.stderr, result.exception)
    assert result.stderr.startswith("Error: ")
    assert result.stderr.count("\n") == 1
    return result.stderr.removeprefix("Error: ").rstrip("\n")


def fill() -> None:
    output("data", "import", "binance_usdm/BTCUSDT-1m.parquet", "SPY-1d.csv", "SPY-factors.csv", "BTCUSDT-funding.csv")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_speaks_json(command: str):
    assert "--json" in output("data", command, "--help")


def test_an_import_tells_what_it_stored_and_a_second_one_that_it_was_there():
    assert "3,000 stored" in output("data", "import", "binance_usdm/BTCUSDT-1m.parquet")
    again = output("data", "import", "binance_usdm/BTCUSDT-1m.parquet")
    assert "0 stored, 3,000 there already" in again
    listed = document("data", "list")["series"]
    assert [(each["kind"], each["symbol"], each["interval"], each["rows"]) for each in listed] == [
        ("bars", "BTCUSDT", "1m", 3_000)
    ]


def test_a_refused_file_does_not_keep_the_others_out():
    Path("broken.csv").write_text("a,b\n1,2\n")
    result = run("data", "import", "broken.csv", "SPY-1d.csv", "--json")
    assert result.exit_code == 2
    found = json.loads(result.stdout)
    assert [each["series"] for each in found["imported"]] == ["us_equity/SPY/1d"]
    assert list(found["refused"]) == ["broken.csv"]


def test_a_lost_manifest_is_told_of_and_made_anew(own_home: Path):
    output("data", "import", "binance_usdm/BTCUSDT-1m.parquet")
    (own_home / "bars/manifest.json").rename(own_home / "kept.json")
    for command in (("data", "list"), ("data", "check"), ("data", "import", "SPY-1d.csv")):
        assert "`tradebot data check --rebuild` makes it anew from the files" in refusal(*command)
    made = document("data", "check", "--rebuild")
    assert made["rebuilt"] == [{"kind": "bars", "series": 1, "damaged": []}]
    assert (own_home / "bars/manifest.json").read_bytes() == (own_home / "kept.json").read_bytes()
    assert "Every manifest is sound: nothing was made anew." in output("data", "check", "--rebuild")
    assert document("data", "list")["series"][0]["rows"] == 3_000


def test_check_finds_faults_before_and_after_the_import_and_says_so_by_its_exit_code():
    frame = pl.read_csv("SPY-1d.csv")
    frame[3, "close"] = 200.0
    frame.remove(pl.int_range(pl.len()) == 10).write_csv("SPY-1d.csv")
    before = run("data", "check", "SPY-1d.csv")
    assert before.exit_code == 1
    assert "open or close lies outside low..high in row 4 (2023-01-06T00:00:00Z)" in before.stdout
    assert "1 gap, 1 bar missing" in before.stdout
    assert "row 4" in refusal("data", "import", "SPY-1d.csv")
    assert "kept as they are" in output("data", "import", "SPY-1d.csv", "--bad", "keep")
    after = run("data", "check", "SPY", "--json")
    assert after.exit_code == 1
    found = json.loads(after.stdout)
    assert (found["sound"], found["checked"][0]["missing"], found["checked"][0]["faults"][0]["rows"]) == (False, 1, 1)
    assert "row 4" in refusal("backtest", "sma_cross", "-d", "store:SPY")
    output("backtest", "sma_cross", "-d", "store:SPY", "--violations", "drop")


def test_a_backtest_runs_on_what_is_stored_and_gives_what_the_file_gives():
    fill()
    file = document("backtest", "sma_cross", "-d", "binance_usdm/BTCUSDT-1m.parquet")
    kept = document("backtest", "sma_cross", "-d", "store:BTCUSDT")
    for name in ("final_balance", "total_trades", "start_date", "end_date", "sharpe_ratio"):
        assert file[name] == kept[name]
    paid = document("backtest", "buy_and_hold", "-d", "store:binance_usdm/BTCUSDT", "--funding", "store")
    assert paid["costs"]["funding"] > 0


def test_a_backtest_says_whether_its_prices_are_raw_or_adjusted():
    fill()
    raw, adjusted = (
        document("backtest", "buy_and_hold", "-d", "store:SPY", f"--{kind}") for kind in ("raw", "adjusted")
    )
    assert "raw prices; 0 splits and 1 dividend" in raw["assumptions"]["notes"][0]
    assert "adjusted for splits and dividends" in adjusted["assumptions"]["notes"][0]
    assert raw["final_balance"] < adjusted["final_balance"]
    assert "SPY: raw prices" in output("backtest", "buy_and_hold", "-d", "store:SPY")


def test_an_export_can_be_adjusted_and_read_again():
    fill()
    output("data", "export", "SPY", "--adjusted", "-o", "out/SPY-1d.csv")
    raw, adjusted = pl.read_csv("SPY-1d.csv"), pl.read_csv("out/SPY-1d.csv")
    ratio = adjusted["close"] / raw["close"]
    assert (ratio[0], ratio[-1]) == (pytest.approx(0.98), 1)


def test_an_export_leaves_out_or_mends_kept_rows_by_wish_alone():
    rows = "".join(f"2024-01-0{day},100,101,99,{100 + 5 * (day == 3)},5\n" for day in (2, 3, 4))
    Path("IBM-1d.csv").write_text(f"time,open,high,low,close,volume\n{rows}")
    output("data", "import", "IBM-1d.csv", "--bad", "keep")
    assert "row 2 has" in refusal("data", "export", "IBM", "-o", "x.csv")
    assert "the row is dropped" in output("data", "export", "IBM", "-o", "x.csv", "--violations", "drop")
    assert pl.read_csv("x.csv").height == 2
    output("data", "export", "IBM", "-o", "x.csv", "--violations", "widen")
    assert pl.read_csv("x.csv")["high"].to_list() == [101, 105, 101]


def test_sql_prints_a_table_csv_or_json_and_tells_what_it_leaves_out():
    fill()
    question = "SELECT time, close FROM bars WHERE symbol = 'BTCUSDT' ORDER BY ts LIMIT 3"
    assert "2024-01-01 00:00:00" in output("data", "sql", question)
    assert len(output("data", "sql", question, "--csv").splitlines()) == 4
    assert json.loads(output("data", "sql", question, "--json"))[0]["time"] == "2024-01-01T00:00:00Z"
    cut = run("data", "sql", question, "--limit", 2)
    assert "2 of 3 rows" in cut.stderr


def test_deleting_asks_a_person_and_refuses_where_none_can_answer():
    fill()
    assert "Give --yes" in refusal("data", "delete", "BTCUSDT")
    assert document("data", "delete", "BTCUSDT", "--end", "2024-01-02", "--yes")["deleted"] == {
        "binance_usdm/BTCUSDT/1m": 1_440
    }
    output("data", "delete", "BTCUSDT", "--yes")
    output("data", "delete", "BTCUSDT", "--kind", "funding", "--yes")
    assert {each["symbol"] for each in document("data", "list")["series"]} == {"SPY"}


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("data import nowhere.csv", "nowhere.csv: the file does not exist"),
        ("data import SPY-1d.csv SPY-factors.csv --symbol SPY", "one symbol is given for 2 files"),
        ("data check NOPE", "NOPE: nothing is stored under this name"),
        ("data resample BTCUSDT --to 7x", '"7x" is not an interval'),
        ("data resample BTCUSD --to 1h", 'Did you mean "BTCUSDT"'),
        ("data export BTCUSDT -o x.xlsx", 'export: "x.xlsx" tells no format'),
        ("data sql 'DROP VIEW bars'", "the store is read-only here"),
        ("data delete NOPE --yes", "no bars are stored under this name"),
        ("backtest sma_cross -d store:NOPE", "no bars are stored under this name"),
        ("backtest sma_cross -d store:BTCUSDT --symbol X", "stored markets have their own names"),
        ("backtest sma_cross -d SPY-1d.csv --adjusted", "only stored markets have factors"),
        ("backtest sma_cross -d store:BTCUSDT --adjusted", "which has no splits or dividends"),
        ("backtest sma_cross -d store:SPY --funding store", "no market of the run is a perpetual"),
        ("backtest sma_cross -d store:BTCUSDT --start 2030-01-01", "no stored bar opens in the span"),
    ],
)
def test_a_slip_is_told_in_one_sentence(line: str, says: str):
    fill()
    assert says in refusal(*shlex.split(line))


def test_an_empty_store_says_so():
    assert "Nothing is stored in" in output("data", "list")
    assert "Nothing is stored yet" in output("data", "check")
    assert document("data", "check") == {"sound": True, "checked": []}
