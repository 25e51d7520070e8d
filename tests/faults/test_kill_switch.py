"""The kill switch works with the bot alive, stopped or dead, and with its database locked."""

from __future__ import annotations

import os
import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path

import numpy as np
import pytest

from live_bot import LiveBot
from local_exchange import INSTRUMENT, running
from tradebot.core.bar import BarArray
from tradebot.core.event import BarClosed
from tradebot.core.interval import MINUTE, SECOND, Interval
from tradebot.store.latch import HaltLatch
from witness import Witness

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
MINUTELY = Interval.parse("1m")
# What had left when the latch was set may arrive a moment later.
IN_FLIGHT_NS = SECOND // 10
LONGEST_NS = 2 * SECOND


def flat_bars(start: int, count: int) -> BarArray:
    """Minutes around a price of 100."""
    ts = start + np.arange(count, dtype=np.int64) * MINUTE
    prices = (np.full(count, price) for price in (100.0, 101.0, 99.0, 100.0, 50.0))
    return BarArray(INSTRUMENT, MINUTELY, ts, *prices)


@contextmanager
def trading(folder: Path, strategy: str) -> Iterator[LiveBot]:
    now = time.time_ns() // MINUTE * MINUTE
    bars = flat_bars(now - 50 * MINUTE, 5_000)
    coming = [BarClosed("BTCUSDT", MINUTELY, each) for each in bars[50:]]
    with running(events=coming, speed=240.0, history={"BTCUSDT": bars[:50]}) as exchange:
        bot = LiveBot(folder, exchange, STRATEGY, strategy)
        try:
            yield bot
        finally:
            bot.end()


def stopped_with_an_order(bot: LiveBot) -> None:
    """Stop the process at a moment at which an order of it works; it takes each bid back for the next."""
    while True:
        bot.process.send_signal(signal.SIGSTOP)
        if bot.working():
            return
        bot.process.send_signal(signal.SIGCONT)
        bot.until(bot.working)


@pytest.mark.parametrize("state", ["alive", "stopped", "stopped and locked", "dead"])
def test_entries_are_taken_back_within_two_seconds_and_no_new_one_goes_out(tmp_path: Path, state: str):
    with trading(tmp_path, "Waiting") as bot, ExitStack() as locks:
        witness = Witness(bot.exchange)
        bot.until(bot.working)
        if state != "alive":
            stopped_with_an_order(bot)
        if state == "dead":
            bot.process.kill()
        if state.endswith("locked"):
            database = locks.enter_context(closing(sqlite3.connect(bot.folder / "ledger.db", timeout=0.2)))
            # Stopped in the middle of a write, the bot holds the lock itself.
            with suppress(sqlite3.OperationalError):
                database.execute("BEGIN EXCLUSIVE")
            locks.callback(database.rollback)
        told = bot.halt("--reason", "a test")
        assert told["at_broker"]["left"] == []
        locks.close()
        time.sleep(0.5)
        assert bot.working() == []
        if state.startswith("stopped"):
            bot.process.send_signal(signal.SIGCONT)
        # Four bars and more of the exchange pass, on each of which the strategy would bid.
        time.sleep(1.5)
        assert bot.working() == []
        latch = HaltLatch(bot.folder)
        halted = latch.read()
        assert halted is not None
        late = latch.path.stat().st_mtime_ns + IN_FLIGHT_NS
        assert [ts for ts in witness.orders("NEW") if ts > late] == []
        canceled = max(witness.orders("CANCELED"))
        assert halted.ts < canceled or state == "alive"
        # Three quarters of it are Python's start and imports, which a busy machine draws out.
        assert canceled <= halted.ts + LONGEST_NS or "TRADEBOT_SOAK" not in os.environ


def test_exits_of_a_position_stay_and_a_flattened_one_is_closed(tmp_path: Path):
    with trading(tmp_path, "Held") as bot:
        bot.until(bot.position)
        time.sleep(0.5)
        kept = bot.halt()["at_broker"]["kept"]
        assert len(kept) == 1
        assert bot.position() > 0
        bot.halt("--flatten")
        bot.until(lambda: bot.position() == 0)
