"""The tutorial, ``docs/writing-a-strategy.md``, from top to bottom as a person works through it.

A Python block whose first line is ``# name.py`` becomes that file, any other runs in one session. In a console block
the lines after a command are what it prints; a line ``...`` stands for any lines.
"""

from __future__ import annotations

import doctest
import re
import shlex
import sys
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tradebot.cli.main import root

PAGE = Path(__file__).parents[2] / "docs" / "writing-a-strategy.md"
BLOCK = re.compile(r"^```(?P<kind>\w*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"# (?P<name>[\w/]+\.py)\n")
ANY = "..."


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TRADEBOT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TRADEBOT_STRATEGIES", str(tmp_path / "strategies"))
    monkeypatch.syspath_prepend(str(tmp_path))
    for name in FILE.findall(PAGE.read_text(encoding="utf-8")):
        monkeypatch.delitem(sys.modules, name.removesuffix(".py"), raising=False)
    return tmp_path


def test_the_tutorial_works_from_top_to_bottom(workplace: Path):
    session: dict[str, Any] = {"__name__": "session"}
    blocks = [(match["kind"], match["text"]) for match in BLOCK.finditer(PAGE.read_text(encoding="utf-8"))]
    assert len(blocks) > 10
    for kind, text in blocks:
        if kind == "python" and (named := FILE.match(text)):
            file = workplace / named["name"]
            file.parent.mkdir(exist_ok=True)
            file.write_text(text, encoding="utf-8")
        elif kind == "python":
            exec(compile(text, PAGE.name, "exec"), session)
        elif kind == "pycon":
            assert_talks(text, session)
        else:
            assert kind == "console", f"a block of {kind or 'no kind'} cannot be run"
            assert_prints(text)


def assert_talks(text: str, session: dict[str, Any]) -> None:
    told: list[str] = []
    example = doctest.DocTestParser().get_doctest(text, session, PAGE.name, str(PAGE), 0)
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    assert runner.run(example, out=told.append, clear_globs=False).failed == 0, "".join(told)


def assert_prints(text: str) -> None:
    """Run the commands of a console block one after another, and compare what each prints."""
    for command in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        line, *wanted = command.rstrip("\n").split("\n")
        words = shlex.split(line)
        assert words[0] == "tradebot"
        result = CliRunner().invoke(root, words[1:], prog_name="tradebot")
        given = [each.rstrip() for each in result.output.rstrip("\n").split("\n")]
        pattern = [ANY if every else list(lines) for every, lines in groupby(wanted, ANY.__eq__)]
        assert any(each.startswith("Error:") for each in given) == any(each.startswith("Error:") for each in wanted), (
            given
        )
        assert fits(given, pattern), f"$ {line}\n" + "\n".join(given)


def fits(given: list[str], pattern: list[Any]) -> bool:
    """Whether the stretches of lines come in order, with any lines where the pattern has ``...``."""
    text = r"\n".join(r"(?:.*\n)*.*" if part == ANY else r"\n".join(map(re.escape, part)) for part in pattern)
    return re.fullmatch(text, "\n".join(given)) is not None


@pytest.mark.parametrize(
    ("given", "wanted", "fitting"),
    [
        (["a", "b"], [["a", "b"]], True),
        (["a", "b", "c"], [["a"], ANY, ["c"]], True),
        (["a", "b", "c"], [["a"], ANY], True),
        (["a", "b"], [["a"]], False),
        (["a", "b", "c"], [["a"], ANY, ["b"]], False),
        (["b"], [["a"]], False),
    ],
)
def test_printed_lines_are_held_against_the_page(given: list[str], wanted: list[Any], fitting: bool):
    assert fits(given, wanted) is fitting
