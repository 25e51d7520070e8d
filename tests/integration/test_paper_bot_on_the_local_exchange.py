"""A paper bot takes Binance's data from the local exchange, as docs/running-a-bot.md tells it for two terminals."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import numpy as np
import pytest

from local_exchange import INSTRUMENT, Running, running
from tradebot.app.bot import Bot
from tradebot.config import load
from tradebot.core.bar import Bar, BarArray, Tick
from tradebot.core.errors import ConfigError
from tradebot.core.event import BarClosed, TickSeen
from tradebot.core.interval import MINUTE, SECOND, Interval
from tradebot.exchange import rest_public
from tradebot.feeds.mock import mock_bars, mock_ticks
from tradebot.store.accounts import account_folder
from tradebot.store.ledger.queries import Ledger

M1, S1 = Interval(1, "m"), Interval(1, "s")
LATE = 40
# Bars before the first decision are counted back from now, of which the last are still to come here.
LOOKBACK = 100
# The document of a bot on paper, as people write it: no market and no mode are named.
DOCUMENT = {
    "broker": {"type": "binance_paper", "initial_balance": 10_000.0, "commission": 0.001},
    "trading": {"symbol": "BTCUSDT", "position_size": 0.1, "max_positions": 1, "max_drawdown_pct": 20.0},
    "data": {"data_source": "binance", "symbol": "BTCUSDT", "interval": "1m", "lookback_bars": LOOKBACK},
    "strategy": {"type": "sma_cross", "params": {"fast": 2, "slow": 4}},
    "risk_management": {"stop_loss_pct": 5.0, "take_profit_pct": 10.0, "max_daily_trades": 10, "max_daily_loss": 50.0},
}


def minutes() -> BarArray:
    """Minutes of the mock market, the last of which has just closed."""
    made = mock_bars(instrument=INSTRUMENT, interval="1m", count=200, seed=3)
    ts = time.time_ns() // MINUTE * MINUTE - np.arange(len(made), 0, -1, dtype=np.int64) * MINUTE
    return BarArray(INSTRUMENT, M1, ts, made.open, made.high, made.low, made.close, made.volume)


async def walk(exchange: Running, bot: Bot, bars: list[Bar]) -> None:
    """Let the market pass, bar by bar."""
    hub = exchange.exchange.venue.hub
    async with asyncio.timeout(20):
        while not any(connection.streams for connection in hub.connections):
            await asyncio.sleep(0.01)
        for n in range(len(bars)):
            await asyncio.to_thread(exchange.step_bar)
            while bot.driver.bars <= n:
                await asyncio.sleep(0.005)


@pytest.mark.parametrize("market", [None, "usdm"])
async def test_the_document_of_a_paper_bot_runs_unchanged(market: str | None, tmp_path: Path):
    document = msgspec.json.decode(msgspec.json.encode(DOCUMENT))
    if market is not None:
        document["broker"]["market"] = market
    file = tmp_path / f"paper-{market}.json"
    file.write_text(json.dumps(document))
    bars = minutes()
    past, coming = bars[:-LATE], list(bars[-LATE:])
    events = [BarClosed("BTCUSDT", M1, bar) for bar in coming]
    with running(events, stepped=True, history={"BTCUSDT": past}) as exchange:
        environment = {"TRADEBOT_BINANCE_URL": exchange.url}
        async with Bot.open(load(file, {}), environment, iterations=LATE) as bot:
            running_bot = asyncio.create_task(bot.run())
            await walk(exchange, bot, coming)
            assert await running_bot == f"{LATE} bars are done"
            status = bot.status()
    assert (status["markets"][0]["bars"], status["feed"]["filled"]) == (LOOKBACK, 0)
    with Ledger(account_folder(bot.account)) as ledger:
        fills = ledger.fills(limit=100)
    assert fills
    assert {float(fill.price) for fill in fills} <= {bar.open for bar in coming}


async def test_bars_are_built_from_trades_where_the_configuration_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(rest_public, "INTERVALS", (*rest_public.INTERVALS, "1s"))
    document = msgspec.json.decode(msgspec.json.encode(DOCUMENT))
    document["data"] |= {"interval": "1s", "bars_from": "trades", "lookback_bars": 2}
    file = tmp_path / "trades.json"
    file.write_text(json.dumps(document))
    start = (time.time_ns() // SECOND + 1) * SECOND
    made = mock_bars(instrument=INSTRUMENT, interval="1m", count=60, seed=3)
    ts = start + np.arange(len(made), dtype=np.int64) * SECOND
    bars = BarArray(INSTRUMENT, S1, ts, made.open, made.high, made.low, made.close, made.volume)
    ticks = mock_ticks(bars)
    columns = ticks.ts.tolist(), ticks.price.tolist(), ticks.size.tolist(), ticks.side.tolist()
    trades = [TickSeen("BTCUSDT", Tick(*row)) for row in zip(*columns, strict=True)]
    await asyncio.sleep((start - time.time_ns()) / SECOND)
    with running(trades, speed=1.0, interval=S1) as exchange:
        await asyncio.sleep(2.5)
        async with Bot.open(load(file, {}), {"TRADEBOT_BINANCE_URL": exchange.url}, iterations=5) as bot:
            assert await bot.run() == "5 bars are done"
            given = list(bot.trader._desk.deciders["BTCUSDT"].bars)[-5:]
            assert bot.status()["feed"]["filled"] == 0
    true = {bar.ts: bar for bar in bars}
    for bar in given:
        for name in ("open", "high", "low", "close"):
            assert getattr(bar, name) == getattr(true[bar.ts], name), (name, bar)
        # The first is the exchange's own candle, whose volume is a sum of doubles.
        assert bar.volume == pytest.approx(true[bar.ts].volume, rel=1e-12)


async def test_an_interval_that_binance_does_not_have_is_refused_before_anything_starts(tmp_path: Path):
    file = tmp_path / "ten.json"
    file.write_text(json.dumps(DOCUMENT | {"data": DOCUMENT["data"] | {"interval": "10m"}}))
    with pytest.raises(ConfigError, match=r"data\.interval: Binance has no bars of 10m.* Use one of 1m, 3m, 5m"):
        async with Bot.open(load(file, {}), {"TRADEBOT_BINANCE_URL": "http://127.0.0.1:9"}):
            pass


ABSENT = """
import sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("ccxt", "aiohttp"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Absent())
from tradebot.cli.main import main
sys.argv = ["tradebot", "run", sys.argv[1]]
main()
"""


def test_a_missing_extra_is_one_sentence(tmp_path: Path):
    file = tmp_path / "bot.json"
    file.write_text(json.dumps(DOCUMENT))
    ended = subprocess.run([sys.executable, "-c", ABSENT, file], capture_output=True, text=True, timeout=60)
    said = "feed binance: the package aiohttp is not installed. Install it: pip install 'tradebot[binance]'."
    assert ended.stderr.strip().splitlines()[-1] == f"Error: {said}"
    assert ended.returncode == 2
