"""A command group that imports a subcommand when it is called, so that ``--help`` answers at once."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Any

import click


@dataclass(frozen=True, slots=True)
class Target:
    """Where a subcommand lives, and the line that ``--help`` shows for it without importing it.

    Attributes
    ----------
    module, attribute : the ``click.Command`` is ``attribute`` of ``module``.
    summary : one line for people.
    """

    module: str
    attribute: str
    summary: str


class LazyGroup(click.Group):
    """Group whose subcommands are named by a table.

    Parameters
    ----------
    targets : subcommand name to its target, in the order of the help.
    """

    def __init__(self, *args: Any, targets: dict[str, Target], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.targets = targets

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.targets)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        target = self.targets.get(cmd_name)
        if target is None:
            return None
        command: click.Command = getattr(importlib.import_module(target.module), target.attribute)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.exceptions.NoSuchCommand as error:
            raise click.exceptions.NoSuchCommand(error.command_name, possibilities=self.targets, ctx=ctx) from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, target.summary) for name, target in self.targets.items()])
