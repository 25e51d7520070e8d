"""What a bot does about a lost broker: as its configuration says, aloud, and never back to real money by itself."""

from __future__ import annotations

import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from live_bot import LiveBot
from local_exchange import INSTRUMENT, running
from tradebot.app.recording import read_status
from tradebot.core.bar import BarArray
from tradebot.core.event import BarClosed
from tradebot.core.interval import MINUTE, Interval
from tradebot.store.latch import HaltLatch
from tradebot.store.ledger.queries import Ledger

STRATEGIES = """\
from tradebot import Strategy


class Buys(Strategy):
    def on_bar(self, bar):
        return None if self.position else self.long(stop_loss_pct=0.1)
"""
MINUTELY = Interval.parse("1m")
LOST = {"lost_after": 2, "retry_interval": 0.5}
SILENT = [
    {"action": "error", "on": "GET /fapi/v3/account", "times": None},
    {"action": "error", "on": "GET /fapi/v3/positionRisk", "times": None},
    {"action": "error", "on": "POST /fapi/v1/listenKey", "times": None},
    {"action": "error", "on": "PUT /fapi/v1/listenKey", "times": None},
    {"action": "disconnect", "on": "private", "times": None},
]


def flat_bars(start: int, count: int) -> BarArray:
    """Minutes around a price of 100."""
    ts = start + np.arange(count, dtype=np.int64) * MINUTE
    prices = (np.full(count, price) for price in (100.0, 101.0, 99.0, 100.0, 50.0))
    return BarArray(INSTRUMENT, MINUTELY, ts, *prices)


@contextmanager
def trading(folder: Path, **broker: Any) -> Iterator[LiveBot]:
    """A live bot that holds a position, on a market of which half a second is a minute."""
    now = time.time_ns() // MINUTE * MINUTE
    bars = flat_bars(now - 50 * MINUTE, 5_000)
    coming = [BarClosed("BTCUSDT", MINUTELY, each) for each in bars[50:]]
    with running(events=coming, speed=120.0, history={"BTCUSDT": bars[:50]}) as exchange:
        sections = {"broker": LOST | broker, "logging": {"log_file": str(folder / "logs" / "bot.log")}}
        bot = LiveBot(folder, exchange, STRATEGIES, "Buys", sections)
        try:
            bot.until(bot.position)
            yield bot
        finally:
            bot.end()


def state(bot: LiveBot) -> str:
    return (read_status(bot.folder) or {}).get("state", "")


def lose_the_broker(bot: LiveBot) -> None:
    bot.exchange.control("faults", SILENT)
    bot.exchange.control("listen-key/expire")


def forget_faults(bot: LiveBot) -> None:
    request = urllib.request.Request(f"{bot.exchange.url}/control/faults", method="DELETE")
    with urllib.request.urlopen(request, timeout=10):
        pass


def test_on_paper_in_its_place_only_where_that_is_asked_for_and_never_back_by_itself(tmp_path: Path):
    with trading(tmp_path, when_lost="paper") as bot:
        lose_the_broker(bot)
        bot.until(lambda: (read_status(bot.folder) or {}).get("stand_in") == "real-paper")
        paper = bot.folder.with_name("real-paper")
        bot.until(lambda: paper.exists() and fills(paper))
        assert "TRADES ON PAPER, as account real-paper" in bot.command("status", "--account", "real")
        assert "ON PAPER, in the place of real" in bot.command("status", "--account", "real-paper")
        forget_faults(bot)
        bot.until(lambda: not (read_status(bot.folder) or {})["broker"]["fault"])
        assert state(bot) == "halted"
        assert HaltLatch(bot.folder).is_set
        bot.stop()
        said = bot.output.read_text()
    with Ledger(paper) as ledger:
        assert {run.mode for run in ledger.runs()} == {"paper"}
    assert "trades ON PAPER, as real-paper" in said
    assert "critical: tradebot: halt" in said
    assert "trades ON PAPER" in (tmp_path / "logs" / "bot.log").read_text()


def fills(folder: Path) -> int:
    with Ledger(folder) as ledger:
        return len(ledger.fills())
