"""``tradebot paper``: a paper account at a glance, and a new beginning for it."""

from __future__ import annotations

from typing import Final

import click

from tradebot.cli.account.reading import account_option, json_option

_STATUS_EPILOG: Final = """\b
Examples:
  tradebot paper status --account demo
  tradebot paper status --account demo --json
"""
_RESET_EPILOG: Final = """\b
Examples:
  tradebot paper reset --account demo
  tradebot paper reset --account demo --json
"""


@click.group(epilog="\b\nExamples:\n  tradebot paper status --account demo")
def paper() -> None:
    """Look at paper accounts, and let one begin anew."""


@paper.command(epilog=_STATUS_EPILOG)
@account_option
@json_option
def status(account: str | None, *, as_json: bool) -> None:
    """Show how a paper account stands by its record, whether its bot runs or not."""
    import msgspec

    from tradebot.app.paper import paper_account
    from tradebot.cli.data.output import print_json
    from tradebot.store.accounts import account_folder, existing_account

    found = paper_account(account_folder(existing_account(account)))
    if as_json:
        print_json(msgspec.to_builtins(found))
        return
    runs = "its bot runs" if found.is_running else "no bot runs on it"
    click.echo(f"{found.account}  {runs}")
    click.echo(f"began with {found.initial_balance:,.2f}, is worth {found.equity:,.2f}: {found.total_return:+.2%}")
    click.echo(f"realized {found.realized:+,.2f} before fees, {found.positions} positions, {found.open_orders} orders")


@paper.command(epilog=_RESET_EPILOG)
@click.option("--account", required=True, help="The account, by its name.")
@json_option
def reset(account: str, *, as_json: bool) -> None:
    """Set the record of a paper account aside, so that its next run begins with the first balance.

    Nothing is deleted: the old record is an account of its own from then on. While a bot runs on the account it is
    refused.
    """
    from tradebot.app.paper import set_aside
    from tradebot.cli.data.output import print_json
    from tradebot.store.accounts import account_folder, existing_account

    aside = set_aside(account_folder(existing_account(account)))
    if as_json:
        print_json({"account": account, "kept_as": aside.name})
    else:
        click.echo(f"{account}: begins anew with its next run. The record is kept as {aside.name}.")
