"""``tradebot run``: a bot on paper, from a configuration, until it is told to stop."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

if TYPE_CHECKING:
    from tradebot.app.bot import Bot

_EPILOG: Final = """\b
Examples:
  tradebot run paper.json --iterations 500
  tradebot run paper.json --iterations 20 --json
"""


@click.command(epilog=_EPILOG)
@click.argument("config", type=click.Path(path_type=Path), metavar="CONFIG")
@click.option("--iterations", type=click.IntRange(min=1), help="Closed bars after which it stops by itself.")
@click.option("--json", "as_json", is_flag=True, help="Print the last status as one JSON document and nothing else.")
def run(config: Path, iterations: int | None, *, as_json: bool) -> None:
    """Run the bot that CONFIG describes until it is told to stop (Ctrl-C, SIGTERM)."""
    from tradebot.app.bot import Bot
    from tradebot.config import load

    with Bot(load(config, os.environ), iterations=iterations) as bot:
        if not as_json:
            click.echo(f"{bot.run_id} on account {bot.account}; `tradebot status` tells how it does.")
        reason = asyncio.run(_until_stopped(bot))
        if as_json:
            import msgspec

            click.echo(msgspec.json.format(msgspec.json.encode({"stopped": reason, "run": bot.run_id})))
        else:
            click.echo(f"Stopped: {reason}.")


async def _until_stopped(bot: Bot) -> str:
    loop = asyncio.get_running_loop()
    for name in ("SIGINT", "SIGTERM"):
        number = signal.Signals[name]
        loop.add_signal_handler(number, bot.stop, f"told to by {name}")
    return await bot.run()
