"""`tradebot runs` as a person uses it: kept, listed, compared, drawn again, deleted."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from runs_command import IDEA, document, done, kept, process, run, write_bars

PROMISED = (
    "id", "symbol", "strategy", "start_date", "end_date", "initial_balance", "final_balance", "total_return",
    "max_drawdown", "sharpe_ratio", "total_trades", "winning_trades", "losing_trades", "win_rate",
)  # fmt: skip


@pytest.fixture(autouse=True)
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRADEBOT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TRADEBOT_STRATEGIES", str(tmp_path / "strategies"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def csv(tmp_path: Path) -> Path:
    return write_bars(tmp_path / "BTCUSDT-1m.csv", 3_000)


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


def test_a_shell_completes_the_ids_of_runs(csv: Path):
    id_ = kept("sma_cross", "-d", csv)
    words = f"tradebot runs show {id_[:2]}"
    told = process(_TRADEBOT_COMPLETE="bash_complete", COMP_WORDS=words, COMP_CWORD="3")
    assert told.stdout.split() == [f"plain,{id_[:8]}"]


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
