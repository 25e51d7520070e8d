"""A live bot on an exchange whose market is played faster than time passes: its trades know nothing of any clock."""

from __future__ import annotations

import json
import time
from pathlib import Path

import numpy as np

from live_bot import LiveBot
from local_exchange import INSTRUMENT, running
from tradebot.app.approval import configuration_hash
from tradebot.app.recording import read_status
from tradebot.config import load
from tradebot.core.bar import BarArray
from tradebot.core.event import BarClosed
from tradebot.core.interval import MINUTE, Interval
from tradebot.store.approvals import Approvals
from tradebot.store.ledger.queries import Ledger

MINUTELY = Interval(1, "m")
STRATEGIES = '''
from tradebot import Strategy


class Tries(Strategy):
    """Buys once, and sells what it has."""

    def setup(self, bars):
        self.has_bought = False

    def on_bar(self, bar):
        if self.position:
            return self.exit()
        if not self.has_bought:
            self.has_bought = True
            return self.long(stop_loss_pct=0.1)


class Waits(Strategy):
    def on_bar(self, bar):
        return None
'''


def flat_bars(start: int, count: int) -> BarArray:
    """Minutes around a price of 100."""
    ts = start + np.arange(count, dtype=np.int64) * MINUTE
    return BarArray(INSTRUMENT, MINUTELY, ts, *(np.full(count, price) for price in (100.0, 101.0, 99.0, 100.0, 50.0)))


def change_strategy(bot: LiveBot, name: str) -> None:
    """Give the bot that has ended another strategy, and approve that."""
    document = json.loads(bot.config.read_text())
    document["strategy"]["type"] = document["strategy"]["type"].replace("Tries", name)
    bot.config.write_text(json.dumps(document))
    now = time.time_ns()
    digest = configuration_hash(load(bot.config, {}))
    Approvals(bot.home / "approvals").approve(digest, operator="test", now=now, expires=now + 10**13)


def fills(bot: LiveBot) -> int:
    with Ledger(bot.folder) as ledger:
        return len(ledger.fills(limit=1_000))


def trades(bot: LiveBot) -> bool:
    """Whether the bot has taken a bar since it was started."""
    status = read_status(bot.folder)
    return status is not None and status["written"] > bot.begun and status["feed"]["data_points"] > 0


def test_trades_of_an_earlier_run_are_foreign_to_no_later_one(tmp_path: Path):
    now = time.time_ns() // MINUTE * MINUTE
    bars = flat_bars(now - 50 * MINUTE, 10_000)
    coming = [BarClosed("BTCUSDT", MINUTELY, each) for each in bars[50:]]
    with running(events=coming, speed=120.0, history={"BTCUSDT": bars[:50]}) as exchange:
        bot = LiveBot(tmp_path, exchange, STRATEGIES, "Tries")
        try:
            bot.until(lambda: trades(bot))
            bot.until(lambda: fills(bot) == 2)
            bot.stop()
            change_strategy(bot, "Waits")
            for _ in range(2):
                bot.start()
                bot.until(lambda: trades(bot))
                bot.end()
        finally:
            bot.end()
        traded = exchange.ledger()["trades"]
    with Ledger(bot.folder) as ledger:
        told = [row.text for row in ledger.audit() if row.kind == "Notify"]
        assert len(ledger.fills()) == len(traded)
    assert told == [], traded
