"""``tradebot token``: credentials of programs that use the interface."""

from __future__ import annotations

from typing import Final

import click

_CREATE: Final = """\b
Examples:
  tradebot token create notebook
  tradebot token create deployer --role operator --json
"""
_REVOKE: Final = """\b
Examples:
  tradebot token revoke old
  tradebot token revoke old --json
"""


@click.group(epilog="\b\nExamples:\n  tradebot token list\n  tradebot token create notebook")
def token() -> None:
    """Make, list and revoke tokens, by which programs use the interface."""


@token.command(epilog=_CREATE, context_settings={"show_default": True})
@click.argument("name")
@click.option("--role", type=click.Choice(["viewer", "operator"]), default="viewer", help="What it may do.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
def create(name: str, role: str, as_json: bool) -> None:
    """Make a token called NAME and print it, once: only its hash is kept."""
    from tradebot.api.access.roles import Role
    from tradebot.api.access.tokens import Tokens, tokens_file

    text = Tokens(tokens_file()).create(name, Role[role.upper()])
    if as_json:
        _print({"name": name, "role": role, "token": text})
    else:
        click.echo(text)
        click.echo("It is shown this once. Send it as `Authorization: Bearer TOKEN`.", err=True)


@token.command("list", epilog="\b\nExamples:\n  tradebot token list\n  tradebot token list --json")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
def list_all(as_json: bool) -> None:
    """List the tokens, without their text."""
    from tradebot.api.access.tokens import Tokens, tokens_file
    from tradebot.core.instant import iso

    found = [
        {"name": each.name, "role": each.role, "created": iso(each.created)} for each in Tokens(tokens_file()).all()
    ]
    if as_json:
        _print({"tokens": found})
        return
    for each in found:
        click.echo(f"{each['name']:<24}{each['role']:<10}{each['created']}")
    if not found:
        click.echo("There is none; `tradebot token create NAME` makes one.")


@token.command(epilog=_REVOKE)
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
def revoke(name: str, as_json: bool) -> None:
    """Take the token called NAME away; it holds no more at once."""
    from tradebot.api.access.tokens import Tokens, tokens_file
    from tradebot.core.errors import ConfigError, did_you_mean

    tokens = Tokens(tokens_file())
    if not tokens.revoke(name):
        mend = did_you_mean(name, [each.name for each in tokens.all()]) or "`tradebot token list` lists them."
        raise ConfigError(f'no token is called "{name}"', place="name", mend=mend)
    _print({"revoked": name}) if as_json else click.echo(f"Revoked: {name}.")


def _print(document: object) -> None:
    import msgspec

    click.echo(msgspec.json.format(msgspec.json.encode(document), indent=2))
