"""The kill switch works with the bot alive, stopped or dead, and with its database locked."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import numpy as np
import pytest

from local_exchange import INSTRUMENT, Running, running
from tradebot.app.approval import configuration_hash
from tradebot.config import load
from tradebot.core.bar import BarArray
from tradebot.core.event import BarClosed
from tradebot.core.interval import MINUTE, Interval
from tradebot.store.approvals import Approvals

STRATEGY = """
from tradebot import Strategy


class Waiting(Strategy):
    \"\"\"Bids far below the market on every bar while flat, with a stop.\"\"\"

    def on_bar(self, bar):
        if self.position == 0:
            return self.long(type="limit", limit=round(bar.close * 0.9, 1), stop_loss=round(bar.close * 0.8, 1))
        return None


class Held(Strategy):
    \"\"\"Buys on the first bar and holds, with a stop.\"\"\"

    def on_bar(self, bar):
        return self.long(stop_loss=round(bar.close * 0.9, 1)) if self.position == 0 else None
"""
LONGEST_S = 30.0
MINUTELY = Interval.parse("1m")


class Bot:
    """A bot in a process of its own, trading for real on a local exchange that moves by itself."""

    def __init__(self, folder: Path, exchange: Running, strategy: str) -> None:
        (folder / "ideas.py").write_text(STRATEGY)
        document = {
            "broker": {"type": "binance", "market": "usdm", "host": "local"},
            "trading": {"symbol": "BTCUSDT", "position_size": 0.5},
            "data": {"data_source": "binance", "symbol": "BTCUSDT", "interval": "1m", "lookback_bars": 3},
            "strategy": {"type": f"{folder / 'ideas.py'}:{strategy}"},
            "engine": {"mode": "live", "account": "real"},
        }
        self.config = folder / "bot.json"
        self.config.write_text(json.dumps(document))
        self.exchange = exchange
        self.home = folder / "home"
        self.environment = os.environ | {
            "TRADEBOT_HOME": str(self.home),
            "TRADEBOT_BINANCE_URL": exchange.url,
            "BINANCE_LOCAL_API_KEY": exchange.key,
            "BINANCE_LOCAL_API_SECRET": exchange.secret,
        }
        now = time.time_ns()
        digest = configuration_hash(load(self.config, {}).configuration)
        Approvals(self.home / "approvals").approve(digest, operator="test", now=now, expires=now + 10**12)
        self.process = self.command("run", str(self.config))

    def command(self, *words: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "tradebot", *words],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def halt(self, *options: str) -> dict[str, object]:
        halted = self.command("halt", "--account", "real", "--json", *options)
        said, wrong = halted.communicate(timeout=LONGEST_S)
        assert halted.returncode == 0, wrong
        return json.loads(said)

    def working(self) -> list[dict[str, object]]:
        """Orders that open something and work at the exchange, and conditional ones."""
        true = self.exchange.ledger()
        return [order for order in true["orders"] if order["status"] in ("NEW", "PARTIALLY_FILLED")]

    def placed(self) -> int:
        return len(self.exchange.ledger()["orders"])

    def until(self, holds: Callable[[], object]) -> None:
        deadline = time.monotonic() + LONGEST_S
        while not holds():
            assert self.process.poll() is None, self.process.communicate()
            assert time.monotonic() < deadline, self.exchange.ledger()
            time.sleep(0.05)


def flat_bars(start: int, count: int) -> BarArray:
    """Minutes around a price of 100."""
    ts = start + np.arange(count, dtype=np.int64) * MINUTE
    prices = (np.full(count, price) for price in (100.0, 101.0, 99.0, 100.0, 50.0))
    return BarArray(INSTRUMENT, MINUTELY, ts, *prices)


@contextmanager
def trading(folder: Path, strategy: str) -> Iterator[Bot]:
    now = time.time_ns() // MINUTE * MINUTE
    bars = flat_bars(now - 50 * MINUTE, 5_000)
    coming = [BarClosed("BTCUSDT", MINUTELY, each) for each in bars[50:]]
    with running(events=coming, speed=240.0, history={"BTCUSDT": bars[:50]}) as exchange:
        bot = Bot(folder, exchange, strategy)
        try:
            yield bot
        finally:
            bot.process.send_signal(signal.SIGCONT)
            bot.process.kill()
            bot.process.communicate()


@pytest.mark.parametrize("state", ["alive", "stopped", "dead"])
def test_entries_are_taken_back_and_no_new_one_goes_out(tmp_path: Path, state: str):
    with trading(tmp_path, "Waiting") as bot:
        bot.until(bot.working)
        if state == "stopped":
            bot.process.send_signal(signal.SIGSTOP)
        elif state == "dead":
            bot.process.kill()
        told = bot.halt("--reason", "a test")
        assert told["at_broker"]["left"] == []
        time.sleep(0.5)
        before = bot.placed()
        assert bot.working() == []
        if state == "stopped":
            bot.process.send_signal(signal.SIGCONT)
        # Two bars and more of the exchange pass.
        time.sleep(1.0)
        assert bot.working() == []
        assert bot.placed() == before


def test_the_switch_needs_no_database(tmp_path: Path):
    with trading(tmp_path, "Waiting") as bot:
        bot.until(bot.working)
        bot.process.send_signal(signal.SIGSTOP)
        file = bot.home / "accounts" / "real" / "ledger.db"
        with closing(sqlite3.connect(file, timeout=0.2)) as connection:
            # Stopped in the middle of a write, the bot holds the lock itself.
            with suppress(sqlite3.OperationalError):
                connection.execute("BEGIN EXCLUSIVE")
            bot.halt()
            assert bot.working() == []
            connection.rollback()


def test_exits_of_a_position_stay_and_a_flattened_one_is_closed(tmp_path: Path):
    def position() -> float:
        return float(bot.exchange.ledger()["positions"].get("BTCUSDT", 0))

    with trading(tmp_path, "Held") as bot:
        bot.until(position)
        time.sleep(0.5)
        kept = bot.halt()["at_broker"]["kept"]
        assert len(kept) == 1
        assert position() > 0
        bot.halt("--flatten")
        bot.until(lambda: position() == 0)
