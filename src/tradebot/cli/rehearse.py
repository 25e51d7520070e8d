"""``tradebot live rehearse``: every act of a bot's broker on Binance's demo, before it may trade real money."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from tradebot.cli.account.reading import json_option
from tradebot.cli.tables import print_whole

if TYPE_CHECKING:
    from rich.live import Live
    from rich.table import Table

    from tradebot.app.rehearsal import Cleared, Plan, Rehearsal
    from tradebot.config import Loaded
    from tradebot.store.rehearsals import Receipt, Step

_MARKETS: Final = {"spot": "spot", "usdm": "the USD-M futures"}
_PLACES: Final = {"demo": "Binance's demo, with play money", "local": "the local exchange"}
_EPILOG: Final = """\b
Exit code 0: every step passed. Exit code 1: one failed, and what it had placed was taken back, or it says what was not.

\b
Examples:
  tradebot live rehearse live.json  # network
  tradebot live rehearse live.json --symbol ETHUSDT --json  # network
"""


@click.command(epilog=_EPILOG)
@click.argument("config", type=click.Path(path_type=Path), metavar="CONFIG")
@click.option("--symbol", metavar="SYMBOL", help="The market.  [default: the first of the configuration]")
@json_option
def rehearse(config: Path, symbol: str | None, *, as_json: bool) -> None:
    """Let a configuration's broker do on Binance's demo all that it will have to do with real money.

    It buys a few times the least order, protects it by a stop and a target, moves the stop, sells a part, connects
    anew, takes a limit order back, closes the rest and reckons up, and says of each step what the exchange did. It asks
    nothing, and never touches the real exchange: the demo has keys of its own (BINANCE_DEMO_API_KEY and
    BINANCE_DEMO_API_SECRET). A configuration with "host": "local" is played on the local exchange: that proves nothing.
    """
    import asyncio

    from tradebot.config import load

    loaded = load(config, os.environ, mode="live")
    audience = _Silent() if as_json else _Showing()
    try:
        rehearsal = asyncio.run(_rehearsed(loaded, audience, symbol))
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None
    finally:
        audience.ends()
    if as_json:
        _print(rehearsal)
    else:
        click.echo(_verdict(rehearsal.receipt))
    if rehearsal.receipt.failed:
        click.get_current_context().exit(1)


async def _rehearsed(loaded: Loaded, audience: _Silent, symbol: str | None) -> Rehearsal:
    """Play it; SIGTERM ends it as Ctrl-C does, once what it has placed is taken back."""
    import asyncio
    import signal

    from tradebot.app.rehearsal import rehearse

    playing = asyncio.create_task(rehearse(loaded, os.environ, audience, symbol=symbol))
    for number in (signal.SIGINT, signal.SIGTERM):
        # However often it comes: what was placed is taken back first.
        asyncio.get_running_loop().add_signal_handler(number, playing.cancel)
    return await playing


class _Silent:
    """Says only what must not be missed."""

    def begins(self, plan: Plan) -> None:
        """Nothing is shown."""

    def played(self, step: Step) -> None:
        """Nothing is shown."""

    def clears(self) -> None:
        """Say it also to whoever has stopped it, and might stop this as well."""
        click.echo("What the rehearsal has placed is taken back now; wait for it.", err=True)

    def cleared(self, cleared: Cleared) -> None:
        """Say what was taken back and what was not."""
        if cleared.canceled or cleared.sold:
            sold = f", and {cleared.sold:f} units sold" if cleared.sold else ""
            click.echo(f"Taken back: {', '.join(cleared.canceled) or 'no order'}{sold}.", err=True)
        if not (cleared.orders or cleared.units or cleared.fault):
            click.echo("Nothing of the rehearsal's is left.", err=True)
            return
        left = f"orders {', '.join(cleared.orders) or 'none'}; {cleared.units:f} units"
        told = f"NOT TAKEN BACK: {left}. {cleared.fault}".rstrip()
        click.echo(click.style(f"{told} Look at the account at the exchange, and close it there.", fg="red"), err=True)

    def ends(self) -> None:
        """Nothing is shown any more."""


class _Showing(_Silent):
    """A table that grows by a row with every step; in a pipe it is shown when it is whole."""

    def __init__(self) -> None:
        self._table: Table = _table()
        self._live: Live | None = None

    def begins(self, plan: Plan) -> None:
        """Say what will be done, where, and with how much."""
        from rich.console import Console
        from rich.live import Live

        click.echo(
            f"Rehearsal of {_MARKETS[plan.market]} on {_PLACES[plan.host]} ({plan.address}): buys {plan.quantity:f} "
            f"{plan.base} in {plan.symbol}, worth about {plan.worth:,.2f} {plan.quote}, and sells them again. "
            f"{len(plan.steps)} steps, about a minute.",
            err=True,
        )
        console = Console()
        if console.is_terminal:
            self._live = Live(self._table, console=console)
            self._live.start()

    def played(self, step: Step) -> None:
        """Show a step."""
        from rich.markup import escape

        mark = "[green]✓[/green]" if step.passed else "[red]✗[/red]"
        self._table.add_row(mark, *map(escape, (step.name, step.expected, step.said)), f"{step.seconds:.1f} s")
        if self._live is not None:
            self._live.refresh()

    def clears(self) -> None:
        """The table has no more rows."""
        self.ends()
        super().clears()

    def ends(self) -> None:
        """Leave the table as it is, once."""
        if self._live is not None:
            self._live.stop()
        elif self._table.row_count:
            print_whole(self._table)
        self._live, self._table = None, _table()


def _table() -> Table:
    from rich.table import Table

    table = Table()
    for title in ("", "Step", "Expected", "The exchange", "Time"):
        table.add_column(title, no_wrap=not title, justify="right" if title == "Time" else "left")
    return table


def _verdict(receipt: Receipt) -> str:
    from tradebot.core.instant import iso

    if (failed := receipt.failed) is not None:
        return f'Failed at "{failed.name}": {failed.said}'
    if receipt.host != "demo":
        return f"Passed on the {receipt.host} exchange. For real money it must pass on Binance's demo."
    until = iso(receipt.expires)
    return f"Passed. It counts until {until}, for this code of tradebot: `tradebot live approve CONFIG` is next."


def _print(rehearsal: Rehearsal) -> None:
    import msgspec

    receipt = rehearsal.receipt
    document: dict[str, Any] = msgspec.to_builtins(rehearsal)
    document["passed"] = receipt.failed is None
    document["failed"] = None if receipt.failed is None else receipt.failed.name
    click.echo(msgspec.json.format(msgspec.json.encode(document), indent=2))
