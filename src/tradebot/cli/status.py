"""``tradebot status``: how a bot does, from any terminal, whether it runs, hangs or is dead."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click

from tradebot.cli.account.reading import account_option, json_option

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tradebot.app.standing import Standing

_EPILOG: Final = """\b
Examples:
  tradebot status
  tradebot status --account demo --json
"""
_MONEY: Final = ("equity", "cash", "realized_pnl", "fees")
_POSITIONS: Final = {"Market": "left", "Quantity": "right", "Entry": "right", "Mark": "right", "Unrealized": "right"}
_HEALTH: Final = {
    "alive": ("green", "alive"),
    "hangs": ("red", "hangs: it has published nothing for {age:,.0f} s"),
    "stopped": ("yellow", "stopped {age:,.0f} s ago"),
    "dead": ("red", "dead: its last sign is {age:,.0f} s old; start it again, and it goes on where it was"),
}


@click.command(epilog=_EPILOG)
@account_option
@click.option("--watch", is_flag=True, help="Keep showing it, twice a second, until Ctrl-C.")
@json_option
def status(account: str | None, *, watch: bool, as_json: bool) -> None:
    """Show whether an account's bot is alive, its state, money, positions, feed and performance.

    Whether it lives and whether it is halted is looked up now; the rest is what it published last, every second while
    it runs.
    """
    import msgspec

    from tradebot.app.standing import standing_of
    from tradebot.cli.data.output import print_json
    from tradebot.store.accounts import existing_account

    name = existing_account(account)
    if watch:
        _watch(name, as_json=as_json)
        return
    standing = standing_of(name)
    if as_json:
        print_json({"health": standing.health, **msgspec.to_builtins(standing)})
        return
    for word, colour in warnings(standing):
        click.echo(click.style(word, fg=colour, bold=True))
    if standing.status is None:
        click.echo(f"No bot has published a status on account {standing.account} yet. `tradebot orders` tells more.")
        return
    _show(standing, standing.status)


def _watch(account: str, *, as_json: bool) -> None:
    import asyncio

    from tradebot.cli.watch.showing import keep_showing, require_terminal, screen

    require_terminal(as_json=as_json)
    with screen() as live:
        asyncio.run(keep_showing(live, account))


def health_of(standing: Standing) -> tuple[str, str]:
    """Whether the bot lives, in words, and the colour of that."""
    colour, words = _HEALTH[standing.health]
    return words.format(age=standing.age_s or 0.0), colour


def warnings(standing: Standing) -> Iterator[tuple[str, str]]:
    """What keeps the bot from opening positions or from real money, each with its mend and its colour."""
    from tradebot.core.event import OperatorAction

    found = standing.status or {}
    waiting = [word for word in standing.waiting if word.action is not OperatorAction.RELEASE]
    if standing.halted is not None:
        by = standing.halted.operator or "somebody"
        yield f"halted by {by}: {standing.halted.reason}. `tradebot release` ends it.", "red"
    elif len(waiting) < len(standing.waiting):
        hears = "as soon as its bot hears of it" if standing.is_alive else "when its bot is started again"
        yield f"released: it opens positions again {hears}.", "yellow"
    elif found.get("state") == "halted":
        yield f"halted: {found['halted']}. `tradebot release` ends it.", "red"
    elif found.get("halted"):
        yield f"no entries: {found['halted']} is reached. `tradebot release` ends it.", "red"
    if found.get("stand_in"):
        yield f"TRADES ON PAPER, as account {found['stand_in']}: its broker is lost, nothing is traded for real.", "red"
    if found.get("stands_in_for"):
        yield f"ON PAPER, in the place of {found['stands_in_for']}, whose broker is lost: no real money here.", "red"
    if found.get("state") == "paused":
        yield "paused: `tradebot resume` ends it.", "yellow"
    closed = [market["symbol"] for market in found.get("markets", []) if market["quarantined"]]
    if closed:
        fact = f"closed to entries: {', '.join(closed)}, where something traded that was never sent from here"
        yield f"{fact}. Look at it, then `tradebot release` opens it.", "red"
    for word in waiting:
        yield f"{word.action} by {word.operator} waits to be heard", "yellow"


def _show(standing: Standing, found: dict[str, Any]) -> None:
    from tradebot.cli.data.output import print_table

    words, colour = health_of(standing)
    click.echo(f"{standing.account}  {click.style(words, fg=colour)}")
    click.echo(f"run {found['run_id']}, {found['mode']}, {found['phase']}, {found['state']}")
    today = "" if standing.day_pnl is None else f"  today {standing.day_pnl:+,.2f}"
    click.echo("  ".join(f"{word.replace('_', ' ')} {found[word]:,.2f}" for word in _MONEY) + today)
    made = found["performance"]
    click.echo(f"return {made['return']:.2%}, {made['trades']} trades, {made['wins']} won, {made['fills']} fills")
    feed = found["feed"]
    age = "" if standing.data_age_s is None else f", the newest {standing.data_age_s:,.0f} s old"
    told = f"  {feed['fault']}" if feed["fault"] else ""
    click.echo(f"feed: {feed['data_points']:,} data points{age}, reopened {feed['reconnects']} times{told}")
    if found["broker"]["fault"]:
        click.echo(f"broker: {found['broker']['fault']}")
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
