"""`tradebot backtest` as a person uses it: files in, a table, JSON or a report out."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest

from backtest_command import backtest, bars_table, document, refusal, run


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No strategy of the person who runs the tests may take part, and nothing may reach their folders."""
    monkeypatch.setenv("TRADEBOT_STRATEGIES", str(tmp_path / "strategies"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def table() -> pl.DataFrame:
    return bars_table()


@pytest.fixture
def csv(tmp_path: Path, table: pl.DataFrame) -> Path:
    """The bars as CSV."""
    file = tmp_path / "BTCUSDT-1m.csv"
    table.write_csv(file)
    return file


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
