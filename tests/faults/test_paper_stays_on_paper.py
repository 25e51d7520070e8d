"""A bot on paper sends no key and no order anywhere, though the keys of a real account lie beside it."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from pathlib import Path
from typing import Any

import pytest

from live_trading import SECONDLY, STRATEGIES, secondly
from local_exchange import INSTRUMENT, Running, running
from tradebot.app.bot import Bot
from tradebot.config import load
from tradebot.core.interval import SECOND
from tradebot.exchange import server

KEYS = {
    "BINANCE_API_KEY": "real-key-0001",
    "BINANCE_API_SECRET": "real-secret-0001",
    "BINANCE_LOCAL_API_KEY": "real-key-0002",
    "BINANCE_LOCAL_API_SECRET": "real-secret-0002",
}


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Addresses that this process has connected to; one that is not on this machine fails at once."""
    made: list[str] = []
    real = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            made.append(str(address[0]))
            if address[0] not in ("127.0.0.1", "::1"):
                raise AssertionError(f"connects to {address[0]}")
        real(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)
    return made


def document(folder: Path, **sections: dict[str, Any]) -> Path:
    (folder / "ideas.py").write_text(STRATEGIES)
    file = folder / "paper.json"
    strategy = {"type": f"{folder / 'ideas.py'}:Held"}
    file.write_text(json.dumps({"strategy": strategy, "engine": {"mode": "paper"}, **sections}))
    return file


@pytest.mark.usefixtures("home")
async def test_on_the_built_in_market_nothing_is_connected_to(tmp_path: Path, calls: list[str]) -> None:
    file = document(
        tmp_path,
        broker={"type": "mock"},
        trading={"symbol": "MOCKUSDT", "position_size": 0.5},
        data={"data_source": "mock", "interval": "1m", "lookback_bars": 5},
    )
    async with Bot.open(load(file, {}), KEYS, iterations=30) as bot:
        await bot.run()
        assert bot.trader.portfolio.positions()
    assert calls == []


@pytest.mark.usefixtures("home", "candles_of_a_second")
async def test_on_a_venues_market_no_key_is_shown_and_no_order_sent(
    tmp_path: Path, calls: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[str] = []
    real = server._handle

    def watched(venue: Any, found: Any, request: Any, *rest: Any) -> Any:
        shown.append(request.headers.get("X-MBX-APIKEY", ""))
        return real(venue, found, request, *rest)

    monkeypatch.setattr(server, "_handle", watched)
    file = document(
        tmp_path,
        broker={"type": "binance_paper", "market": "usdm"},
        trading={"symbol": "BTCUSDT", "position_size": 0.5},
        data={"data_source": "binance", "interval": "1s", "lookback_bars": 2},
    )
    bars = list(secondly([100.0] * 60, time.time_ns() // SECOND * SECOND))
    with running(bars, instruments=(INSTRUMENT,), speed=1.0, interval=SECONDLY) as exchange:
        # The first candle must have ended, for the bot begins with the past.
        await asyncio.sleep(1.5)
        await traded(exchange, file)
        truth = exchange.ledger()
    assert truth["orders"] == truth["algoOrders"] == []
    assert set(shown) == {""}
    assert set(calls) == {"127.0.0.1"}


async def traded(exchange: Running, file: Path) -> None:
    """Run a bot on paper until it holds something."""
    environment = KEYS | {"TRADEBOT_BINANCE_URL": exchange.url}
    async with Bot.open(load(file, {}), environment, iterations=4) as bot:
        await bot.run()
        assert bot.trader.portfolio.positions()
