"""Choosing an account on the command line, and showing what its ledger answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

import click
from click.shell_completion import CompletionItem

from tradebot.cli.data.output import NOTHING, print_json, print_table

if TYPE_CHECKING:
    from decimal import Decimal

    import msgspec

    from tradebot.store.ledger.queries import Ledger

TIMES: Final = ("ts", "created", "updated")


class AccountName(click.ParamType[str]):
    """Name of an account that is kept; shells complete it."""

    name = "account"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        from tradebot.store.accounts import accounts

        return [CompletionItem(name) for name in accounts() if name.startswith(incomplete)]


account_option = click.option(
    "--account", type=AccountName(), help="The account.  [default: the one that was written last]"
)
run_option = click.option("--run", metavar="RUN", help="Only what this run did.")
symbol_option = click.option("--symbol", help="Only this market.")
limit_option = click.option(
    "--limit", type=click.IntRange(min=1), default=50, show_default=True, help="Most rows, from the newest on."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")


def ask(account: str | None, question: Callable[[Ledger], Sequence[msgspec.Struct]]) -> tuple[str | None, list[Any]]:
    """The account's name, and its ledger's answer; no name and no rows where nothing was ever kept.

    Raises
    ------
    ConfigError : there is no account of that name.
    JournalError : its ledger cannot be read.
    """
    from tradebot.store.accounts import account_folder, accounts, existing_account
    from tradebot.store.ledger.queries import Ledger

    if account is None and not accounts():
        return None, []
    name = existing_account(account)
    with Ledger(account_folder(name)) as ledger:
        return name, list(question(ledger))


def show_json(account: str | None, kind: str, rows: list[Any]) -> None:
    """The rows as one document: decimals as text, times as ISO 8601."""
    import msgspec

    from tradebot.core.instant import iso

    plain: list[dict[str, Any]] = [msgspec.to_builtins(row) for row in rows]
    told = [{name: iso(value) if name in TIMES else value for name, value in row.items()} for row in plain]
    print_json({"account": account, kind: told})


def show_table(account: str | None, kind: str, columns: dict[str, str], rows: list[list[str]]) -> None:
    """The rows for people, or a sentence where there are none."""
    if account is None:
        click.echo(f"No {kind}: no account is kept yet. `tradebot run CONFIG` makes one.")
    elif not rows:
        click.echo(f"No {kind} in account {account}.")
    else:
        print_table(columns, rows)


def amount(value: Decimal | None) -> str:
    """A decimal for people, without an exponent or zeros at its end; a dash where there is none."""
    if value is None:
        return NOTHING
    text = f"{value:f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"
