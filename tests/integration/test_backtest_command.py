"""`tradebot backtest` as a person uses it: files in, a table, JSON or a report out, every slip told in one sentence."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner, Result

from tradebot.cli.main import root
from tradebot.feeds.mock import mock_bars

BARS = 3_000

RAISES_LATER = """\
from tradebot import Strategy

class Fragile(Strategy):
    def setup(self, bars):
        self.count = 0

    def on_bar(self, bar):
        self.count += 1
        if self.count == 100:
            return self.missing
        return None
"""


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No strategy of the person who runs the tests may take part, and nothing may reach their folders."""
    monkeypatch.setenv("TRADEBOT_STRATEGIES", str(tmp_path / "strategies"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def table() -> pl.DataFrame:
    """Bars of the mock market as a file holds them."""
    bars = mock_bars("BTCUSDT", "1m", BARS, seed=7)
    columns = {name: getattr(bars, name) for name in ("open", "high", "low", "close", "volume")}
    return pl.DataFrame({"open_time": bars.ts // 1_000_000, **columns})


@pytest.fixture
def csv(tmp_path: Path, table: pl.DataFrame) -> Path:
    """The bars as CSV."""
    file = tmp_path / "BTCUSDT-1m.csv"
    table.write_csv(file)
    return file


def run(*args: object) -> Result:
    return CliRunner().invoke(root, list(map(str, args)), prog_name="tradebot")


def backtest(*args: object) -> Result:
    return run("backtest", *args)


def document(*args: object) -> dict:
    result = backtest(*args, "--json")
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def refusal(*args: object) -> str:
    """The one sentence of a run that was refused."""
    result = backtest(*args)
    assert result.exit_code == 2, (result.stdout, result.stderr, result.exception)
    assert result.stdout == ""
    assert result.stderr.startswith("Error: ")
    assert result.stderr.count("\n") == 1
    assert "Traceback" not in result.stderr
    return result.stderr.removeprefix("Error: ").rstrip("\n")


# What comes out --------------------------------------------------------------------------------------------------


def test_a_table_shows_the_result_and_the_assumptions(csv: Path):
    result = backtest("sma_cross", "--data", csv)
    assert result.exit_code == 0, result.stderr
    for part in ("sma_cross 1.0 (fast=10, slow=30)", "BTCUSDT 1m", "Sharpe ratio", "Assumptions", "3,000 bars"):
        assert part in result.stdout
    assert result.stderr == ""


def test_json_is_one_document_and_nothing_else(csv: Path):
    found = document("sma_cross", "--data", csv, "-p", "fast=5", "-p", "slow=20")
    assert found["strategy"] == "sma_cross"
    assert found["params"] == {"fast": 5, "slow": 20}
    assert found["symbol"] == "BTCUSDT"
    assert found["total_trades"] > 10
    assert found["files"] == {}


def test_both_forms_and_both_file_kinds_give_the_same_result(csv: Path, tmp_path: Path, table: pl.DataFrame):
    parquet = tmp_path / "BTCUSDT-1m.parquet"
    table.write_parquet(parquet)
    runs = [
        document("sma_cross", "--data", file, "--form", form, "--cash", 1_000_000, "--sizer", "fixed:1")
        for file in (csv, parquet)
        for form in ("python", "rules")
    ]
    assert len({(each["final_balance"], each["total_trades"]) for each in runs}) == 1
    assert runs[0]["total_trades"] > 10


def test_the_mock_market_repeats_itself_and_changes_with_its_seed():
    first, again, other = (
        document("sma_cross", "--data", "mock", "--bars", 2_000, "--seed", seed)["final_balance"] for seed in (3, 3, 4)
    )
    assert first == again != other


def test_several_markets_share_one_account():
    found = document(
        "sma_cross",
        "--data",
        "mock",
        "--bars",
        2_000,
        "--symbol",
        "AUSDT",
        "--symbol",
        "BUSDT",
        "--sizer",
        "fraction:0.4",
    )
    assert found["symbols"] == ["AUSDT", "BUSDT"]


def test_options_reach_the_run(csv: Path):
    found = document(
        "sma_cross", "--data", csv, "--cash", 5_000, "--leverage", 3, "--fees", "1bps,2bps", "--slippage", "ticks:2",
        "--fill", "this_close", "--path", "adaptive", "--no-touch", "--participation", "50%",
        "--limit", "max_exposure=2",
        "--start", "2024-01-01T10:00", "--end", "2024-01-02",
    )  # fmt: skip
    assumed = found["assumptions"]
    assert found["initial_balance"] == 5_000
    assert (assumed["fill"], assumed["path"], assumed["touch"]) == ("this_close", "adaptive", False)
    assert (assumed["leverage"], assumed["participation"], assumed["slippage"]) == (3.0, 0.5, "2 ticks")
    assert "0.01 % maker, 0.02 % taker" in assumed["fees"].replace("0.0100", "0.01").replace("0.0200", "0.02")
    assert found["start_date"].startswith("2024-01-01T10:0")
    assert found["end_date"] <= "2024-01-02T00:00:01"


def test_funding_is_paid(csv: Path, tmp_path: Path):
    payments = tmp_path / "BTCUSDT-funding.csv"
    payments.write_text("funding_time,funding_rate,mark_price\n1704067500000,0.01,100\n1704069000000,0.01,100\n")
    found = document("buy_and_hold", "--data", csv, "--funding", payments)
    assert found["costs"]["funding"] > 0
    assert document("buy_and_hold", "--data", csv)["costs"]["funding"] == 0


def test_report_and_trades_are_written_and_their_paths_printed(csv: Path, tmp_path: Path):
    report, trades = tmp_path / "out" / "r.html", tmp_path / "out" / "t.csv"
    result = backtest("sma_cross", "--data", csv, "--report", report, "--trades", trades)
    assert result.exit_code == 0, result.stderr
    assert f"Report: {report}" in result.stdout
    assert f"Trades: {trades}" in result.stdout
    assert report.read_text().lstrip().lower().startswith("<!doctype html>")
    assert {"pnl", "entry_price", "duration_seconds"} <= set(pl.read_csv(trades).columns)


def test_trades_may_be_written_as_parquet_from_a_json_run(csv: Path, tmp_path: Path):
    trades = tmp_path / "t.parquet"
    found = document("sma_cross", "--data", csv, "--trades", trades)
    assert found["files"] == {"trades": str(trades)}
    assert len(pl.read_parquet(trades)) == found["total_trades"]


def test_what_a_strategy_prints_stays_out_of_the_json(tmp_path: Path):
    file = tmp_path / "chatty.py"
    file.write_text(
        "from tradebot import Strategy\nprint('loading')\n"
        "class Chatty(Strategy):\n    def on_bar(self, bar):\n        print(bar)\n"
    )
    result = backtest(file, "--data", "mock", "--bars", 50, "--json")
    assert json.loads(result.stdout)["strategy"] == "chatty"
    assert "loading" in result.stderr


def test_a_strategy_file_with_a_higher_timeframe_runs(tmp_path: Path):
    file = tmp_path / "higher.py"
    file.write_text(
        "from tradebot import Strategy, ta\n"
        "class Higher(Strategy):\n"
        "    timeframes = ('1h',)\n"
        "    def setup(self, bars):\n"
        "        self.trend = ta.sma(self.bars('1h').close, 3)\n"
        "    def on_bar(self, bar):\n"
        "        if bar.close > self.trend[-1]:\n"
        "            return self.long(stop_loss_pct=0.01, take_profit_pct=0.02)\n"
    )
    assert document(file, "--data", "mock", "--bars", 3_000)["total_trades"] > 0


# Bad input -------------------------------------------------------------------------------------------------------


def spoiled(csv: Path, row: int, column: int, value: str) -> Path:
    """The file with one cell changed; rows count from 1 below the header."""
    lines = csv.read_text().splitlines()
    cells = lines[row].split(",")
    cells[column] = value
    lines[row] = ",".join(cells)
    csv.write_text("\n".join(lines) + "\n")
    return csv


def test_missing_columns_are_named(csv: Path, table: pl.DataFrame):
    table.drop("close", "volume").write_csv(csv)
    sentence = refusal("sma_cross", "--data", csv)
    assert str(csv) in sentence
    assert "close" in sentence
    assert "volume" in sentence


def test_text_in_a_price_is_named_with_its_row(csv: Path):
    sentence = refusal("sma_cross", "--data", spoiled(csv, 1_200, 4, "n.a."))
    assert str(csv) in sentence
    assert "n.a." in sentence
    assert "1,200" in sentence or "1200" in sentence


def test_a_price_that_is_not_a_number_is_named_with_its_row(csv: Path):
    sentence = refusal("sma_cross", "--data", spoiled(csv, 17, 2, "NaN"))
    assert str(csv) in sentence
    assert "row 17" in sentence


def test_reversed_times_are_named(csv: Path, table: pl.DataFrame):
    table.reverse().write_csv(csv)
    sentence = refusal("sma_cross", "--data", csv)
    assert str(csv) in sentence
    assert "row 2" in sentence


def test_repeated_times_are_named(csv: Path, table: pl.DataFrame):
    pl.concat([table.head(50), table.slice(49)]).write_csv(csv)
    sentence = refusal("sma_cross", "--data", csv)
    assert str(csv) in sentence
    assert "row 51" in sentence


def test_an_absent_file_offers_the_nearest(csv: Path):
    assert 'Did you mean "BTCUSDT-1m.csv"?' in refusal("sma_cross", "--data", "BTCUSDT-1n.csv")


def test_no_data_says_what_to_give():
    assert refusal("sma_cross") == (
        "--data: no data is given. "
        "Give a file of bars, `--data store:MARKET`, or `--data mock` for the built-in market."
    )


def test_a_strategy_file_that_does_not_import_is_named_with_its_line(tmp_path: Path):
    file = tmp_path / "mine.py"
    file.write_text("import json\nimport no_such_package\n")
    assert refusal("mine.py", "--data", "mock") == (
        "mine.py:2: ModuleNotFoundError: No module named 'no_such_package'. "
        'Install the package that provides "no_such_package", or correct the import.'
    )


def test_a_strategy_with_a_syntax_error_is_named_with_its_line(tmp_path: Path):
    (tmp_path / "mine.py").write_text("from tradebot import Strategy\n\nclass Broken(Strategy)\n    pass\n")
    assert refusal("mine.py", "--data", "mock") == "mine.py:3: SyntaxError: expected ':'. Correct the file."


def test_parameters_out_of_bounds_are_named_with_their_bounds():
    assert refusal("sma_cross", "--data", "mock", "-p", "fast=1") == (
        "sma_cross.fast: 1 is below the minimum 2. Give a value in 2..200 (the default is 10)."
    )
    assert refusal("sma_cross", "--data", "mock", "-p", "fast=50") == (
        "sma_cross.slow: 30 does not exceed fast, which is 50. Give a larger slow."
    )
    assert refusal("sma_cross", "--data", "mock", "-p", "fst=5").endswith('Did you mean "fast"?')


def test_an_unknown_strategy_offers_the_nearest():
    assert refusal("by_and_hold", "--data", "mock").endswith('Did you mean "buy_and_hold"?')


def test_a_quantity_the_instrument_cannot_hold_is_refused_before_the_run(csv: Path):
    assert refusal("sma_cross", "--data", csv, "--sizer", "fixed:0.0001") == (
        "--sizer fixed: 0.0001 is below the least order of BTCUSDT, 0.001. Give 0.001 or more."
    )
    assert refusal("sma_cross", "--data", csv, "--sizer", "fixed:0").startswith("fixed.quantity: 0 is not above 0.")


def test_orders_that_break_the_instruments_rules_end_in_their_reason(csv: Path):
    # One lot of a market near 100 is worth 0.10, far below the least notional of 100.
    sentence = refusal("sma_cross", "--data", csv, "--sizer", "fixed:0.001")
    assert sentence.startswith("sma_cross on BTCUSDT: not one order was filled; rejected were min_notional ")
    assert "Raise --cash or the size by --sizer: BTCUSDT trades 0.001 and 100 USDT at least." in sentence


def test_some_rejected_orders_are_shown_with_their_reason(tmp_path: Path):
    file = tmp_path / "mixed.py"
    file.write_text(
        "from tradebot import Strategy\n"
        "class Mixed(Strategy):\n"
        "    def setup(self, bars):\n"
        "        self.count = 0\n"
        "    def on_bar(self, bar):\n"
        "        self.count += 1\n"
        "        if self.position:\n"
        "            return self.exit()\n"
        "        return self.long(quantity=0.001 if self.count % 2 else 10)\n"
    )
    result = backtest(file, "--data", "mock", "--bars", 100)
    assert result.exit_code == 0, result.stderr
    assert "min_notional" in result.stdout or "min notional" in result.stdout
    assert document(file, "--data", "mock", "--bars", 100)["rejections"]["min_notional"] > 0


def test_a_strategy_that_raises_in_the_middle_is_named_with_line_and_bar(tmp_path: Path):
    (tmp_path / "fragile.py").write_text(RAISES_LATER)
    assert refusal("fragile.py", "--data", "mock") == (
        "fragile (fragile.py:10) at 2024-01-01T01:40:00Z: AttributeError: 'Fragile' object has no attribute 'missing'"
    )


@pytest.mark.parametrize(
    ("body", "fact"),
    [
        ("return True", "returned bool; a decision is self.long(...)"),
        ("return self.long(stop_loss=bar.close * 2, entry=bar.close)", "stop_loss"),
        ("return self.exit(2)", "fraction: 2 is not above 0 and at most 1"),
    ],
)
def test_a_decision_that_is_none_is_named_with_its_bar(tmp_path: Path, body: str, fact: str):
    (tmp_path / "odd.py").write_text(
        f"from tradebot import Strategy\nclass Odd(Strategy):\n    def on_bar(self, bar):\n        {body}\n"
    )
    sentence = refusal("odd.py", "--data", "mock")
    assert sentence.startswith("odd")
    assert "at 2024-01-01T00:01:00Z" in sentence
    assert fact in sentence


def test_a_strategy_that_raises_in_setup_says_so(tmp_path: Path):
    (tmp_path / "odd.py").write_text(
        "from tradebot import Strategy, ta\nclass Odd(Strategy):\n    def setup(self, bars):\n"
        "        self.ma = ta.sma(bars.close, 0)\n    def on_bar(self, bar):\n        pass\n"
    )
    sentence = refusal("odd.py", "--data", "mock")
    assert sentence.startswith("odd (odd.py:4) in setup: ")


def test_rules_that_cannot_be_say_where(tmp_path: Path):
    (tmp_path / "odd.py").write_text(
        "from tradebot import Rules, Strategy\nclass Odd(Strategy):\n    def rules(self, bars):\n"
        "        return Rules(exit_long=bars.close > 1)\n"
    )
    assert refusal("odd.py", "--data", "mock") == (
        "odd (odd.py:4) in setup: rules: no entry is given. Give enter_long or enter_short."
    )


def test_a_strategy_of_ticks_alone_is_not_run_over_bars(tmp_path: Path):
    (tmp_path / "odd.py").write_text(
        "from tradebot import Strategy\nclass Odd(Strategy):\n    def on_tick(self, tick):\n        pass\n"
    )
    assert refusal("odd.py", "--data", "mock").startswith("odd: it decides on ticks or quotes, and this run is driven")


def test_too_few_bars_for_the_indicators_are_counted():
    assert refusal("sma_cross", "--data", "mock", "--bars", 20) == (
        "sma_cross: its indicators need 31 bars of MOCKUSDT and there are 20. Give more bars, or smaller periods."
    )


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (["--seed", "1"], "--seed: only the built-in market has one. Leave it out, or use --data mock."),
        (["--symbol", "A", "--symbol", "B"], "--symbol: 2 symbols are given for 1 files."),
        (["--data", "mock"], "--data: mock does not mix with files."),
        (["--interval", "7x"], 'interval: "7x" is not an interval.'),
        (["--venue", "binanc_usdm"], 'venue: "binanc_usdm" is not a known venue. Did you mean "binance_usdm"'),
        (["--start", "yesterday"], '"yesterday" is not a date or time.'),
        (["--report", "r.txt"], '--report: "r.txt" does not end in .html or .htm. Rename it.'),
        (["--trades", "t.xlsx"], '--trades: "t.xlsx" does not end in .csv or .parquet. Rename it.'),
        (
            ["--magnify", "ETH=f.csv"],
            "--magnify: f.csv belongs to no market of the run. Write it as SYMBOL=FILE, with one of BTCUSDT.",
        ),
        (
            ["--funding", "ETH=f.csv"],
            "--funding: f.csv belongs to no market of the run. Write it as SYMBOL=FILE, with one of BTCUSDT.",
        ),
        (["--sizer", "fixd:1"], '--sizer: there is no "fixd". Did you mean "fixed"?'),
        (["--leverage", "5000"], "leverage: 5000 is not in 1..125, what BTCUSDT gives. Give 125 or less."),
        (["--leverage", "2", "--venue", "binance_spot"], "leverage: BTCUSDT is spot, which is traded without."),
        (["--leverage", "nan"], "leverage: nan is not in 1..125"),
        (["--cash", "nan"], "cash: NaN is not a positive number"),
    ],
)
def test_options_that_do_not_fit_are_named(csv: Path, args: list[str], sentence: str):
    assert sentence in refusal("sma_cross", "--data", csv, *args)


# As a process ----------------------------------------------------------------------------------------------------


def environment(**variables: str) -> dict[str, str]:
    """Variables of a process that finds the same packages as this one, wherever it runs."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, map(os.path.abspath, sys.path))), **variables}


def process(*args: object, **variables: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tradebot", *map(str, args)]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=120, check=False, env=environment(**variables)
    )


def test_it_runs_as_a_module(csv: Path):
    done = process("backtest", "sma_cross", "--data", csv, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["total_trades"] > 0


def test_an_error_in_a_process_is_one_line_and_code_2():
    done = process("backtest", "sma_cross", "--data", "absent.csv")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("Error: absent.csv: the file does not exist.")
    assert "Traceback" not in done.stderr


def test_the_debug_variable_shows_the_traceback():
    done = process("backtest", "sma_cross", "--data", "absent.csv", TRADEBOT_DEBUG="1")
    assert "Traceback" in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="a console interrupt goes to the whole process group on Windows")
def test_ctrl_c_stops_a_run_with_code_130(tmp_path: Path):
    file = tmp_path / "slow.py"
    file.write_text(
        "import pathlib, time\nfrom tradebot import Strategy\nclass Slow(Strategy):\n"
        "    def on_bar(self, bar):\n        pathlib.Path('started').touch()\n        time.sleep(0.01)\n"
    )
    command = [sys.executable, "-m", "tradebot", "backtest", str(file), "--data", "mock"]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment())
    try:
        deadline = time.monotonic() + 60
        while not (tmp_path / "started").exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        running.send_signal(signal.SIGINT)
        _, told = running.communicate(timeout=30)
    finally:
        running.kill()
    assert running.returncode == 130
    assert told.strip() == "Interrupted."


def test_another_venues_bars_stand_in_where_a_venue_has_none_but_never_for_damaged_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, csv: Path
):
    monkeypatch.setenv("TRADEBOT_HOME", str(tmp_path / "home"))
    request = ("sma_cross", "-d", "store:BTCUSDT", "--venue", "binance_spot", "--no-keep")
    assert run("data", "import", csv, "--venue", "binance_usdm").exit_code == 0
    notes = document(*request)["assumptions"]["notes"]
    assert "The bars are those of binance_usdm, traded by the rules of binance_spot." in notes
    assert run("data", "import", csv, "--venue", "binance_spot").exit_code == 0
    assert document(*request)["assumptions"]["notes"] == []
    for file in (tmp_path / "home").glob("bars/venue=binance_spot/**/*.parquet"):
        file.unlink()
    assert "the file is gone" in refusal(*request)
