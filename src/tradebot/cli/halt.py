"""``tradebot halt`` and ``release``: the kill switch, from any terminal, with the bot alive or dead."""

from __future__ import annotations

import asyncio
import getpass
import os
import time
from typing import TYPE_CHECKING, Any, Final

import click

from tradebot.cli.account.reading import account_option, json_option

if TYPE_CHECKING:
    from tradebot.app.halting import Swept
    from tradebot.store.latch import Halted

_HALT_EPILOG: Final = """\b
Examples:
  tradebot halt
  tradebot halt --account paper --reason "the market is mad"
  tradebot halt --flatten --json
"""
_RELEASE_EPILOG: Final = """\b
Examples:
  tradebot release
  tradebot release --account paper --json
"""
_AFTER_RELEASE: Final = {
    "heard": "Its bot opens positions again, also where a limit or a closed market kept it from that.",
    "waits": "No bot runs on it: the next one opens positions again when it starts.",
    "unheard": "Its bot has not answered for 3 s; it opens positions again when it does.",
}


@click.command(epilog=_HALT_EPILOG)
@account_option
@click.option("--flatten", is_flag=True, help="Close every position as well.")
@click.option("--reason", default="halted by a person", show_default=True, help="One sentence for the record.")
@json_option
def halt(account: str | None, reason: str, *, flatten: bool, as_json: bool) -> None:
    """Stop an account from trading until it is released, and take back its orders.

    The latch is set first: no order that opens anything leaves from then on, whatever state the bot is in. An account
    that trades for real is swept at its broker at once. Exits of open positions stay unless --flatten closes those.
    Exit code 1 says that something is left at the broker for you to look at.
    """
    from tradebot.core.errors import TradebotError
    from tradebot.store.accounts import account_folder, existing_account
    from tradebot.store.latch import Halted, HaltLatch

    name = existing_account(account)
    folder = account_folder(name)
    halted = Halted(ts=time.time_ns(), operator=getpass.getuser(), reason=reason, flatten=flatten)
    HaltLatch(folder).set(halted)
    try:
        swept = asyncio.run(_sweep(name, flatten=flatten))
    except TradebotError as error:
        # The latch holds, and what works at the broker still works: that must not be missed.
        error.fact = f"{name} is halted and opens nothing, but its orders at the broker remain: {error.fact}"
        error.mend = f"{error.mend} Halt again, or take them back at the broker.".lstrip()
        raise
    _show(name, halted, swept, as_json=as_json)
    if swept is not None and (swept.left or swept.open or swept.bare or swept.unread):
        # The latch holds; what is left at the broker wants a person.
        click.get_current_context().exit(1)


@click.command(epilog=_RELEASE_EPILOG)
@account_option
@json_option
def release(account: str | None, *, as_json: bool) -> None:
    """End a halt, and whatever else keeps entries back until a person has looked.

    A reached drawdown and markets that are closed because something traded there that was never sent from here end
    with it too, whether a halt was set or not.
    """
    from tradebot.cli.account.telling import tell
    from tradebot.core.event import OperatorAction
    from tradebot.store.accounts import account_folder, existing_account
    from tradebot.store.latch import HaltLatch

    name = existing_account(account)
    latch = HaltLatch(account_folder(name))
    before = latch.read()
    latch.release()
    heard = tell(name, OperatorAction.RELEASE)
    if as_json:
        _print({"account": name, "was_halted": before is not None, "bot": heard})
        return
    was = "released." if before else "no halt was set."
    click.echo(f"{name}: {was} {_AFTER_RELEASE[heard]}")


async def _sweep(name: str, *, flatten: bool) -> Swept | None:
    from tradebot.app.halting import sweep, venue_of
    from tradebot.store.accounts import account_folder

    folder = account_folder(name)
    venue = venue_of(folder)
    return None if venue is None else await sweep(folder, venue, os.environ, flatten=flatten)


def _show(name: str, halted: Halted, swept: Swept | None, *, as_json: bool) -> None:
    import msgspec

    if as_json:
        done = None if swept is None else msgspec.to_builtins(swept)
        _print({"account": name, "reason": halted.reason, "flatten": halted.flatten, "at_broker": done})
        return
    click.echo(f"{name}: halted until `tradebot release`.")
    if swept is None:
        click.echo("Its orders are on paper; a running bot takes them back at once, another one when it starts.")
        return
    click.echo(f"At the broker: {len(swept.canceled)} orders taken back, {len(swept.kept)} exits of positions kept.")
    if swept.closing:
        click.echo(f"Being closed: {', '.join(swept.closing)}.")
    if swept.open:
        click.echo(f"Not closed: {', '.join(swept.open)}. {_why_open(name)}", err=True)
    if swept.bare:
        click.echo(f"Without a stop at the broker: {', '.join(swept.bare)}. Sell there, or place a stop.", err=True)
    if swept.unread:
        told = f"Its coins could not be looked through ({swept.unread}), so they and their exits were left as they are."
        click.echo(f"{told} Halt again, or sell them at the broker.", err=True)
    if swept.left:
        click.echo(f"Still working: {', '.join(swept.left)}. Halt again, or take them back at the broker.", err=True)


def _why_open(name: str) -> str:
    from tradebot.store.accounts import account_folder
    from tradebot.store.locks import holder, is_free

    folder = account_folder(name)
    if is_free(folder):
        return "The exchange has not sold all of it: look at it there, or halt again."
    what = f"The bot's process{holder(folder)} closes its own coins as soon as it runs."
    return f"{what} If it hangs, end it and halt again: they are sold from here then."


def _print(document: dict[str, Any]) -> None:
    import msgspec

    click.echo(msgspec.json.format(msgspec.json.encode(document), indent=2))
