"""`tradebot runs` as a person uses it: kept, listed, compared, drawn again, repeated to the bit."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner, Result

from tradebot.cli.main import root
from tradebot.core import venue_facts
from tradebot.feeds.mock import mock_bars

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
recorded_markets = pytest.mark.skipif(not DATA.exists(), reason="the recorded markets lie beside the checkout")

PROMISED = (
    "id", "symbol", "strategy", "start_date", "end_date", "initial_balance", "final_balance", "total_return",
    "max_drawdown", "sharpe_ratio", "total_trades", "winning_trades", "losing_trades", "win_rate",
)  # fmt: skip

IDEA = """\
from tradebot import Strategy, ta
from levels import PERIOD

class Idea(Strategy):
    def setup(self, bars):
        self.mean = ta.sma(bars.close, PERIOD)

    def on_bar(self, bar):
        if not self.position and bar.close > self.mean[-1] * 1.001:
            return self.long(stop_loss_pct=0.004, take_profit_pct=0.006)
"""


MIXIN = """\
from tradebot import ta
from tradebot.strategies.mixins.halves import {half}Mixin

class My{half}({half}Mixin):
    version = "1.0"

    def {lower}_rules(self, bars):
        rsi = ta.rsi(bars.close, 5)
        return {{"{word}_long": rsi < {level} if {level} < 50 else rsi > {level}}}
