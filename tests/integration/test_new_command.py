"""`tradebot new`: what it writes runs as it is, and nothing of a person's is written over."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tradebot.cli.main import root


@pytest.fixture(autouse=True)
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRADEBOT_STRATEGIES", str(tmp_path / "own"))
    monkeypatch.chdir(tmp_path)


def run(*args: object) -> Result:
    return CliRunner().invoke(root, ["new", *map(str, args)], prog_name="tradebot")


def in_folder(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join(filter(None, map(os.path.abspath, sys.path)))
    return subprocess.run(
        [sys.executable, *command], cwd=folder, capture_output=True, text=True, timeout=120, check=False,
        env={name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
        | {"PYTHONPATH": path},
    )  # fmt: skip


def texts(folder: Path) -> dict[str, str]:
    return {str(file.relative_to(folder)): file.read_text() for file in folder.rglob("*") if file.is_file()}


def test_a_new_project_tests_and_runs_as_it_is(tmp_path: Path):
    result = run("project", "my-research", "--json")
    assert result.exit_code == 0, result.stderr
    told = json.loads(result.stdout)
    assert all((tmp_path / file).is_file() for file in told["files"])
    folder = tmp_path / "my-research"
    tested = in_folder(folder, "-m", "pytest", "-q", "-p", "no:cacheprovider")
    assert tested.returncode == 0, tested.stdout
    assert " passed" in tested.stdout
    command = told["next"][-1].split()[1:]
    found = in_folder(folder, "-m", "tradebot", *command, "--json")
    assert json.loads(found.stdout)["total_trades"] > 10


def test_a_strategy_added_to_a_project_lies_where_the_others_do(tmp_path: Path):
    run("project", "my-research")
    folder = tmp_path / "my-research"
    result = run("strategy", "NightDrift", "--folder", folder)
    assert result.exit_code == 0, result.stderr
    assert (folder / "strategies" / "night_drift.py").is_file()
    tested = in_folder(folder, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/test_night_drift.py")
    assert tested.returncode == 0, tested.stdout


def test_a_strategy_alone_is_tested_beside_its_file(tmp_path: Path):
    assert run("strategy", "night-drift", "--folder", "ideas").exit_code == 0
    tested = in_folder(tmp_path / "ideas", "-m", "pytest", "-q", "-p", "no:cacheprovider")
    assert tested.returncode == 0, tested.stdout


def test_the_tests_it_writes_can_fail(tmp_path: Path):
    run("strategy", "peeking")
    file = tmp_path / "peeking.py"
    # The highest high of bars to come in place of the bars before.
    file.write_text(file.read_text().replace("ta.shift(ta.highest(bars.high, self.window), 1)", "bars.high * 0 + 1e9"))
    tested = in_folder(tmp_path, "-m", "pytest", "-q", "-p", "no:cacheprovider")
    assert tested.returncode == 1
    assert "test_it_trades" in tested.stdout


def test_what_it_writes_is_formatted_and_free_of_lint(tmp_path: Path):
    run("project", "my-research")
    for arguments in (["format", "--check"], ["check", "--select", "E,F,I,UP,B,RUF", "--ignore", "RUF012"]):
        command = ["-m", "ruff", *arguments, "--isolated", "--line-length", "120", "."]
        done = in_folder(tmp_path / "my-research", *command)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("what", ["project", "strategy"])
def test_what_is_there_is_not_written_over(tmp_path: Path, what: str):
    assert run(what, "mine").exit_code == 0
    before = texts(tmp_path)
    result = run(what, "mine")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "it exists already. Choose another name, or move it away." in result.stderr
    assert texts(tmp_path) == before


def test_a_test_that_is_there_keeps_the_strategy_from_being_written(tmp_path: Path):
    (tmp_path / "test_mine.py").write_text("mine")
    assert run("strategy", "mine").exit_code == 2
    assert texts(tmp_path) == {"test_mine.py": "mine"}


@pytest.mark.parametrize("name", ["class", "1st", "_hidden", "my idea", "a/b", "größe", "..", ""])
def test_a_name_python_cannot_import_is_refused(tmp_path: Path, name: str):
    result = run("strategy", name)
    assert (result.exit_code, result.stdout) == (2, "")
    assert f'"{name}" is no name for a strategy. Use letters, digits and underscores' in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_is_taken_is_refused():
    assert 'the name "sma_cross" is taken' in run("strategy", "SmaCross").stderr


@pytest.mark.parametrize("name", ["-x", ".hidden", "a b", "x;y"])
def test_a_project_needs_a_plain_name(tmp_path: Path, name: str):
    result = run("project", "--", name)
    assert (result.exit_code, list(tmp_path.iterdir())) == (2, [])
    assert "is no name for a project" in result.stderr


@pytest.mark.parametrize("what", ["project", "strategy"])
def test_a_failure_in_the_middle_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str):
    opened = Path.open
    written: list[Path] = []

    def failing(file: Path, mode: str = "r", **how: object):
        if mode == "x":
            written.append(file)
            if len(written) == 2:
                raise OSError(28, "No space left on device")
        return opened(file, mode, **how)

    monkeypatch.setattr(Path, "open", failing)
    result = run(what, "mine")
    assert (result.exit_code, len(written)) == (2, 2)
    assert "No space left on device" in result.stderr
    assert texts(tmp_path) == {}
