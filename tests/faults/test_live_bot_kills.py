"""A live bot that is killed again and again on the local exchange: what it holds is always what the exchange says."""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
from killed_account import FAULTS, SPOT_FAULTS, KilledAccount, killed_account
from live_books import moments

from local_exchange import INSTRUMENT, SPOT
from tradebot.core import crashpoint as points
from tradebot.core.instrument import Instrument
from tradebot.exchange.faults import Fault

# `make soak` asks for many more.
KILLS = int(os.environ.get("TRADEBOT_SOAK_LIVE_KILLS", "24"))
SEED = int(os.environ.get("TRADEBOT_SOAK_SEED", "7"))
SPOT_LISTED = msgspec.structs.replace(SPOT, tick_size=Decimal("0.1"))
LIVES = 15
"""Of one account, before a new one is opened: a journal that grows makes every life longer."""


class Tally:
    """How the killing goes."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self.kills = self.recoveries = self.trades = 0
        self.slowest = 0.0
        self.landed: Counter[str] = Counter()

    def recovered(self, seconds: float) -> None:
        self.recoveries += 1
        self.slowest = max(self.slowest, seconds)

    def __str__(self) -> str:
        each = (time.monotonic() - self._began) / max(self.kills, 1)
        told = (
            f"{self.kills} kills, {self.trades} trades, {self.recoveries} recoveries, the slowest {self.slowest:.2f} s"
        )
        told = f"{told}; {each:.2f} s a kill"
        return f"{told}; landed on {dict(self.landed.most_common())}"


def live_and_die(account: KilledAccount, draw: random.Random, tally: Tally, crash: str) -> None:
    """One life until it is killed: in its recovery, or some time after it, which is checked then."""
    account.market.moves = True
    account.start(crash)
    if draw.random() < 0.4:
        account.live(draw.uniform(0.0, 0.6))
    else:
        account.live(draw.uniform(0.0, 0.15))
        account.market.moves = False
        seconds = account.recovers()
        if seconds is not None:
            tally.recovered(seconds)
            account.market.moves = True
            account.live(draw.uniform(0.0, 0.6))
    died = account.life.ended()
    account.life.kill()
    assert account.life.code == -signal.SIGKILL, account.life.said
    tally.kills += 1
    tally.landed.update(moments(account.exchange.ledger(), account.books))
    if died:
        tally.landed[f"the crash point {crash.partition(':')[0]}"] += 1


def recover(account: KilledAccount, tally: Tally) -> None:
    """A last life, in which the account must come right."""
    account.start()
    account.market.moves = False
    seconds = account.recovers()
    assert seconds is not None, account.life.said
    tally.recovered(seconds)
    account.life.kill()
    account.check()


@pytest.mark.parametrize(
    ("listed", "faults", "kills"),
    [(INSTRUMENT, FAULTS, KILLS), (SPOT_LISTED, SPOT_FAULTS, KILLS // 2)],
    ids=["usdm", "spot"],
)
def test_random_kills_lose_nothing_and_double_nothing(
    tmp_path: Path, listed: Instrument, faults: Sequence[Fault], kills: int
):
    draw, tally = random.Random(SEED), Tally()
    while tally.kills < kills:
        with killed_account(tmp_path / "account", draw, faults, listed=listed) as account:
            for _ in range(min(LIVES, kills - tally.kills)):
                crash = f"{draw.choice(points.NAMES)}:{draw.randrange(1, 20)}" if draw.random() < 0.3 else ""
                live_and_die(account, draw, tally, crash)
            recover(account, tally)
            tally.trades += len(account.exchange.ledger()["trades"])
        print(tally, flush=True)


@pytest.mark.parametrize("point", [*points.NAMES, "before-send:4", "after-send:4", "before-commit:9", "after-commit:9"])
def test_a_kill_at_a_crash_point_and_one_more_in_the_recovery_are_come_back_from(tmp_path: Path, point: str):
    draw, tally = random.Random(1), Tally()
    with killed_account(tmp_path / "account", draw) as account:
        for crash in (point, "before-commit:2"):
            account.start(crash)
            account.live(60.0)
            assert account.life.code == -signal.SIGKILL, account.life.said
            account.check()
        recover(account, tally)
