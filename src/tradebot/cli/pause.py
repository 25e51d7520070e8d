"""``tradebot pause`` and ``resume``: keep a bot from opening positions for a while, from any terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from tradebot.cli.account.reading import account_option, json_option

if TYPE_CHECKING:
    from tradebot.core.event import OperatorAction

_PAUSE_EPILOG: Final = """\b
Examples:
  tradebot pause
  tradebot pause --account demo --reason "news at noon" --json
"""
_RESUME_EPILOG: Final = """\b
Examples:
  tradebot resume
  tradebot resume --account demo --json
"""
_ENDS: Final = {
    "heard": "",
    "waits": " No bot runs on it: the next one hears of it when it starts.",
    "unheard": " Its bot has not answered for 3 s and hears of it when it does; `tradebot halt` does not wait for it.",
}


@click.command("pause", epilog=_PAUSE_EPILOG)
@account_option
@click.option("--reason", default="", help="One sentence for the record.")
@json_option
def pause_entries(account: str | None, reason: str, *, as_json: bool) -> None:
    """Open no position until `tradebot resume`; exits go on, and orders that work stay."""
    from tradebot.core.event import OperatorAction

    _tell(account, OperatorAction.PAUSE, reason, as_json=as_json)


@click.command("resume", epilog=_RESUME_EPILOG)
@account_option
@click.option("--reason", default="", help="One sentence for the record.")
@json_option
def resume_entries(account: str | None, reason: str, *, as_json: bool) -> None:
    """End a pause. It ends no halt: that is `tradebot release`."""
    from tradebot.core.event import OperatorAction

    _tell(account, OperatorAction.RESUME, reason, as_json=as_json)


def _tell(account: str | None, action: OperatorAction, reason: str, *, as_json: bool) -> None:
    from tradebot.cli.account.telling import tell
    from tradebot.cli.data.output import print_json
    from tradebot.store.accounts import existing_account

    name = existing_account(account)
    heard = tell(name, action, reason)
    if as_json:
        print_json({"account": name, "action": action, "bot": heard})
    else:
        click.echo(f"{name}: {action}d.{_ENDS[heard]}")
