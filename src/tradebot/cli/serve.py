"""``tradebot serve``: the interface alone, without a bot."""

from __future__ import annotations

import os
from typing import Final

import click

_EPILOG: Final = """\b
Examples:
  tradebot serve --port 0 --for 2s
  tradebot serve --port 0 --for 1s --json
  tradebot serve --host 0.0.0.0 --allow-host bot.example.org  # network
"""


@click.command(epilog=_EPILOG, context_settings={"show_default": True})
@click.option("--host", default="127.0.0.1", help="Address to bind to; any but this machine demands credentials.")
@click.option("--port", type=click.IntRange(0, 65_535), default=8000, help="Port; 0 takes a free one.")
@click.option("--allow-host", "hosts", multiple=True, metavar="NAME", help="Name it may be asked under as well.")
@click.option("--account", help="Account whose record is shown.  [default: the one written last]")
@click.option("--for", "length", metavar="DURATION", help="Stop after a time, such as 90s or 10m.  [default: never]")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
def serve(host: str, port: int, hosts: tuple[str, ...], account: str | None, length: str | None, as_json: bool) -> None:
    """Serve the REST, WebSocket and SSE interface and the dashboard, without a bot."""
    import asyncio
    import json

    from tradebot.api.application import create_app
    from tradebot.api.live.hub import Hub
    from tradebot.api.serving import open_socket, services_of, settings_of
    from tradebot.api.serving import serve as serve_app
    from tradebot.cli.values import read_duration
    from tradebot.core.redaction import Redactor
    from tradebot.store.accounts import account_folder, accounts, existing_account
    from tradebot.telemetry.logs import quieten

    quieten()
    seconds = read_duration(length)
    settings = settings_of(host, port, os.environ, hosts=hosts)
    folder = account_folder(existing_account(account)) if account is not None or accounts() else None
    hub = Hub(settings.remembered, settings.waiting, redactor=Redactor.of_environment(os.environ))
    app = create_app(services_of(hub, account=folder), settings)
    with open_socket(settings) as bound:
        shown = f"[{host}]" if ":" in host else host
        url = f"http://{shown}:{bound.getsockname()[1]}"
        told = json.dumps({"url": url, "docs": f"{url}/docs"})
        click.echo(told if as_json else f"{url} (documentation at /docs); Ctrl-C ends it.")
        asyncio.run(serve_app(app, bound, seconds=seconds))
