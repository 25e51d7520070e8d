"""``config.example.json``, not a letter of it changed, trades on the local exchange as docs/running-a-bot.md tells it.

Its bars are hours: the exchange plays hundreds of them while the bot is killed and started again. What it has traded is
held against a backtest of the same document on the same bars.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import numpy as np
import polars as pl

from local_exchange import INSTRUMENT, Running, running
from tradebot.app.recording import read_status
from tradebot.core.bar import BarArray
from tradebot.core.event import BarClosed, History
from tradebot.core.instant import to_ns
from tradebot.core.interval import HOUR, Interval
from tradebot.feeds.mock import mock_bars
from tradebot.store.journal import JournalReader
from tradebot.store.ledger.queries import Ledger

DOCUMENT = Path(__file__).parents[2] / "config.example.json"
H1 = Interval(1, "h")
PAST, COMING = 400, 600
# `make soak` asks for more.
KILLS = int(os.environ.get("TRADEBOT_SOAK_DOCUMENT_KILLS", "3"))
LONGEST_S = 30.0


class Terminal:
    """What a person types, in a folder of their own."""

    def __init__(self, folder: Path, exchange: Running) -> None:
        self.folder = folder
        self.books = folder / "home" / "accounts" / "config.example"
        self._exchange = exchange
        self._environment = os.environ | {"TRADEBOT_HOME": str(folder / "home"), "TRADEBOT_BINANCE_URL": exchange.url}
        shutil.copy(DOCUMENT, folder)

    def says(self, *words: str) -> str:
        """What a command prints that must do its work."""
        process = self._started(words, subprocess.PIPE)
        said, wrong = process.communicate(timeout=LONGEST_S)
        assert process.returncode == 0, wrong
        return said

    @contextmanager
    def bot(self) -> Iterator[subprocess.Popen[str]]:
        """The bot, once it hears the exchange; killed in the end, unless it has ended."""
        output = self.folder / "said"
        with output.open("a") as said:
            process = self._started(("run", DOCUMENT.name), said)
        try:
            self.until(lambda: any(each.streams for each in self._exchange.exchange.venue.hub.connections), process)
            yield process
        finally:
            process.kill()
            process.wait(LONGEST_S)
            self.until(lambda: not self._exchange.exchange.venue.hub.connections)

    def until(self, holds: Callable[[], object], process: subprocess.Popen[str] | None = None) -> None:
        """Wait for something to be so, while a process runs."""
        ends = time.monotonic() + LONGEST_S
        while not holds():
            assert process is None or process.poll() is None, (self.folder / "said").read_text()
            assert time.monotonic() < ends
            time.sleep(0.02)

    def newest(self) -> int:
        """Open time of the newest hour that the bot says it has, int64 ns UTC."""
        status = read_status(self.books)
        return 0 if status is None else max(status["feed"]["last_ts"].values(), default=HOUR) - HOUR

    def hours(self) -> list[int]:
        """Open times of the hours on record, int64 ns UTC."""
        found: list[int] = []
        with JournalReader(self.books) as journal:
            for entry in journal.read():
                if isinstance(entry.message, BarClosed):
                    found.append(entry.message.bar.ts)
                elif isinstance(entry.message, History):
                    found += entry.message.bars.ts.tolist()
        return found

    def _started(self, words: tuple[str, ...], output: IO[str] | int) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "tradebot", *words]
        return subprocess.Popen(
            command, cwd=self.folder, env=self._environment, stdout=output, stderr=subprocess.PIPE, text=True
        )


def hours() -> BarArray:
    """Hours of the mock market, the last of which has just closed."""
    made = mock_bars(instrument=INSTRUMENT, interval="1h", count=PAST + COMING, seed=13)
    ts = time.time_ns() // HOUR * HOUR - np.arange(len(made), 0, -1, dtype=np.int64) * HOUR
    return BarArray(INSTRUMENT, H1, ts, made.open, made.high, made.low, made.close, made.volume)


def backtested(terminal: Terminal, bars: BarArray, start: int) -> list[tuple[int, float]]:
    """Time and price of every fill of a backtest on the same bars, of what it has decided since ``start``."""
    columns = {name: getattr(bars, name) for name in ("ts", "open", "high", "low", "close", "volume")}
    pl.DataFrame(columns).write_parquet(terminal.folder / "BTCUSDT-1h.parquet")
    data = ("--data", "BTCUSDT-1h.parquet", "--venue", "binance_spot")
    terminal.says("backtest", "--config", DOCUMENT.name, *data, "--trades", "trades.csv")
    trades = pl.read_csv(terminal.folder / "trades.csv")
    rows = [row for row in trades.iter_rows(named=True) if to_ns(row["entry_time"]) > start]
    return [(to_ns(row[f"{end}_time"]), row[f"{end}_price"]) for row in rows for end in ("entry", "exit")]


def test_the_document_trades_survives_kills_and_replays_identically(tmp_path: Path):
    bars = hours()
    past, coming = bars[:PAST], list(bars[PAST:])
    events = [BarClosed("BTCUSDT", H1, bar) for bar in coming]
    with running(events, start=coming[0].ts, stepped=True, interval=H1, history={"BTCUSDT": past}) as exchange:
        terminal = Terminal(tmp_path, exchange)
        lives = np.array_split(np.array([bar.ts for bar in coming]), KILLS + 1)
        for life in lives:
            with terminal.bot() as process:
                exchange.step_bar(len(life))
                terminal.until(lambda newest=life[-1]: terminal.newest() == newest, process)
                if life is lives[-1]:
                    process.send_signal(signal.SIGTERM)
                    assert process.wait(LONGEST_S) == 0, (tmp_path / "said").read_text()
        assert exchange.ledger()["orders"] == []
    assert terminal.hours() == bars.ts.tolist()
    with Ledger(terminal.books) as ledger:
        fills = [(fill.ts, float(fill.price)) for fill in reversed(ledger.fills(limit=1_000))]
    assert fills == backtested(terminal, bars, coming[0].ts)
    assert len(fills) >= 8
    assert json.loads(terminal.says("replay", "--json"))["identical"]
    assert json.loads(terminal.says("ledger", "verify", "--json"))["sound"]
