"""``tradebot new``: a project, or a strategy with its test, that runs as it is."""

from __future__ import annotations

import keyword
import re
import shutil
import tempfile
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Final

import click

from tradebot.core.errors import ConfigError

_PROJECT_NAME: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?")
_FIRST_IDEA: Final = "breakout"
_WORD_START: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")

_EPILOG: Final = """\b
Examples:
  tradebot new project my-research
  tradebot new strategy night_drift
"""
_PROJECT_EPILOG: Final = """\b
Examples:
  tradebot new project my-research
  tradebot new project research/momentum --json
"""
_STRATEGY_EPILOG: Final = """\b
Examples:
  tradebot new strategy night_drift
  tradebot new strategy night_drift --folder ideas --json
"""


@click.group(epilog=_EPILOG)
def new() -> None:
    """Start a project, or a strategy with its test, that runs as it is."""


@new.command(epilog=_PROJECT_EPILOG)
@click.argument("folder", metavar="NAME", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
def project(folder: Path, as_json: bool) -> None:
    """Make the folder NAME with a strategy, its test, and what a Python project needs."""
    if not _PROJECT_NAME.fullmatch(folder.name):
        mend = "Use letters, digits, hyphens and underscores."
        raise ConfigError(f'"{folder.name}" is no name for a project', place="new project", mend=mend)
    if folder.exists():
        raise ConfigError("it exists already", place=str(folder), mend="Choose another name, or move it away.")
    strategy = f"strategies/{_FIRST_IDEA}.py"
    texts = {
        "README.md": _filled("README.md", project=folder.name, module=_FIRST_IDEA),
        "pyproject.toml": _filled("pyproject.toml"),
        ".gitignore": _filled("gitignore"),
        **_strategy_texts(_FIRST_IDEA, strategy, f"tests/test_{_FIRST_IDEA}.py"),
    }
    _make_folder(folder, texts)
    next_steps = [f"cd {folder}", "python -m pytest", _backtest(strategy)]
    _tell([folder / name for name in texts], next_steps, as_json=as_json)


@new.command(epilog=_STRATEGY_EPILOG)
@click.argument("name")
@click.option("--folder", type=click.Path(path_type=Path), default=Path(),
              help="Where to write it.  [default: here; in a project, its strategies/ and tests/]")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
def strategy(name: str, folder: Path, as_json: bool) -> None:
    """Write a strategy called NAME, and its test."""
    module = _module_name(name)
    in_project = (folder / "strategies").is_dir() and (folder / "tests").is_dir()
    source = Path("strategies" if in_project else "", f"{module}.py")
    test = Path("tests" if in_project else "", f"test_{module}.py")
    texts = _strategy_texts(module, source.as_posix(), test.as_posix())
    for each in (source, test):
        if (folder / each).exists():
            mend = "Choose another name, or move it away."
            raise ConfigError("it exists already", place=str(folder / each), mend=mend)
    _write_all(folder, texts)
    next_steps = [f"python -m pytest {folder / test}", _backtest(folder / source)]
    _tell([folder / source, folder / test], next_steps, as_json=as_json)


def _module_name(name: str) -> str:
    """``NightDrift``, ``night-drift`` and ``night_drift`` as a module's name."""
    from tradebot.strategies.registry import names

    module = _WORD_START.sub("_", name).replace("-", "_").lower()
    if not module.isidentifier() or keyword.iskeyword(module) or module.startswith("_") or not module.isascii():
        mend = "Use letters, digits and underscores, a letter first: night_drift."
        raise ConfigError(f'"{name}" is no name for a strategy', place="new strategy", mend=mend)
    if module in names():
        mend = "Choose another; `tradebot strategies` lists those that are taken."
        raise ConfigError(f'the name "{module}" is taken', place="new strategy", mend=mend)
    return module


def _strategy_texts(module: str, source: str, test: str) -> dict[str, str]:
    words = module.split("_")
    title = " ".join(words).capitalize()
    class_name = "".join(word.capitalize() for word in words)
    return {
        source: _filled("strategy.py", title=title, class_name=class_name, location=source),
        test: _filled("test_strategy.py", class_name=class_name, module=module),
    }


def _filled(name: str, **values: str) -> str:
    text = files("tradebot.cli").joinpath("templates", f"{name}.template").read_text(encoding="utf-8")
    return Template(text).substitute(values)


def _make_folder(folder: Path, texts: dict[str, str]) -> None:
    """The folder appears whole or not at all."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
    try:
        draft.chmod(0o755)
        _write_all(draft, texts)
        (draft / "data").mkdir()
        draft.rename(folder)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise


def _write_all(folder: Path, texts: dict[str, str]) -> None:
    """Write every file or, where one cannot be written, none."""
    written: list[Path] = []
    try:
        for name, text in texts.items():
            file = folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            with file.open("x", encoding="utf-8") as opened:
                written.append(file)
                opened.write(text)
    except BaseException:
        for file in written:
            file.unlink(missing_ok=True)
        raise


def _backtest(source: str | Path) -> str:
    return f"tradebot backtest {source} --data mock --interval 1h --bars 8760"


def _tell(written: list[Path], next_steps: list[str], *, as_json: bool) -> None:
    if as_json:
        import msgspec

        document = {"files": [str(file) for file in written], "next": next_steps}
        click.echo(msgspec.json.format(msgspec.json.encode(document), indent=2))
        return
    for file in written:
        click.echo(f"{click.style('Written:', fg='green')} {file}")
    click.echo("\nNext:")
    for step in next_steps:
        click.echo(f"  {step}")
