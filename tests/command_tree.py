"""Every command of the command line, for tests that hold for all of them."""

from __future__ import annotations

import re
from collections.abc import Iterator

import click

from tradebot.cli.main import root

Path = tuple[str, ...]
"""Names from the root to a command, without the root's own."""

_EXAMPLE = re.compile(r"^  (?P<line>tradebot .+)$", re.MULTILINE)


def commands(*, groups: bool = True) -> list[tuple[Path, click.Command]]:
    """All commands below the root, groups among them where asked for."""
    found = list(_walk((), root, click.Context(root, info_name="tradebot")))
    return [(path, command) for path, command in found if groups or not isinstance(command, click.Group)]


def _walk(path: Path, command: click.Command, context: click.Context) -> Iterator[tuple[Path, click.Command]]:
    if path:
        yield path, command
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None, (*path, name)
            yield from _walk((*path, name), below, click.Context(below, parent=context, info_name=name))


def examples(command: click.Command) -> list[str]:
    """The command lines under "Examples:" in a command's help."""
    _, heading, below = (command.epilog or "").partition("Examples:\n")
    return [match["line"] for match in _EXAMPLE.finditer(below.partition("\n\n")[0])] if heading else []


def label(path: Path) -> str:
    """A command's name for the title of a test."""
    return " ".join(path)
