"""``tradebot status``: how a bot does, from any terminal, whether it runs, hangs or is dead."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

import click

from tradebot.cli.account.reading import account_option, json_option

if TYPE_CHECKING:
    from tradebot.store.latch import Halted

_EPILOG: Final = """\b
Examples:
  tradebot status
  tradebot status --account paper --json
"""
_MONEY: Final = ("equity", "cash", "realized_pnl", "fees")
_POSITIONS: Final = {"Market": "left", "Quantity": "right", "Entry": "right", "Mark": "right", "Unrealized": "right"}


@click.command(epilog=_EPILOG)
@account_option
@json_option
def status(account: str | None, as_json: bool) -> None:
    """Show state, money, positions, feed and performance of an account's bot, as it published them last.

    A halt is shown as the latch stands now. A status that has grown old belongs to a bot that hangs or was killed.
    """
    from tradebot.app.recording import read_status
    from tradebot.cli.data.output import print_json
    from tradebot.store.accounts import account_folder, existing_account
    from tradebot.store.latch import HaltLatch

    name = existing_account(account)
    folder = account_folder(name)
    found, halted = read_status(folder), HaltLatch(folder).read()
    age = None if found is None else (time.time_ns() - found["written"]) / 1e9
    if as_json:
        print_json({"account": name, "halted": halted, "age_s": age, "status": found})
        return
    if halted is not None:
        click.echo(f"{click.style('halted', fg='red', bold=True)}  {_told(halted)}")
    if found is None or age is None:
        click.echo(f"No bot has published a status on account {name} yet. `tradebot orders` shows its record.")
        return
    _show(name, found, age)


def _told(halted: Halted) -> str:
    return f"by {halted.operator or 'somebody'}: {halted.reason}"


def _show(name: str, found: dict[str, Any], age: float) -> None:
    from tradebot.cli.data.output import print_table

    click.echo(f"{name}  run {found['run_id']}, {found['mode']}, {found['phase']}, {found['state']}, {age:,.0f} s ago")
    click.echo("  ".join(f"{word.replace('_', ' ')} {found[word]:,.2f}" for word in _MONEY))
    made = found["performance"]
    click.echo(f"return {made['return']:.2%}, {made['trades']} trades, {made['wins']} won, {made['fills']} fills")
    feed = found["feed"]
    told = f"  {feed['fault']}" if feed["fault"] else ""
    click.echo(f"feed: {feed['data_points']:,} data points, reopened {feed['reconnects']} times{told}")
    rows = [
        [
            held["symbol"],
            *(f"{held[word]:,.8g}" for word in ("quantity", "entry_price", "mark_price", "unrealized_pnl")),
        ]
        for held in found["positions"]
    ]
    if rows:
        print_table(_POSITIONS, rows)
    else:
        click.echo("No position is open.")
