"""``tradebot completion``: the script that teaches a shell to complete."""

from __future__ import annotations

from typing import Final

import click
from click.shell_completion import get_completion_class

_INSTALL: Final = {
    "bash": 'eval "$(tradebot completion bash)"  # in ~/.bashrc',
    "zsh": 'eval "$(tradebot completion zsh)"   # in ~/.zshrc',
    "fish": "tradebot completion fish > ~/.config/fish/completions/tradebot.fish",
}


@click.command(epilog="\b\n" + "\n".join(_INSTALL.values()))
@click.argument("shell", type=click.Choice(list(_INSTALL)), metavar="SHELL")
def completion(shell: str) -> None:
    """Print the completion script of SHELL, to be loaded when it starts."""
    kind = get_completion_class(shell)
    if kind is None:
        raise click.UsageError(f"click does not complete for {shell}")
    root = click.get_current_context().find_root().command
    click.echo(kind(root, {}, "tradebot", "_TRADEBOT_COMPLETE").source())
