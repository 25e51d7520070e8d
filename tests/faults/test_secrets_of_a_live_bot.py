"""Keys of a bot that trades for real are in nothing that it leaves behind, whatever goes wrong."""

from __future__ import annotations

import signal
import sqlite3
import sys
import time
from contextlib import closing, suppress
from pathlib import Path

import numpy as np
import pytest

from live_bot import ACCOUNT, LiveBot
from local_exchange import INSTRUMENT, Running, running
from tradebot.core.bar import BarArray
from tradebot.core.event import BarClosed
from tradebot.core.interval import MINUTE, Interval

KEY, SECRET = "canary-key-5f1b9d2c7a", "canary-secret-83e0c6a4d9"
STRATEGY = '''
from tradebot import Strategy


class Held(Strategy):
    """Buys on the first bar and holds, with a stop."""

    def on_bar(self, bar):
        return self.long(stop_loss=round(bar.close * 0.9, 1)) if self.position == 0 else None
'''
MINUTELY = Interval.parse("1m")
# Each on its own: what is refused, what is not answered, and what cannot be understood.
FAULTS = [
    {"action": "lose_answer", "on": "DELETE"},
    {"action": "error", "on": "GET /fapi/v1/openOrders", "code": -2015},
    {"action": "error_after", "on": "GET /fapi/v1/userTrades", "code": -1007, "times": 3},
    {"action": "drop", "on": "GET /fapi/v3/positionRisk", "times": 3},
    {"action": "drop", "on": "POST /fapi/v1/listenKey", "times": 2},
]


def found(folder: Path, secrets: list[str]) -> list[str]:
    """Files that hold one of the secrets."""
    files = [file for file in folder.rglob("*") if file.is_file()]
    return [f"{file.name}: {each}" for file in files for each in secrets if each.encode() in file.read_bytes()]


def traded(folder: Path, exchange: Running) -> None:
    """Trade while things go wrong, ask every command, and end in a crash with a traceback."""
    sections = {"logging": {"log_file": str(folder / "logs" / "bot.log"), "level": "DEBUG"}}
    bot = LiveBot(folder, exchange, STRATEGY, "Held", sections, PYTHONFAULTHANDLER="1")
    try:
        bot.until(bot.position)
        exchange.control("faults", FAULTS)
        exchange.control("disconnect")
        if sys.platform == "linux":
            limits = Path(f"/proc/{bot.process.pid}/limits").read_text().splitlines()
            assert next(line for line in limits if line.startswith("Max core file size")).split()[4:6] == ["0", "0"]
        time.sleep(2.0)
        for words in (["status", "--json"], ["orders", "--json"], ["ledger", "verify"], ["halt", "--account", ACCOUNT]):
            (folder / f"said-{words[0]}.txt").write_text(bot.command(*words))
        with closing(sqlite3.connect(bot.folder / "ledger.db", timeout=5.0)) as database:
            with suppress(sqlite3.OperationalError):
                database.execute("BEGIN IMMEDIATE")
            exchange.control("disconnect")
            time.sleep(1.0)
            database.rollback()
        bot.process.send_signal(signal.SIGABRT)
        bot.process.wait(20)
    finally:
        bot.end()
    # The command line, too, says what went wrong where the keys are refused.
    exchange.control("faults", {"action": "error", "on": "GET", "code": -2015, "times": None})
    (folder / "said-run.txt").write_text(bot.command("run", str(bot.config)))


@pytest.mark.usefixtures("home")
def test_a_planted_secret_is_in_no_log_database_error_or_dump(tmp_path: Path) -> None:
    now = time.time_ns() // MINUTE * MINUTE
    ts = now - 50 * MINUTE + np.arange(5_000, dtype=np.int64) * MINUTE
    prices = (np.full(5_000, price) for price in (100.0, 101.0, 99.0, 100.0, 50.0))
    bars = BarArray(INSTRUMENT, MINUTELY, ts, *prices)
    coming = [BarClosed("BTCUSDT", MINUTELY, each) for each in bars[50:]]
    with running(events=coming, speed=240.0, history={"BTCUSDT": bars[:50]}, key=KEY, secret=SECRET) as exchange:
        exchange.key, exchange.secret = KEY, SECRET
        traded(tmp_path, exchange)
        listen_key = exchange.exchange.venue.listen_keys.create()
    kept = {file.suffix for file in tmp_path.rglob("*") if file.is_file() and file.stat().st_size}
    assert {".log", ".db", ".txt"} <= kept
    assert found(tmp_path, [KEY, SECRET, listen_key, "signature="]) == []
    assert "Error" in (tmp_path / "said-run.txt").read_text()
    assert not list(tmp_path.rglob("core*"))
