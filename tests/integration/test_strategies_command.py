"""`tradebot strategies`: the registry as a table, a description or JSON."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tradebot.cli.main import root


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user folder of the test."""
    monkeypatch.setenv("TRADEBOT_STRATEGIES", str(tmp_path))
    return tmp_path


def run(*args: str) -> Result:
    return CliRunner().invoke(root, ["strategies", *args], prog_name="tradebot")


def test_the_list_shows_every_strategy(folder: Path):
    result = run()
    assert result.exit_code == 0
    for name in ("buy_and_hold", "simple_test", "sma_cross"):
        assert name in result.stdout
    assert str(folder) in result.stdout
    assert result.stderr == ""


def test_a_broken_file_is_told_of_and_the_rest_is_listed(folder: Path):
    (folder / "broken.py").write_text("\n\n1 / 0\n")
    result = run()
    assert result.exit_code == 0
    assert "sma_cross" in result.stdout
    assert result.stderr == f"Skipped: {folder}/broken.py:3: ZeroDivisionError: division by zero. Correct the file.\n"


def test_one_strategy_is_described_with_its_parameters():
    result = run("sma_cross")
    for part in ("sma_cross 1.0", "python, rules", "fast", "2..200", "Bars of the fast average.", "(library)"):
        assert part in result.stdout


def test_the_list_as_json_has_parameters_and_broken_files(folder: Path):
    (folder / "broken.py").write_text("1 / 0\n")
    found = json.loads(run("--json").stdout)
    cross = next(each for each in found["strategies"] if each["name"] == "sma_cross")
    assert cross["forms"] == ["python", "rules"]
    assert cross["params"][0] == {
        "name": "fast", "type": "int", "default": 10, "ge": 2, "le": 200, "step": 1, "choices": None,
        "doc": "Bars of the fast average.",
    }  # fmt: skip
    assert [Path(each["location"]).name for each in found["broken"]] == ["broken.py"]


def test_the_mixins_are_listed_and_half_a_strategy_is_told_what_it_lacks():
    assert "RSIBBEntryMixin" in run().stdout
    assert "ATRExitMixin" in json.loads(run("--json").stdout)["exits"]
    entry, leave = run("show", "RSIBBEntryMixin"), run("show", "ATRExitMixin")
    assert "RSIBBEntryMixin is an entry alone. Add an exit, such as RSIBBEntryMixin+ATRExitMixin." in entry.stderr
    assert "ATRExitMixin is an exit alone. Put an entry before it" in leave.stderr
    assert (entry.exit_code, leave.exit_code) == (2, 2)


def test_the_paragraphs_of_a_description_fill_the_lines_of_the_terminal():
    lines = run("show", "pairs").stdout.splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("Vidyamurthy"))
    paragraph = lines[start : lines.index("", start)]
    words = [line.split() for line in paragraph]
    widths = [len(line.rstrip()) for line in paragraph]
    # No line ends before the next word would have left it.
    assert all(width + 1 + len(after[0]) > 80 for width, after in zip(widths, words[1:], strict=False))


def test_one_strategy_as_json():
    assert json.loads(run("buy_and_hold", "--json").stdout)["params"] == []


def test_an_unknown_strategy_offers_the_nearest():
    result = run("buy_and_hld")
    assert result.exit_code == 2
    assert result.stderr == 'Error: strategy: no strategy is called "buy_and_hld". Did you mean "buy_and_hold"?\n'
