"""What holds for every command there is and every one that will come."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from command_tree import commands, examples, label
from tradebot.cli import main

EVERY = commands()
LEAVES = commands(groups=False)
DOCS = Path(__file__).parents[3] / "docs" / "command-line.md"
SOURCES = sorted(Path(main.__file__).parent.rglob("*.py"))

_SECRET = re.compile(
    r"(^|[-_])(api[-_]?)?(key|keys|secret|secrets|token|password|passwd|passphrase|credential)([-_]|$)"
)

each_command = pytest.mark.parametrize(("path", "command"), EVERY, ids=[label(path) for path, _ in EVERY])
each_leaf = pytest.mark.parametrize(("path", "command"), LEAVES, ids=[label(path) for path, _ in LEAVES])


def options_of(command: click.Command) -> list[click.Option]:
    return [each for each in command.params if isinstance(each, click.Option)]


@each_command
def test_the_help_says_what_it_does_and_shows_an_example(path: tuple[str, ...], command: click.Command):
    result = CliRunner().invoke(main.root, [*path, "--help"], prog_name="tradebot")
    assert result.exit_code == 0
    assert command.help
    assert command.help.strip().partition("\n")[0].rstrip().endswith(".")
    assert examples(command), "the epilog has no section of examples"
    for line in examples(command):
        assert line in result.stdout, "the help does not show the example as it is written"
    assert any(line.startswith(f"tradebot {label(path)}") for line in examples(command)), "no example is of it"


@each_command
def test_every_option_is_explained(path: tuple[str, ...], command: click.Command):
    for option in options_of(command):
        assert option.help, option.name


@each_leaf
def test_every_command_answers_in_json(path: tuple[str, ...], command: click.Command):
    (option,) = [each for each in options_of(command) if "--json" in each.opts]
    assert option.is_flag


@each_command
def test_no_command_asks_for_a_value_it_was_not_given(path: tuple[str, ...], command: click.Command):
    assert [each.name for each in options_of(command) if each.prompt or each.hide_input] == []


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: file.stem)
def test_what_asks_a_person_first_looks_whether_one_is_there(file: Path):
    text = file.read_text(encoding="utf-8")
    if re.search(r"\b(confirm|prompt|input|getpass|pause)\(", text):
        assert "sys.stdin.isatty()" in text


@each_command
def test_no_secret_is_given_on_a_command_line(path: tuple[str, ...], command: click.Command):
    # A command line is seen by every user of a machine and kept in the history of the shell.
    names = [name for each in command.params for name in (*each.opts, *each.secondary_opts)]
    assert [name for name in names if _SECRET.search(name.lstrip("-").lower())] == []


@pytest.mark.parametrize(
    "name", ["--api-key", "--secret", "--token", "--db-password", "--telegram-token", "api_secret"]
)
def test_the_pattern_knows_a_secret_by_its_name(name: str):
    assert _SECRET.search(name.lstrip("-").lower())


@pytest.mark.parametrize("name", ["--keep", "--no-keep", "--symbol", "--tokens-file-not", "keyring"])
def test_the_pattern_leaves_other_names_alone(name: str):
    assert not _SECRET.search(name.lstrip("-").lower())


def test_the_exit_codes_are_documented():
    text = DOCS.read_text(encoding="utf-8")
    table = dict(re.findall(r"^\| (\d+) \| (.+?) \|$", text, re.MULTILINE))
    codes = {0, main.EXIT_FAILED, main.EXIT_MISUSE, main.EXIT_INTERRUPTED}
    assert set(map(int, table)) == codes


@each_command
def test_every_command_is_documented(path: tuple[str, ...], command: click.Command):
    pages = "".join(page.read_text(encoding="utf-8") for page in DOCS.parent.glob("*.md"))
    assert f"tradebot {label(path)}" in pages
