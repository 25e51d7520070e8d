"""``tradebot run``: a bot from a configuration, until it is told to stop."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

if TYPE_CHECKING:
    from tradebot.app.bot import Bot
    from tradebot.config import Loaded
    from tradebot.core.event import Notify

_EPILOG: Final = """\b
Examples:
  tradebot run paper.json --iterations 500
  tradebot run paper.json --mode paper --iterations 20 --json
"""


@click.command(epilog=_EPILOG)
@click.argument("config", type=click.Path(path_type=Path), metavar="CONFIG")
@click.option("--mode", type=click.Choice(["paper", "live"]), help="In the place of engine.mode.")
@click.option("--iterations", type=click.IntRange(min=1), help="Closed bars after which it stops by itself.")
@click.option("--watch", is_flag=True, help="Show what it does in the terminal, while it does.")
@click.option("--json", "as_json", is_flag=True, help="Print the last status as one JSON document and nothing else.")
def run(config: Path, mode: str | None, iterations: int | None, *, watch: bool, as_json: bool) -> None:
    """Run the bot that CONFIG describes until it is told to stop (Ctrl-C, SIGTERM).

    It trades on paper unless the configuration or --mode says live, and `tradebot live approve` allowed exactly that.
    """
    from tradebot.cli.watch.showing import require_terminal
    from tradebot.config import load

    loaded = load(config, os.environ, mode=mode)
    if watch:
        require_terminal(as_json=as_json)
    warn(loaded)
    if loaded.configuration.api.enabled:
        click.echo("warning: api.enabled: `tradebot up CONFIG` serves it; the bot runs without it.", err=True)
    reason, run_id = asyncio.run(_run(loaded, iterations, watch=watch, quiet=as_json))
    if as_json:
        import msgspec

        click.echo(msgspec.json.format(msgspec.json.encode({"stopped": reason, "run": run_id})))
    else:
        click.echo(f"Stopped: {reason}.")


def warn(loaded: Loaded) -> None:
    """Say what the configuration asks for and does not exist yet."""
    for note in loaded.unbuilt("The bot"):
        click.echo(f"warning: {note}", err=True)


async def _run(loaded: Loaded, iterations: int | None, *, watch: bool, quiet: bool) -> tuple[str, str]:
    from tradebot.app.bot import Bot
    from tradebot.app.recording import Recording
    from tradebot.app.standing_in import trade

    async with AsyncExitStack() as opened:
        recording = opened.enter_context(Recording(loaded.configuration, os.environ, tell))
        bot = await opened.enter_async_context(
            Bot.open(loaded, os.environ, iterations=iterations, observers=[recording])
        )
        if not quiet:
            click.echo(f"{bot.run_id} on account {bot.account}; `tradebot status` shows how it does.")
        for note in bot.notes:
            click.echo(f"note: {note}", err=True)
        loop = asyncio.get_running_loop()
        for name in ("SIGINT", "SIGTERM"):
            loop.add_signal_handler(signal.Signals[name], bot.stop, f"told to by {name}")
        trading = trade(bot, loaded, os.environ, recording)
        return await (_watched(bot, trading) if watch else trading), bot.run_id


async def _watched(bot: Bot, trading: Coroutine[None, None, str]) -> str:
    from tradebot.cli.watch.showing import keep_showing, screen, show

    with screen() as live:
        showing = asyncio.create_task(keep_showing(live, bot.account))
        try:
            return await trading
        finally:
            showing.cancel()
            await asyncio.gather(showing, return_exceptions=True)
            show(live, bot.account)


def tell(notice: Notify) -> None:
    """What the operator should know goes to standard error, so that a pipe gets the result alone."""
    click.echo(f"{notice.severity}: {notice.text}", err=True)
