"""A live bot that is killed while an exit of it is changed: after that the exit is there, once, for what is held."""

from __future__ import annotations

import random
import signal
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
from killed_account import killed_account

from local_exchange import INSTRUMENT, SPOT
from tradebot.core import crashpoint as points
from tradebot.core.instrument import Instrument
from tradebot.exchange.faults import Fault

# An entry that fills in pieces has an exit that grows.
PIECES = (Fault(action="split", times=None, pieces=3),)
SPOT_LISTED = msgspec.structs.replace(SPOT, tick_size=Decimal("0.1"))


@pytest.mark.parametrize("point", [*points.REPLACING, "amid-replace:4"])
@pytest.mark.parametrize("listed", [INSTRUMENT, SPOT_LISTED], ids=["usdm", "spot"])
def test_an_exit_is_whole_again_after_a_kill_before_the_answer_to_its_change(
    tmp_path: Path, listed: Instrument, point: str
):
    with killed_account(tmp_path / "account", random.Random(3), PIECES, listed=listed) as account:
        # The second kill meets what the first has left behind.
        for crash in (point, "recovered", point):
            account.market.moves = True
            account.start(crash)
            account.live(60.0)
            assert account.life.code == -signal.SIGKILL, account.life.said
            account.check()
        account.start()
        account.market.moves = False
        assert account.recovers() is not None, account.life.said
        account.life.kill()
        account.check()
