"""`tradebot demo`: the tour ends with a report, a kept run, and commands that work."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tradebot.cli.main import root


@pytest.fixture(autouse=True)
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRADEBOT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TRADEBOT_STRATEGIES", str(tmp_path / "own"))
    monkeypatch.chdir(tmp_path)


def run(*args: str) -> Result:
    return CliRunner().invoke(root, list(args), prog_name="tradebot", input="")


def test_the_tour_tells_what_it_did_and_what_to_do_next(tmp_path: Path):
    result = run("demo")
    assert result.exit_code == 0, result.stderr
    for part in ("1. A market", "2. An idea", "def on_bar", "3. What it would have done", "4. What is kept"):
        assert part in result.stdout
    assert (tmp_path / "tradebot-demo.html").read_text().lstrip().startswith("<!doctype html>")


def test_the_commands_it_offers_work():
    told = run("demo").stdout
    offered = [line.split("  ")[0] for line in map(str.strip, told.splitlines()) if line.startswith("tradebot ")]
    assert len(offered) >= 5
    for line in offered:
        if "YOUR" not in line and "doctor" not in line:
            result = run(*shlex.split(line)[1:])
            assert result.exit_code == 0, (line, result.stderr)


def test_the_run_of_the_tour_repeats_to_the_bit(tmp_path: Path):
    found = json.loads(run("demo", "--json", "--report", "out/demo.html").stdout)
    assert Path(found["files"]["report"]).is_file()
    assert json.loads(run("runs", "repeat", found["id"], "--json").stdout)["identical"] is True


def test_a_report_of_another_kind_is_refused_before_anything(tmp_path: Path):
    result = run("demo", "--report", "demo.pdf")
    assert (result.exit_code, list(tmp_path.iterdir())) == (2, [])
