"""``tradebot up``: bot, interface and dashboard in one process."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import click

_EPILOG: Final = """\b
Examples:
  tradebot up paper.json --port 0 --for 2s
  tradebot up paper.json --port 0 --for 2s --json
"""


@click.command(epilog=_EPILOG, context_settings={"show_default": True})
@click.argument("config", type=click.Path(path_type=Path), metavar="CONFIG")
@click.option("--host", help="Address to bind to; any but this machine demands credentials.  [default: api.host]")
@click.option("--port", type=click.IntRange(0, 65_535), help="Port; 0 takes a free one.  [default: api.port]")
@click.option("--allow-host", "hosts", multiple=True, metavar="NAME", help="Name it may be asked under as well.")
@click.option("--open/--no-open", "open_browser", default=False, help="Whether a browser is opened on it.")
@click.option("--for", "length", metavar="DURATION", help="Stop after a time, such as 90s or 10m.  [default: never]")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
def up(
    config: Path,
    host: str | None,
    port: int | None,
    hosts: tuple[str, ...],
    open_browser: bool,
    length: str | None,
    as_json: bool,
) -> None:
    """Run the bot that CONFIG describes, and serve it: API and dashboard, until Ctrl-C."""
    import asyncio
    import contextlib
    import json

    from tradebot.api.application import create_app
    from tradebot.api.live.hub import Hub
    from tradebot.api.serving import hosted, open_socket, serve, services_of, settings_of
    from tradebot.cli.run import tell, warn
    from tradebot.cli.values import read_duration
    from tradebot.config import load
    from tradebot.core.errors import TradebotError
    from tradebot.core.redaction import Redactor
    from tradebot.telemetry.logs import quieten

    quieten()
    seconds, loaded = read_duration(length), load(config, os.environ)
    wanted = loaded.configuration.api
    host, port = host or wanted.host, wanted.port if port is None else port
    settings = settings_of(host, port, os.environ, hosts=hosts)
    hub = Hub(settings.remembered, settings.waiting, redactor=Redactor.of_environment(os.environ))
    warn(loaded)
    bot = hosted(loaded, os.environ, hub, tell)
    log_file = loaded.configuration.logging.log_file
    services = services_of(
        hub, bot=bot, configuration=config, log_file=None if log_file is None else Path(log_file).expanduser()
    )
    app = create_app(services, settings)
    with open_socket(settings) as bound:
        shown = f"[{host}]" if ":" in host else host
        url = f"http://{shown}:{bound.getsockname()[1]}"
        told = json.dumps({"url": url, "docs": f"{url}/docs", "account": bot.account})
        click.echo(told if as_json else f"{url} ({bot.account}, {bot.mode}); Ctrl-C ends it.")
        bot.start()
        if open_browser:
            click.launch(url)
        try:
            with asyncio.Runner(loop_factory=bot.precedence.second) as runner:
                runner.run(serve(app, bound, seconds=seconds))
        finally:
            with contextlib.suppress(TradebotError):
                bot.stop("tradebot up ends")
            bot.join()