"""
BOT = {
    "broker": {"type": "mock"},
    "trading": {"symbol": "BTCUSDT"},
    "data": {"data_source": "store", "interval": "1m"},
}


@pytest.fixture(autouse=True)
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRADEBOT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TRADEBOT_STRATEGIES", str(tmp_path / "strategies"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def csv(tmp_path: Path) -> Path:
    return write_bars(tmp_path / "BTCUSDT-1m.csv", 3_000)


def write_bars(file: Path, count: int) -> Path:
    bars = mock_bars("BTCUSDT", "1m", count, seed=7)
    columns = {name: getattr(bars, name) for name in ("open", "high", "low", "close", "volume")}
    pl.DataFrame({"open_time": bars.ts // 1_000_000, **columns}).write_csv(file)
    return file


def run(*args: object) -> Result:
    return CliRunner().invoke(root, list(map(str, args)), prog_name="tradebot")


def done(*args: object, code: int = 0) -> str:
    result = run(*args)
    assert result.exit_code == code, (result.stdout, result.stderr, result.exception)
    return result.stdout


def document(*args: object, code: int = 0) -> dict:
    return json.loads(done(*args, "--json", code=code))


def kept(*args: object) -> str:
    """Id of a backtest that was just kept."""
    return document("backtest", *args)["id"]


def process(*args: object, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, map(os.path.abspath, sys.path))),
        **variables,
    }
    command = [sys.executable, "-m", "tradebot", *map(str, args)]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=120, check=False, env=environment, stdin=subprocess.DEVNULL
    )


# Keeping ---------------------------------------------------------------------------------------------------------


def test_a_backtest_is_kept_and_says_how_to_see_it(csv: Path):
    told = done("backtest", "sma_cross", "-d", csv)
    (short,) = [line.rsplit(" ", 1)[1] for line in told.splitlines() if line.startswith("Kept: tradebot runs show ")]
    assert document("runs", "show", short)["total_trades"] > 10


def test_a_backtest_is_not_kept_where_it_shall_not(csv: Path, tmp_path: Path):
    assert document("backtest", "sma_cross", "-d", csv, "--no-keep")["kept"] is False
    assert not (tmp_path / "home").exists()


def test_a_home_that_cannot_be_written_to_is_told_of_before_the_run(csv: Path, tmp_path: Path):
    (tmp_path / "home").write_text("a file")
    result = run("backtest", "sma_cross", "-d", csv)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "the run cannot be kept: " in result.stderr
    assert "--no-keep" in result.stderr
    assert run("backtest", "sma_cross", "-d", csv, "--no-keep").exit_code == 0


def test_a_disk_that_fills_up_during_the_run_does_not_take_the_result(csv: Path, monkeypatch: pytest.MonkeyPatch):
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pl.DataFrame, "write_parquet", full)
    result = run("backtest", "sma_cross", "-d", csv, "--json")
    assert json.loads(result.stdout)["kept"] is False
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    assert "the run cannot be kept: No space left on device" in result.stderr


# Looking ---------------------------------------------------------------------------------------------------------


def test_every_answer_holds_what_is_promised(csv: Path):
    fresh = document("backtest", "sma_cross", "-d", csv)
    (listed,) = document("runs", "list")["runs"]
    shown = document("runs", "show", "latest")
    for key in PROMISED:
        assert fresh[key] == listed[key] == shown[key], key
    assert shown["request"]["options"]["data"] == [str(csv)]


def test_the_list_is_newest_first_and_may_be_narrowed(csv: Path):
    first, second = kept("sma_cross", "-d", csv), kept("buy_and_hold", "-d", csv)
    third = kept("sma_cross", "-d", csv, "-p", "fast=5")
    assert [each["id"] for each in document("runs", "list")["runs"]] == [third, second, first]
    assert [each["id"] for each in document("runs", "list", "--limit", 1)["runs"]] == [third]
    only = document("runs", "list", "--strategy", "sma_cross", "--limit", 2)["runs"]
    assert [each["id"] for each in only] == [third, first]
    lines = done("runs", "list").splitlines()
    assert [line.split()[0] for line in lines[1:]] == [each[:8] for each in (third, second, first)]


def test_the_table_of_runs_cuts_nothing_where_no_terminal_is(csv: Path):
    id_ = kept("sma_cross", "-d", csv, "-p", "fast=5", "-p", "slow=17")
    heading, line = done("runs", "list").splitlines()
    assert heading.split()[0] == "Run"
    assert line.startswith(id_[:8])
    assert line.rstrip().endswith("fast=5, slow=17")
    assert "…" not in line


def test_an_empty_list_says_how_a_run_comes_into_it():
    assert "`tradebot backtest` keeps each of its own." in done("runs", "list")
    assert document("runs", "list") == {"runs": [], "broken": []}


def test_a_run_shows_figures_request_data_and_code(csv: Path):
    kept("sma_cross", "-d", csv, "-p", "fast=5")
    told = done("runs", "show", "latest")
    for part in ("sma_cross 1.0 on BTCUSDT", "Sharpe ratio", "fast=5", "3,000 bars of 1m", "sha256", "SmaCross in sma"):
        assert part in told


def test_the_source_can_be_had_back(tmp_path: Path):
    (tmp_path / "levels.py").write_text("PERIOD = 30\n")
    (tmp_path / "idea.py").write_text(IDEA)
    assert process("backtest", "idea.py", "-d", "mock", "--bars", 3_000).returncode == 0
    assert document("runs", "show", "latest", "--source")["sources"] == {"idea.py": IDEA, "levels.py": "PERIOD = 30\n"}
    assert done("runs", "show", "latest", "--source") == IDEA + "PERIOD = 30\n"


@pytest.mark.parametrize("command", ["show", "report", "repeat", "compare", "delete"])
def test_a_run_that_is_not_there_is_one_sentence(command: str):
    result = run("runs", command, "cafe")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == 'Error: run "cafe": there is no such run. `tradebot runs list` shows those that are kept.\n'


# Comparing -------------------------------------------------------------------------------------------------------


def test_a_comparison_names_what_was_different_and_nothing_else(csv: Path, tmp_path: Path):
    first = kept("sma_cross", "-d", csv)
    second = kept("sma_cross", "-d", csv, "-p", "fast=5", "--fees", "0", "--end", "2024-01-02")
    found = document("runs", "compare", first[:8], second[:8], "--report", tmp_path / "c.html")
    assert set(found["different"]) == {"fast", "fees", "end", "bars of BTCUSDT"}
    assert found["different"]["fast"] == {first: "10", second: "5"}
    assert [each["id"] for each in found["runs"]] == [first, second]
    assert found["figures"]["Trades"][second] == found["runs"][1]["total_trades"]
    page = (tmp_path / "c.html").read_text()
    assert page.count("<polyline") == 2
    assert "http" not in page.replace("http://www.w3.org", "")
    assert first[:8] in page


def test_a_comparison_in_the_terminal_has_figures_curves_and_differences(csv: Path):
    ids = [kept("sma_cross", "-d", csv, "-p", f"fast={fast}") for fast in (5, 10, 15)]
    told = done("runs", "compare", *ids)
    for part in ("Sharpe ratio", "What was different", "fast", "all on one scale", *(each[:8] for each in ids)):
        assert part in told
    assert sum(set(line) & set("▁▂▃▄▅▆▇█") != set() for line in told.splitlines()) == 3


def test_runs_of_one_request_differ_in_nothing(csv: Path):
    for _ in range(2):
        kept("sma_cross", "-d", csv)
    assert document("runs", "compare", "latest", "latest~1")["different"] == {}
    assert "Nothing was different" in done("runs", "compare", "latest", "latest~1")


@pytest.mark.parametrize("names", [("latest",), ("latest", "latest")])
def test_one_run_is_nothing_to_compare(csv: Path, names: tuple[str, ...]):
    kept("sma_cross", "-d", csv)
    assert "Name two or more" in run("runs", "compare", *names).stderr


# The report again ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("options", [(), ("--leverage", "20", "--sizer", "fraction:9", "--slippage", "bps:3")])
def test_the_report_from_the_record_is_that_of_the_run(csv: Path, tmp_path: Path, options: tuple[str, ...]):
    ours, again = tmp_path / "ours.html", tmp_path / "again.html"
    kept("sma_cross", "-d", csv, "--report", ours, *options)
    done("runs", "report", "latest", "--output", again)
    assert again.read_text() == ours.read_text()


def test_a_report_of_ambiguous_bars_has_the_other_order_too(csv: Path, tmp_path: Path):
    (tmp_path / "tight.py").write_text(
        "from tradebot import Strategy\nclass Tight(Strategy):\n    def on_bar(self, bar):\n"
        "        return self.long(stop_loss_pct=0.0005, take_profit_pct=0.0005)\n"
    )
    ours, again = tmp_path / "ours.html", tmp_path / "again.html"
    found = document("backtest", "tight.py", "-d", csv, "--report", ours)
    assert found["ambiguous_bars"] > 0
    (tmp_path / "tight.py").unlink()
    done("runs", "report", "latest", "-o", again)
    assert again.read_text() == ours.read_text()


def test_a_report_is_refused_where_the_bars_have_changed(csv: Path, tmp_path: Path):
    kept("sma_cross", "-d", csv)
    lines = csv.read_text().splitlines()
    cells = lines[1_000].split(",")
    lines[1_000] = ",".join([*cells[:-1], str(float(cells[-1]) + 1)])
    csv.write_text("\n".join(lines) + "\n")
    result = run("runs", "report", "latest")
    assert (result.exit_code, list(tmp_path.glob("*.html"))) == (2, [])
    assert "bars of BTCUSDT: the bars have changed since the run was kept." in result.stderr


# Repeating -------------------------------------------------------------------------------------------------------


def test_a_repeated_run_is_identical_to_the_bit_from_any_folder(
    csv: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    payments = tmp_path / "BTCUSDT-funding.csv"
    payments.write_text("funding_time,funding_rate,mark_price\n1704067500000,0.01,100\n1704069000000,0.01,100\n")
    done(
        "backtest", "sma_cross", "-d", csv.name, "--funding", payments.name, "-p", "fast=7", "--leverage", 3,
        "--slippage", "ticks:2", "--path", "adaptive", "--no-touch", "--participation", "50%",
        "--limit", "max_drawdown=90%", "--start", "2024-01-01T10:00", "--end", "2024-01-02",
    )  # fmt: skip
    monkeypatch.chdir("/")
    found = document("runs", "repeat", "latest")
    assert (found["identical"], found["changed"], found["parted"]) == (True, [], [])
    assert "identical to the bit." in done("runs", "repeat", "latest")


@recorded_markets
@pytest.mark.parametrize(
    "request_",
    [
        ("sma_cross", "-d", DATA / "binance_usdm/BTCUSDT-1m.parquet", "-d", DATA / "binance_usdm/ETHUSDT-1m.parquet",
         "-d", DATA / "binance_usdm/SOLUSDT-1m.parquet", "--funding", DATA / "binance_usdm/BTCUSDT-funding.csv",
         "--sizer", "fraction:0.3"),
        ("sma_cross", "-d", DATA / "us_equity/SPY-1d-raw.csv", "--form", "python"),
        ("buy_and_hold", "-d", DATA / "coinbase/BTC-USD-4h.parquet"),
        ("sma_cross", "-d", DATA / "us_equity/SPY-1d-yahoo-dirty.csv", "--violations", "widen"),
    ],
    ids=("three perpetuals with funding", "SPY daily", "a market with gaps", "a file with bad rows"),
)  # fmt: skip
def test_runs_over_recorded_markets_repeat_to_the_bit(request_: tuple[object, ...]):
    document("backtest", *request_)
    assert document("runs", "repeat", "latest")["identical"] is True
    assert document("runs", "repeat", "latest", "--as-recorded")["identical"] is True


def test_bars_that_came_since_do_not_touch_a_repetition(csv: Path):
    kept("sma_cross", "-d", csv)
    write_bars(csv, 4_000)
    found = document("runs", "repeat", "latest")
    assert (found["identical"], found["changed"]) == (True, [])


def test_changed_bars_are_named_with_the_first_trade_they_moved(csv: Path):
    kept("sma_cross", "-d", csv)
    before = pl.read_csv(csv)
    lifted = before.with_columns(
        pl.when(pl.int_range(pl.len()) >= 1_500).then(pl.col(name) + 1.0).otherwise(pl.col(name)).alias(name)
        for name in ("open", "high", "low", "close")
    )
    lifted.write_csv(csv)
    found = document("runs", "repeat", "latest", code=1)
    assert found["identical"] is False
    assert [each["what"] for each in found["changed"]] == ["bars of BTCUSDT"]
    trade, equity = found["parted"][:2]
    # What happened before the change is as it was, so both part at its time and not before.
    moment = "2024-01-02 01:00"
    for each in (trade, equity):
        assert each["what"].split(" at ")[1] >= moment
        assert each["was"] != each["now"]
    assert trade["what"].startswith("trade ")
    assert equity["what"].startswith("equity ")
    told = done("runs", "repeat", "latest", code=1)
    assert "not identical" in told
    assert "bars of BTCUSDT" in told


def test_a_run_of_two_mixins_knows_the_source_of_both(csv: Path, tmp_path: Path):
    folder = tmp_path / "strategies"
    folder.mkdir()
    for half, word in (("Entry", "enter"), ("Exit", "exit")):
        text = MIXIN.format(half=half, lower=half.lower(), word=word, level=20 if half == "Entry" else 80)
        (folder / f"{half.lower()}_half.py").write_text(text)
    strategy = {"type": "custom", "entry_logic": {"name": "MyEntry"}, "exit_logic": {"name": "MyExit"}}
    (tmp_path / "bot.json").write_text(json.dumps(BOT | {"strategy": strategy}))
    assert (done_ := process("backtest", "-c", "bot.json", "-d", csv)).returncode == 0, done_.stderr
    assert document("runs", "show", "latest")["code"]["sources"] == ["entry_half.py", "exit_half.py"]
    again = process("runs", "repeat", "latest", "--as-recorded")
    assert again.returncode == 2
    assert "MyEntry+MyExit is made of two mixins" in again.stderr
    file = folder / "exit_half.py"
    file.write_text(file.read_text().replace("80", "60"))
    changed = process("runs", "repeat", "latest", "--json")
    assert [each["what"] for each in json.loads(changed.stdout)["changed"]] == ["source of the strategy"]


def test_a_changed_strategy_is_named_and_its_old_source_can_be_run(csv: Path, tmp_path: Path):
    (tmp_path / "levels.py").write_text("PERIOD = 30\n")
    (tmp_path / "idea.py").write_text(IDEA)
    assert process("backtest", "idea.py", "-d", csv).returncode == 0
    (tmp_path / "levels.py").write_text("PERIOD = 90\n")
    changed = process("runs", "repeat", "latest", "--json")
    assert changed.returncode == 1
    assert [each["what"] for each in json.loads(changed.stdout)["changed"]] == ["source of the strategy"]
    recorded = process("runs", "repeat", "latest", "--as-recorded", "--json")
    assert recorded.returncode == 0, recorded.stderr
    assert json.loads(recorded.stdout)["changed"] == []
    for name in ("idea.py", "levels.py"):
        (tmp_path / name).unlink()
    assert process("runs", "repeat", "latest", "--as-recorded").returncode == 0
    assert process("runs", "repeat", "latest").returncode == 2


def test_finer_bars_are_part_of_what_a_run_is_made_of(csv: Path, tmp_path: Path):
    hours = tmp_path / "hours" / "BTCUSDT-1h.csv"
    hours.parent.mkdir()
    bars = mock_bars("BTCUSDT", "1m", 3_000, seed=7).resample("1h")
    columns = {name: getattr(bars, name) for name in ("open", "high", "low", "close", "volume")}
    pl.DataFrame({"open_time": bars.ts // 1_000_000, **columns}).write_csv(hours)
    document("backtest", "sma_cross", "-d", hours, "-p", "fast=3", "-p", "slow=5", "--magnify", f"BTCUSDT={csv.name}")
    assert document("runs", "repeat", "latest")["changed"] == []
    # Minutes that came since lie behind the last hour, and do not touch the run.
    write_bars(csv, 4_000)
    assert document("runs", "repeat", "latest")["changed"] == []
    table = pl.read_csv(csv)
    table.with_columns(volume=pl.col("volume") + (pl.int_range(pl.len()) == 77)).write_csv(csv)
    found = document("runs", "repeat", "latest")
    assert found["identical"] is True
    assert [each["what"] for each in found["changed"]] == ["finer bars of BTCUSDT"]


def test_changed_fees_of_the_venue_are_named(csv: Path, monkeypatch: pytest.MonkeyPatch):
    kept("sma_cross", "-d", csv)
    fees = venue_facts.PERPETUAL_FEES
    monkeypatch.setattr(venue_facts, "PERPETUAL_FEES", type(fees)(maker=fees.maker, taker=fees.taker * 2))
    found = document("runs", "repeat", "latest", code=1)
    assert [each["what"] for each in found["changed"]] == ["taker_fee of BTCUSDT"]
    assert found["parted"][0]["what"].startswith("trade 1 at")


def test_other_code_is_named_even_where_the_result_is_the_same(csv: Path, tmp_path: Path):
    kept("sma_cross", "-d", csv)
    file = next((tmp_path / "home").rglob("record.json"))
    record = json.loads(file.read_text())
    record["code"]["versions"]["tradebot"] = "0.0.9"
    record["code"]["engine_digest"] = "0" * 64
    file.write_text(json.dumps(record))
    found = document("runs", "repeat", "latest")
    assert found["identical"] is True
    assert [each["what"] for each in found["changed"]] == ["tradebot", "native core"]


def test_a_strategy_that_rolls_dice_is_found_out(csv: Path, tmp_path: Path):
    (tmp_path / "dice.py").write_text(
        "import random\nfrom tradebot import Strategy\nclass Dice(Strategy):\n    def on_bar(self, bar):\n"
        "        return random.choice([self.long(), self.exit()])\n"
    )
    kept("dice.py", "-d", csv)
    assert "does not give the same result twice" in done("runs", "repeat", "latest", code=1)


def test_one_bit_of_equity_is_enough_to_differ(csv: Path, tmp_path: Path):
    kept("sma_cross", "-d", csv)
    file = next((tmp_path / "home").rglob("equity.parquet"))
    table = pl.read_parquet(file)
    equity = table["equity"].to_numpy().copy()
    equity[1_234] = np.nextafter(equity[1_234], np.inf)
    table.with_columns(pl.Series("equity", equity)).write_parquet(file)
    (parted,) = document("runs", "repeat", "latest", code=1)["parted"]
    assert parted["what"].startswith("equity 1,235 at ")


def test_absent_data_is_one_sentence(csv: Path):
    kept("sma_cross", "-d", csv)
    csv.unlink()
    result = run("runs", "repeat", "latest")
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"{csv}: the file does not exist" in result.stderr


def test_a_run_that_was_made_by_an_unknown_option_names_it(csv: Path, tmp_path: Path):
    kept("sma_cross", "-d", csv)
    file = next((tmp_path / "home").rglob("record.json"))
    file.write_text(file.read_text().replace('"slippage": "none"', '"spillage": "none"'))
    assert "it was made with spillage, which this version has not" in run("runs", "repeat", "latest").stderr


def test_an_option_the_record_does_not_know_takes_its_default(csv: Path, tmp_path: Path):
    kept("sma_cross", "-d", csv)
    file = next((tmp_path / "home").rglob("record.json"))
    record = json.loads(file.read_text())
    for option in ("slippage", "limits", "touch"):
        del record["request"]["options"][option]
    file.write_text(json.dumps(record))
    assert document("runs", "repeat", "latest")["identical"] is True


def test_a_run_kept_from_python_is_shown_and_compared_but_not_repeated(csv: Path):
    import tradebot
    from tradebot.research.runs import Inputs, RunStore, runs_folder
    from tradebot.strategies.library.sma_cross import SmaCross

    result = tradebot.backtest(SmaCross(fast=5), mock_bars("MOCKUSDT", "1m", 1_000, 1))
    record = RunStore(runs_folder()).keep(result, request={"note": "first try"}, inputs=Inputs(SmaCross))
    kept("sma_cross", "-d", csv)
    assert document("runs", "show", record.short_id)["request"] == {"note": "first try"}
    assert "first try" in done("runs", "show", record.short_id)
    assert len(document("runs", "compare", record.short_id, "latest")["runs"]) == 2
    for command in ("repeat", "report"):
        result = run("runs", command, record.short_id)
        assert (result.exit_code, result.stdout) == (2, "")
        assert "it was not made by `tradebot backtest`" in result.stderr


def test_a_shell_completes_the_ids_of_runs(csv: Path):
    id_ = kept("sma_cross", "-d", csv)
    words = f"tradebot runs show {id_[:2]}"
    told = process(_TRADEBOT_COMPLETE="bash_complete", COMP_WORDS=words, COMP_CWORD="3")
    assert told.stdout.split() == [f"plain,{id_[:8]}"]


# Deleting --------------------------------------------------------------------------------------------------------


def test_runs_are_deleted_by_name_or_all_but_the_newest(csv: Path):
    ids = [kept("sma_cross", "-d", csv, "-p", f"fast={fast}") for fast in (5, 6, 7, 8)]
    assert done("runs", "delete", ids[1][:8], "--yes") == "1 run deleted.\n"
    assert document("runs", "delete", "--all-but", 2, "--yes")["deleted"] == [ids[0].replace("-", "")]
    assert [each["id"] for each in document("runs", "list")["runs"]] == [ids[3], ids[2]]


def test_nothing_is_deleted_unasked(csv: Path):
    kept("sma_cross", "-d", csv)
    result = run("runs", "delete", "latest")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "Error: runs delete: nobody is there to confirm it. Add --yes.\n"
    assert len(document("runs", "list")["runs"]) == 1


@pytest.mark.parametrize("args", [(), ("latest", "--all-but", "1")])
def test_a_deletion_says_what_to_delete_in_one_way(csv: Path, args: tuple[str, ...]):
    kept("sma_cross", "-d", csv)
    assert "give either runs or --all-but" in run("runs", "delete", *args, "--yes").stderr


@pytest.mark.parametrize(("answer", "left"), [("y\n", 0), ("n\n", 1)])
def test_a_person_at_a_terminal_is_asked(csv: Path, answer: str, left: int):
    import pty

    kept("sma_cross", "-d", csv)
    ours, theirs = pty.openpty()
    path = os.pathsep.join(filter(None, map(os.path.abspath, sys.path)))
    command = [sys.executable, "-m", "tradebot", "runs", "delete", "latest"]
    os.write(ours, answer.encode())
    asked = subprocess.run(
        command, stdin=theirs, capture_output=True, text=True, timeout=60, check=False,
        env=os.environ | {"PYTHONPATH": path},
    )  # fmt: skip
    os.close(ours)
    os.close(theirs)
    assert "Delete 1 run?" in asked.stderr
    assert asked.returncode == 0
    assert len(document("runs", "list")["runs"]) == left
