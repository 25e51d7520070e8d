"""What the command line does before any command runs, and how it ends."""

import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from tradebot import __version__
from tradebot.cli import main
from tradebot.core.errors import DataError


def run(*args: str):
    return CliRunner().invoke(main.root, list(args), prog_name="tradebot")


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch):
    """Makes ``tradebot fail`` raise the error it is given."""

    def install(error: BaseException) -> None:
        @click.command()
        def fail() -> None:
            raise error

        monkeypatch.setattr(main.root, "get_command", lambda ctx, name: fail)

    return install


def test_without_arguments_it_shows_the_help():
    result = run()
    assert result.exit_code == 0
    assert "backtest" in result.stdout
    assert result.stderr == ""


def test_the_version_is_the_packages():
    assert run("--version").stdout == f"tradebot {__version__}\n"


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (["backtst"], "Error: No such command 'backtst'. Did you mean 'backtest'? `tradebot --help` shows"),
        (["backtest", "x", "--dta", "y"], "Error: No such option '--dta'."),
        (["backtest"], "Error: Missing argument 'STRATEGY'; a configuration"),
        (["backtest", "x", "--cash", "0"], "Error: Invalid value for '--cash': 0.0 is not in the range x>0."),
        (["completion", "bsh"], "Error: Invalid value for 'SHELL': 'bsh' is not one of 'bash', 'zsh', 'fish'."),
    ],
)
def test_misuse_is_one_sentence_and_code_2(args: list[str], sentence: str):
    result = run(*args)
    assert result.exit_code == 2
    assert result.stderr.startswith(sentence)
    assert result.stderr.count("\n") == 1
    assert result.stdout == ""


def test_an_error_of_ours_is_its_sentence_and_code_2(failing):
    failing(DataError("row 3 is text", place="a.csv", mend="Correct it."))
    result = run("fail")
    assert (result.exit_code, result.stderr) == (2, "Error: a.csv: row 3 is text. Correct it.\n")


def test_an_interrupt_ends_with_code_130(failing):
    failing(KeyboardInterrupt())
    result = run("fail")
    assert (result.exit_code, result.stderr) == (130, "\nInterrupted.\n")


def test_a_defect_says_so_without_a_traceback(failing):
    failing(RuntimeError("boom"))
    result = run("fail")
    assert result.exit_code == 1
    assert result.stderr == (
        "Error: RuntimeError: boom. This is a defect of tradebot: run it again with TRADEBOT_DEBUG=1 and report the "
        "traceback.\n"
    )


def test_the_debug_variable_keeps_the_traceback(failing, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TRADEBOT_DEBUG", "1")
    failing(DataError("row 3 is text"))
    assert isinstance(run("fail").exception, DataError)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_the_shells_script(shell: str):
    result = run("completion", shell)
    assert result.exit_code == 0
    assert "_TRADEBOT_COMPLETE" in result.stdout


def test_help_and_version_import_nothing_heavy():
    code = (
        "import sys\nfrom tradebot.cli.main import root\n"
        "root.main(['--help'], standalone_mode=False)\n"
        "print(sorted({'numpy', 'polars', 'rich', 'msgspec', 'talib', 'tradebot_native'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_every_command_is_where_the_table_says_and_is_documented():
    context = click.Context(main.root)
    for name, target in main.root.targets.items():
        command = main.root.get_command(context, name)
        assert command is not None
        assert command.name == name
        assert command.help
        assert target.summary.endswith(".")
