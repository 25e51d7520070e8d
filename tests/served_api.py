"""The interface over folders of its own, asked in this process."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

from fastapi.testclient import TestClient
from httpx2 import Client

from tradebot.api.application import create_app
from tradebot.api.backtests.desk import BacktestDesk
from tradebot.api.live.hub import Hub
from tradebot.api.services import Services
from tradebot.api.serving import open_socket, server_of
from tradebot.api.settings import ApiSettings
from tradebot.feeds.mock import mock_bars
from tradebot.research.runs.store import RunStore
from tradebot.store.library import Library

API = "/api/v1"
REQUEST = {
    "symbol": "MOCKUSDT",
    "strategy": "sma_cross",
    "start_date": "2024-01-01",
    "end_date": "2024-02-01",
    "timeframes": ["1h"],
    "tf_roles": {},
    "initial_balance": 1000.0,
    "commission": 0.001,
    "params": {"fast": 10, "slow": 30},
}


def services_in(folder: Path, **more: Any) -> Services:
    """Services over a folder."""
    hub = more.pop("hub", None) or Hub()
    return Services(
        library=Library(folder), runs=RunStore(folder / "runs"), backtests=BacktestDesk(hub), hub=hub, **more
    )


@contextmanager
def served_over_http(services: Services, settings: ApiSettings | None = None, **headers: str) -> Generator[Client]:
    """A client of a server on loopback, for what takes a real connection: streams, limits, slow readers."""
    app = create_app(services, settings or ApiSettings())
    server = server_of(app)
    with open_socket(ApiSettings(port=0)) as bound:
        thread = Thread(target=lambda: asyncio.run(server.serve(sockets=[bound])), daemon=True)
        thread.start()
        url = f"http://127.0.0.1:{bound.getsockname()[1]}"
        with Client(base_url=url, headers=headers, timeout=30) as client:
            try:
                yield client
            finally:
                server.should_exit = True
                thread.join(15)


@contextmanager
def served(services: Services, settings: ApiSettings | None = None, **headers: str) -> Generator[TestClient]:
    """A client of the application over these services."""
    app = create_app(services, settings or ApiSettings())
    with TestClient(app, base_url="http://localhost", headers=headers) as client:
        yield client


def keep_bars(folder: Path, symbol: str = "BTCUSDT", interval: str = "1h", count: int = 500) -> None:
    """Put bars of a market into the store."""
    from dataclasses import replace

    from tradebot.core.instrument import instrument_for

    bars = mock_bars(symbol, interval, count, seed=3)
    Library(folder).bars.write(replace(bars, instrument=instrument_for(symbol, "binance_usdm")))


def finished(client: TestClient, wanted: str) -> dict[str, Any]:
    """The backtest, once nothing more comes of it."""
    for _ in range(600):
        answer = client.get(f"{API}/backtests/{wanted}").json()
        if answer["state"] not in ("queued", "running"):
            return answer
        time.sleep(0.05)
    raise AssertionError("the backtest did not end")
