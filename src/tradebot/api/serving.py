"""The server process: the application on its address, with what it needs made from tradebot's folders."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable, Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import TYPE_CHECKING, Any

import uvicorn

from tradebot.api.access.tokens import tokens_file
from tradebot.api.backtests.desk import BacktestDesk
from tradebot.api.live.events import News
from tradebot.api.live.hub import Hub
from tradebot.api.live.sockets import StreamSocket
from tradebot.api.services import Services
from tradebot.api.settings import ApiSettings
from tradebot.app.hosting import HostedBot
from tradebot.app.watching import BotSnapshot
from tradebot.config.secrets import with_keyring
from tradebot.core.errors import ConfigError
from tradebot.core.event import Notify
from tradebot.core.redaction import Redactor
from tradebot.research.runs.store import RunStore, runs_folder
from tradebot.store.library import Library

if TYPE_CHECKING:
    from fastapi import FastAPI

    from tradebot.api.bot import BotHandle
    from tradebot.config import Loaded

OPERATOR_PASSWORD = "TRADEBOT_API_PASSWORD"  # noqa: S105 - the name of a variable
VIEWER_PASSWORD = "TRADEBOT_API_VIEWER_PASSWORD"  # noqa: S105 - the name of a variable
TRUSTED_PROXIES = "TRADEBOT_API_TRUSTED_PROXIES"


def settings_of(host: str, port: int, environment: Mapping[str, str], *, hosts: tuple[str, ...] = ()) -> ApiSettings:
    """Settings with the passwords of the environment or the keyring, and the proxies of the environment.

    Raises
    ------
    ConfigError : a proxy is neither an address nor a network.
    """
    found = with_keyring(environment, (OPERATOR_PASSWORD, VIEWER_PASSWORD))
    return ApiSettings(
        host=host,
        port=port,
        allowed_hosts=hosts,
        operator_password=found.get(OPERATOR_PASSWORD, ""),
        viewer_password=found.get(VIEWER_PASSWORD, ""),
        tokens=tokens_file(),
        trusted_proxies=_proxies(environment.get(TRUSTED_PROXIES, "")),
    )


def _proxies(text: str) -> tuple[str, ...]:
    named = tuple(each.strip() for each in text.split(",") if each.strip())
    for each in named:
        try:
            ip_network(each)
        except ValueError:
            mend = "Name addresses or networks, with commas: 127.0.0.1,10.0.0.0/8."
            raise ConfigError(f'"{each}" is neither', place=TRUSTED_PROXIES, mend=mend) from None
    return named


def services_of(hub: Hub, *, bot: BotHandle | None = None, account: Path | None = None, **more: Any) -> Services:
    """Services over what tradebot keeps."""
    redactor = Redactor.of_environment(os.environ)
    return Services(
        library=Library(),
        runs=RunStore(runs_folder()),
        # One core is left to the bot.
        backtests=BacktestDesk(hub, workers=max((os.cpu_count() or 2) - 1, 1), redactor=redactor),
        hub=hub,
        bot=bot,
        account=account if account is not None or bot is None else bot.folder,
        redactor=redactor,
        **more,
    )


def hosted(
    loaded: Loaded,
    environment: Mapping[str, str],
    hub: Hub,
    on_notice: Callable[[Notify], None] = lambda _notice: None,
) -> HostedBot:
    """The bot of a configuration, in a thread of its own, that tells the stream what it sees and does.

    Parameters
    ----------
    loaded : the configuration.
    environment : where addresses and keys stand.
    hub : the stream.
    on_notice : is given what an operator should know.
    """

    def tell(snapshot: BotSnapshot) -> None:
        status = snapshot.status
        state = {"phase": snapshot.phase, "state": status.get("state", ""), "halted": status.get("halted", "")}
        held = {"positions": status.get("positions", []), "equity": status.get("equity"), "cash": status.get("cash")}
        hub.publish([News("health", "bot", 0, state), News("positions", "positions", 0, held)])

    return HostedBot(loaded, environment, on_event=hub.observe, on_look=tell, on_notice=on_notice)


def open_socket(settings: ApiSettings) -> socket.socket:
    """The address, bound: from here on it is ours.

    Raises
    ------
    ConfigError : it cannot be had.
    """
    host = settings.host.strip("[]")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With TCP named as the protocol, asyncio sends answers at once; else they wait for the client's acknowledgement.
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, settings.port))
        bound.listen(128)
    except OSError as error:
        bound.close()
        fact = f"{settings.host} port {settings.port} cannot be opened: {error.strerror or error}"
        raise ConfigError(fact, place="--port", mend="Choose another, or 0 for a free one.") from error
    return bound


def server_of(app: FastAPI) -> uvicorn.Server:
    """The server of an application; it ends on SIGINT and SIGTERM, and where ``should_exit`` is set."""
    proxies: tuple[str, ...] = app.state.settings.trusted_proxies
    config = uvicorn.Config(
        app,
        # By itself uvicorn believes whatever runs on this machine.
        proxy_headers=bool(proxies),
        forwarded_allow_ips=list(proxies),
        log_config=None,
        access_log=False,
        server_header=False,
        ws=StreamSocket,
        ws_max_size=65_536,
        # Every listener would be compressed for by itself, in time that the bot may need.
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=3,
    )
    return uvicorn.Server(config)


async def serve(app: FastAPI, bound: socket.socket, *, seconds: float | None = None) -> None:
    """Serve until SIGINT or SIGTERM, or for so many seconds."""
    server = server_of(app)

    def end() -> None:
        server.should_exit = True

    if seconds is not None:
        asyncio.get_running_loop().call_later(seconds, end)
    await server.serve(sockets=[bound])
