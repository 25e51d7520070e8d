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


_EPILOG: Final = (
    "\b\nTo install it:\n"
    + "\n".join(f"  {line}" for line in _INSTALL.values())
    + """

\b
Examples:
  tradebot completion bash
  tradebot completion fish --json
"""
)


@click.command(epilog=_EPILOG)
@click.argument("shell", type=click.Choice(list(_INSTALL)), metavar="SHELL")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
def completion(shell: str, as_json: bool) -> None:
    """Print the completion script of SHELL, to be loaded when it starts."""
    kind = get_completion_class(shell)
    if kind is None:
        raise click.UsageError(f"click does not complete for {shell}")
    root = click.get_current_context().find_root().command
    script = kind(root, {}, "tradebot", "_TRADEBOT_COMPLETE").source()
    if as_json:
        import msgspec

        script = msgspec.json.encode({"shell": shell, "script": script, "install": _INSTALL[shell]}).decode()
    click.echo(script)
