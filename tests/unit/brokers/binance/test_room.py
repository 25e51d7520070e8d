"""What makes room for sales, and what becomes of it as the broker is closed."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from types import SimpleNamespace
from typing import Any

import pytest

from tradebot.brokers.binance.names import KnownOrder
from tradebot.brokers.binance.spot.room import Room
from virtual_time import VirtualLoop


def test_an_exit_whose_turn_does_not_come_before_the_broker_is_closed_is_given_up_unplaced(
    recwarn: pytest.WarningsRecorder,
) -> None:
    placed: list[KnownOrder] = []

    async def place(known: KnownOrder) -> None:
        placed.append(known)

    async def closed() -> None:
        turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        sales: Any = SimpleNamespace(turn=turns.__getitem__, asides={}, bare=dict)
        elsewhere: Any = SimpleNamespace()
        room = Room(SimpleNamespace(add=place), elsewhere, elsewhere, sales, elsewhere, elsewhere)  # type: ignore[arg-type]
        async with turns["BTCUSDT"]:
            adding = asyncio.create_task(room.add(KnownOrder("run-1-sl", "BTCUSDT", "SELL", False, "run-1-sl__1")))
            await asyncio.sleep(0)
            await room.close()
            with pytest.raises(asyncio.CancelledError):
                await adding

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(closed())
    assert not placed
    assert not recwarn.list
