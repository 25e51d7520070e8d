"""The kill switch works with the bot alive, stopped or dead, and with its database locked."""

from __future__ import annotations

import os
import re
import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path

import numpy as np
import pytest

from live_bot import ACCOUNT, LiveBot
from local_exchange import INSTRUMENT, running
from tradebot.core.bar import BarArray
from tradebot.core.event import BarClosed
from tradebot.core.interval import MINUTE, SECOND, Interval
from tradebot.store.journal import JournalReader
from tradebot.store.latch import HaltLatch
from tradebot.store.ledger.queries import Ledger
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
# A file's times are those of the kernel's last tick.
TICK_NS = SECOND // 100
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


def stop_with_an_order(bot: LiveBot) -> None:
    """Stop a bot while its bid works: on every bar it takes the old one back before it sends the next."""
    while True:
        bot.until(bot.working)
        bot.process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, bot.process.pid, os.WSTOPPED)
        # What it sent before it stopped has been read by the second look.
        if bot.working() and bot.working():
            return
        bot.process.send_signal(signal.SIGCONT)


def bars_seen(bot: LiveBot, since: int) -> int:
    """Bars that a bot has put on record since a time."""
    with JournalReader(bot.folder) as journal:
        return sum(isinstance(entry.message, BarClosed) and entry.at > since for entry in journal.read())


@pytest.mark.parametrize("state", ["alive", "stopped", "stopped and locked", "dead"])
def test_entries_are_taken_back_within_two_seconds_and_no_new_one_goes_out(tmp_path: Path, state: str):
    with trading(tmp_path, "Waiting") as bot, ExitStack() as locks:
        witness = Witness(bot.exchange)
        bot.until(bot.working)
        if state != "alive":
            stop_with_an_order(bot)
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
        assert bot.working() == []
        latch = HaltLatch(bot.folder)
        halted = latch.read()
        assert halted is not None
        # Its name appeared when the inode changed last: it is written under another one.
        late = latch.path.stat().st_ctime_ns + TICK_NS
        if state.startswith("stopped"):
            bot.process.send_signal(signal.SIGCONT)
        if state != "dead":
            # On each of which the strategy would bid.
            since = time.time_ns()
            bot.until(lambda: bars_seen(bot, since) >= 4)
        assert bot.working() == []
        with Ledger(bot.folder) as ledger:
            decided = {order.order_id: order.created for order in ledger.orders(limit=100_000)}
        # One that had left when the latch was set may arrive a moment later.
        assert [name for name in witness.names("NEW") if decided[name] > late] == []
        canceled = max(witness.orders("CANCELED"))
        # A bot that is alive may have taken its bid back just before, and sends no other.
        assert halted.ts < canceled or state == "alive"
        # Three quarters of it are Python's start and imports, which a busy machine draws out.
        assert canceled <= halted.ts + LONGEST_NS or "TRADEBOT_SOAK" not in os.environ


def test_exits_of_a_position_stay_and_a_flattened_one_is_closed(tmp_path: Path):
    with trading(tmp_path, "Held") as bot:
        bot.until(lambda: bot.position() and bot.stops())
        kept = bot.halt()["at_broker"]["kept"]
        assert len(kept) == 1
        assert bot.position() > 0
        bot.halt("--flatten")
        bot.until(lambda: bot.position() == 0)
        bot.until(lambda: not bot.stops())


def test_a_halt_whose_closing_order_is_refused_leaves_the_stop_and_says_so(tmp_path: Path):
    with trading(tmp_path, "Held") as bot:
        bot.until(lambda: bot.position() and bot.stops())
        bot.process.kill()
        bot.process.wait(10)
        bot.exchange.control("faults", {"action": "error", "on": "POST /fapi/v1/order", "code": -2019})
        told = bot.halt("--flatten", code=1)["at_broker"]
        assert (told["open"], told["bare"], len(told["kept"])) == (["BTCUSDT"], [], 1)
        assert bot.stops()
        bot.halt("--flatten")
        assert (bot.position(), bot.stops()) == (0, [])


@contextmanager
def dead_behind(tmp_path: Path, status: int) -> Iterator[LiveBot]:
    """A bot that has died with its bid in the book, at an exchange that answers no question but with a status."""
    with trading(tmp_path, "Waiting") as bot:
        bot.until(bot.working)
        bot.process.kill()
        bot.process.wait(10)
        refusal = {"action": "error", "on": "GET /fapi", "code": -1003, "status": status, "times": None}
        bot.exchange.control("faults", refusal)
        yield bot


def test_a_halt_that_the_exchange_does_not_let_through_says_that_its_orders_remain(tmp_path: Path):
    with dead_behind(tmp_path, 403) as bot:
        told = bot.command("halt", "--account", ACCOUNT)
        assert f"{ACCOUNT} is halted and opens nothing, but its orders at the broker remain" in told
        assert "Halt again, or take them back at the broker." in told
        assert "defect" not in told


def test_a_halt_that_the_exchange_asks_to_wait_says_so_and_until_when(tmp_path: Path):
    with dead_behind(tmp_path, 429) as bot:
        halting = bot.begin("halt", "--account", ACCOUNT)
        assert halting.stderr is not None
        assert re.match(r"Binance asks to wait for 60 s, until \d\d:\d\d:\d\d UTC", halting.stderr.readline())
        assert halting.poll() is None
        halting.kill()
        halting.communicate()
