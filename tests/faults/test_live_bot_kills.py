"""A live bot that is killed again and again on the local exchange: what it holds is always what the exchange says."""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest
from killed_account import FAULTS, SPOT_FAULTS, KilledAccount, killed_account
from landings import Landings
from live_books import moments

from local_exchange import INSTRUMENT, SPOT
from replays import runs_in
from tradebot.core import crashpoint as points
from tradebot.core.instrument import Instrument
from tradebot.core.journal import RunStarted
from tradebot.exchange.faults import Fault
from tradebot.store.journal import JournalReader

# `make soak` asks for many more, of accounts that live longer: a journal that grows makes every life longer.
KILLS = int(os.environ.get("TRADEBOT_SOAK_LIVE_KILLS", "300"))
LIVES = 20 if "TRADEBOT_SOAK_LIVE_KILLS" in os.environ else 10
SEED = int(os.environ.get("TRADEBOT_SOAK_SEED", "1"))
ACCOUNTS = KILLS // LIVES
# A random kill lands on each of these with a chance of a fifth or more.
CERTAIN = (
    "an order being asked about",
    "an order on record, not sent",
    "an order sent, its answer not on record",
    "a trade not on record",
    "a position without its stop",
    "coming back",
)
# What is under way where a bot dies at its first order, which is its first command.
AT = {"before-send": "an order on record, not sent", "after-send": "an order sent, its answer not on record"}


class Kind(NamedTuple):
    """A market that a bot is killed on."""

    listed: Instrument
    faults: Sequence[Fault]


KINDS = {
    "usdm": Kind(INSTRUMENT, FAULTS),
    "spot": Kind(msgspec.structs.replace(SPOT, tick_size=Decimal("0.1")), SPOT_FAULTS),
}
# A third of the accounts trade spot.
RANDOM = [("spot" if turn % 3 == 2 else "usdm", SEED + turn) for turn in range(ACCOUNTS)]


@pytest.fixture(scope="module")
def landings() -> Iterator[Landings]:
    """Of all random kills of this process, which must have hit every moment that is certain enough."""
    found = Landings("a live bot", CERTAIN)
    yield found
    assert not found.missed


def live_and_die(account: KilledAccount, draw: random.Random, landings: Landings, crash: str) -> None:
    """One life until it is killed: in its recovery, or some time after it, which is checked then."""
    account.market.moves = True
    account.start(crash)
    if draw.random() < 0.4:
        account.live(draw.uniform(0.0, 0.3))
    else:
        account.live(draw.uniform(0.0, 0.15))
        account.market.moves = False
        seconds = account.recovers()
        if seconds is not None:
            landings.recovered(seconds)
            account.market.moves = True
            account.live(draw.uniform(0.0, 0.3))
    died = account.life.ended()
    account.life.kill()
    assert account.life.code == -signal.SIGKILL, account.life.said
    at_a_point = [f"the crash point {crash.partition(':')[0]}"] if died else []
    landings.killed([*moments(account.exchange.ledger(), account.books), *at_a_point])


def recover(account: KilledAccount) -> float:
    """A last life, in which the account must come right; how long that took."""
    account.start()
    account.market.moves = False
    seconds = account.recovers()
    assert seconds is not None, account.life.said
    account.life.kill()
    account.check()
    return seconds


@pytest.mark.parametrize(("name", "seed"), RANDOM, ids=[f"{name}-seed-{seed}" for name, seed in RANDOM])
def test_random_kills_lose_nothing_and_double_nothing(tmp_path: Path, landings: Landings, name: str, seed: int):
    draw, kind = random.Random(seed), KINDS[name]
    with killed_account(tmp_path / "account", draw, kind.faults, listed=kind.listed) as account:
        for _ in range(LIVES):
            crash = f"{draw.choice(points.NAMES)}:{draw.randrange(1, 20)}" if draw.random() < 0.3 else ""
            live_and_die(account, draw, landings, crash)
        landings.recovered(recover(account))
        print(f"{landings}; {len(account.exchange.ledger()['trades'])} trades of seed {seed}", flush=True)


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize(
    "point", [*points.JOURNAL, *points.DRIVER, "before-send:4", "after-send:4", "before-commit:9", "after-commit:9"]
)
def test_a_kill_at_a_crash_point_and_one_more_in_the_recovery_are_come_back_from(tmp_path: Path, name: str, point: str):
    with killed_account(tmp_path / "account", random.Random(1), listed=KINDS[name].listed) as account:
        for crash in (point, "before-commit:2"):
            account.start(crash)
            account.live(60.0)
            assert account.life.code == -signal.SIGKILL, account.life.said
            account.check()
            if crash in AT:
                assert AT[crash] in moments(account.exchange.ledger(), account.books)
        recover(account)


def test_what_a_failed_test_leaves_is_there_to_look_at_and_not_replayed(tmp_path: Path):
    with (
        pytest.raises(AssertionError, match="not as it must be"),
        killed_account(tmp_path / "account", random.Random(1)) as account,
    ):
        account.start("before-commit:9")
        account.live(60.0)
        raise AssertionError("not as it must be")
    with JournalReader(account.books) as journal:
        assert any(isinstance(entry.message, RunStarted) for entry in journal.read())
    assert not list(runs_in(tmp_path))
