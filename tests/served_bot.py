"""A real bot on the built-in market, served in this process."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from httpx2 import Client
from websockets.sync.client import ClientConnection, connect

from served_api import API, served_over_http, services_in
from tradebot.api.live.hub import Hub
from tradebot.api.serving import hosted
from tradebot.api.settings import ApiSettings
from tradebot.config import load
from tradebot.core.errors import TradebotError

CONFIGURATION: dict[str, Any] = {
    "broker": {"type": "mock", "initial_balance": 10000.0},
    "trading": {"symbol": "MOCKUSDT", "position_size": 0.5, "max_positions": 1, "max_drawdown_pct": 30.0},
    "data": {"data_source": "mock", "symbol": "MOCKUSDT", "interval": "1m", "lookback_bars": 50},
    "strategy": {"type": "sma_cross", "params": {"fast": 2, "slow": 5}},
    "risk_management": {"stop_loss_pct": 2.0, "take_profit_pct": 4.0, "max_daily_loss": 5000.0},
    "engine": {"mode": "paper", "speed": 6000},
}


# One that leaves its market to whoever gives orders by hand.
SILENT: dict[str, Any] = CONFIGURATION | {"strategy": {"type": "sma_cross", "params": {"fast": 190, "slow": 400}}}


@contextmanager
def served_bot(
    folder: Path,
    *,
    settings: ApiSettings | None = None,
    account: str = "served",
    configuration: dict[str, Any] = CONFIGURATION,
    fills: int = 5,
    **headers: str,
) -> Generator[Client]:
    """A client of the interface beside a bot that trades and has had some fills.

    ``TRADEBOT_HOME`` must be a folder of the test's own.
    """
    file = folder / f"{account}.json"
    file.write_text(json.dumps(configuration))
    settings = settings or ApiSettings()
    hub = Hub(settings.remembered, settings.waiting)
    bot = hosted(load(file, {}), {}, hub)
    services = services_in(folder, hub=hub, bot=bot, account=bot.folder, configuration=file)
    with served_over_http(services, settings, **headers) as client:
        bot.start()
        try:
            until(lambda: bot.snapshot.status.get("performance", {}).get("fills", -1) >= fills)
            until(lambda: bot.snapshot.status.get("state") == "trading")
            yield client
        finally:
            with suppress(TradebotError):
                bot.stop("the test ends")
            bot.join()


def until(true: Callable[[], Any], patience_s: float = 20.0) -> Any:
    """Wait for something to be so; returns it."""
    end = time.monotonic() + patience_s
    while not (found := true()):
        if time.monotonic() > end:
            raise AssertionError("it did not come")
        time.sleep(0.02)
    return found


def state_is(client: Client, wanted: str) -> Callable[[], bool]:
    """Whether the bot is in a state."""
    return lambda: client.get(f"{API}/bot").json()["state"] == wanted


def listen(client: Client, query: str = "", **options: Any) -> ClientConnection:
    """A socket on the stream."""
    return connect(f"{str(client.base_url).replace('http', 'ws').rstrip('/')}{API}/stream?{query}", **options)


def heard(socket: ClientConnection) -> dict[str, Any]:
    """The next message that tells something."""
    while True:
        message = json.loads(socket.recv(timeout=20))
        if message["type"] not in ("hello", "beat"):
            return message
