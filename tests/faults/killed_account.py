"""The account of a live bot that is killed and started again, and the exchange it trades on."""

from __future__ import annotations

import json
import os
import random
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import live_bot_life
import pytest
from fork_server import Life, warm_up
from live_books import Truth, bare, differences, has_compared, sent_twice
from printed_market import PrintedMarket

from local_exchange import INSTRUMENT, Running, running
from replays import IMPATIENT
from tradebot.app.approval import configuration_hash
from tradebot.config import load
from tradebot.core.instrument import Instrument
from tradebot.exchange.faults import Fault
from tradebot.exchange.settings import RateLimits
from tradebot.store.approvals import Approvals
from tradebot.store.journal import JournalReader
from tradebot.store.ledger.queries import Ledger

SYMBOLS = ("BTCUSDT", "ETHUSDT", "SOLUSDT")
FAULTS = (
    Fault(action="lose_answer", on="POST /fapi/v1/order", times=None, chance=0.03),
    Fault(action="lose_answer", on="POST /fapi/v1/algoOrder", times=None, chance=0.03),
    Fault(action="lose_answer", on="DELETE /fapi/v1/", times=None, chance=0.03),
    Fault(action="split", times=None, chance=0.3, pieces=3),
    Fault(action="duplicate", on="private", times=None, chance=0.03),
    Fault(action="disconnect", on="private", times=None, chance=0.01),
)
"""Lost answers, executions in pieces, messages twice, a user stream that breaks: kills land beside them."""
SPOT_FAULTS = (
    Fault(action="lose_answer", on="POST /api/v3/order", times=None, chance=0.03),
    Fault(action="lose_answer", on="DELETE /api/v3/", times=None, chance=0.03),
    *FAULTS[3:],
)
# What `make soak` holds a recovery to; a machine that runs the other tests beside it is given longer.
RECOVERY_S = 10.0 if "TRADEBOT_SOAK_LIVE_KILLS" in os.environ else 60.0
_PLENTY = RateLimits(weight_per_minute=10**7, orders_per_10s=10**6, orders_per_minute=10**6, orders_per_day=10**7)


class KilledAccount:
    """One bot's account from life to life.

    Parameters
    ----------
    folder : where its configuration lies and its home is made.
    market, exchange : what it trades on.

    Attributes
    ----------
    books : folder of its journal and ledger.
    """

    def __init__(self, folder: Path, market: PrintedMarket, exchange: Running) -> None:
        self.market = market
        self.exchange = exchange
        self.books = folder / "home" / "accounts" / "bot"
        self._folder = folder
        self._life: Life | None = None
        self._born = 0.0

    @property
    def life(self) -> Life:
        """The latest one."""
        assert self._life is not None
        return self._life

    def start(self, crash: str = "") -> Life:
        """Begin a life; it ends at a crash point where one is given."""
        self._born = time.monotonic()
        home, log = self._folder / "home", self._folder / "life.log"
        self._life = Life(live_bot_life.live, self._folder / "bot.json", home, self.exchange.url, crash, log=log)
        return self._life

    def live(self, seconds: float) -> None:
        """Let it live for a while, or until it dies."""
        self.life.ended(seconds)

    def recovers(self) -> float | None:
        """Wait until its books are the exchange's and every position has its stop.

        Returns
        -------
        Seconds since its start; ``None`` where it died before.
        """
        told: list[str] = ["nothing was compared"]
        pause = 0.005
        while time.monotonic() < self._born + RECOVERY_S:
            if self.life.ended(pause):
                return None
            if has_compared(self.books):
                # What is not right at once waits for answers.
                pause = min(1.5 * pause, 0.04)
                true = self.exchange.ledger()
                told = [*bare(true), *differences(true, self.books)]
            if not told:
                self.check()
                return time.monotonic() - self._born
        self._keep(self.exchange.ledger())
        raise AssertionError(f"not recovered: {told}; {self.notices()}; {self.life.said}")

    def check(self) -> None:
        """What holds at any moment, whether the bot is alive or dead."""
        true = self.exchange.ledger()
        if twice := sent_twice(true):
            self._keep(true)
            raise AssertionError(f"sent twice: {twice}")
        if not (self.books / "ledger.db").exists():
            return
        with JournalReader(self.books) as journal:
            journal.verify()
        assert not [text for text in self.notices(100_000) if text.startswith(("halt", "A strategy runs away"))]

    def _keep(self, true: Truth) -> None:
        """Lay the exchange's word beside the books, for whoever looks for the reason."""
        (self._folder / "exchange.json").write_text(json.dumps(true))

    def notices(self, most: int = 20) -> list[str]:
        """What the bot has told its operator, the latest first."""
        with Ledger(self.books) as ledger:
            return [row.text for row in ledger.audit(limit=most)]


def configuration(market: str) -> dict[str, object]:
    """What the bot is told to do."""
    leverage = 2 if market == "usdm" else 1
    broker = {"type": "binance", "market": market, "host": "local", "initial_balance": 10000.0, "leverage": leverage}
    return {
        "broker": broker,
        "trading": {"symbols": SYMBOLS, "position_size": 0.2},
        "data": {"data_source": "binance", "symbols": SYMBOLS, "interval": "1m", "lookback_bars": 3},
        "strategy": {"type": "restless"},
        # A runaway by any measure of earnest: its markets must not be closed for it.
        "risk_management": {"max_orders_per_minute": 100_000, "max_repeated_orders": 100_000},
        "engine": {"mode": "live"},
    }


@contextmanager
def killed_account(
    folder: Path, draw: random.Random, faults: Sequence[Fault] = (), *, listed: Instrument = INSTRUMENT
) -> Iterator[KilledAccount]:
    """An account with nothing in it, approved for live trading, on an exchange of its own.

    Parameters
    ----------
    listed : what its markets are like.
    """
    warm_up()
    folder.mkdir()
    config = folder / "bot.json"
    config.write_text(json.dumps(configuration(listed.venue.removeprefix("binance_"))))
    shutil.copy(Path(__file__).with_name("restless.py"), folder)
    # Of a test that fails the folder stays: its failure is all there is to tell.
    (folder / IMPATIENT).touch()
    market = PrintedMarket(SYMBOLS, draw, listed)
    settings = {"instruments": market.instruments, "history": market.history(), "limits": _PLENTY, "faults": faults}
    with pytest.MonkeyPatch.context() as patch, running(market.events(), start=market.start, **settings) as exchange:
        patch.setenv("TRADEBOT_HOME", str(folder / "home"))
        patch.setenv("TRADEBOT_STRATEGIES", str(folder))
        loaded, now = load(config, os.environ), time.time_ns()
        Approvals().approve(configuration_hash(loaded), operator="test", now=now, expires=now + 10**15)
        account = KilledAccount(folder, market, exchange)
        try:
            yield account
        finally:
            if account._life is not None:
                account.life.kill()
    shutil.rmtree(folder)
