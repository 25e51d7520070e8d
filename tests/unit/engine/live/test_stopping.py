"""A bot that stops hears out what it has sent, and no longer than it has time for."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from types import SimpleNamespace
from typing import Any

from tradebot_native import Signal

from live_market import Live, of_kind
from tradebot.core.event import Event, OrderUpdate, Output, Submit
from tradebot.core.order import OrderState
from tradebot.engine.live.stopping import come_to_rest
from virtual_time import VirtualLoop

STOPPED = Signal("long", stop_loss=90.0)


class Turns:
    """Gives events to a trader, and keeps what it decides."""

    def __init__(self, live: Live) -> None:
        self.live = live
        self.outputs: list[Output] = []

    def take(self, event: Event) -> None:
        self.outputs += self.live.trader.handle(event)


class Hanging:
    """A broker whose commands get no answer."""

    async def settle(self) -> None:
        await asyncio.Event().wait()

    def compare(self) -> None:
        pass


def living(work: Coroutine[Any, Any, None]) -> None:
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(work)


def test_a_fill_that_comes_while_a_command_hangs_gets_its_stop_and_the_bot_ends_all_the_same() -> None:
    live = Live({0: STOPPED})
    live.bar()
    turns: Any = Turns(live)
    inbox: asyncio.Queue[Event] = asyncio.Queue()

    async def life() -> None:
        clock: Any = SimpleNamespace(now=lambda: live.now)
        loop = asyncio.get_running_loop()
        fill = live.fill("run-0", 1.0)
        update = OrderUpdate(ts=live.now, order_id="run-0", symbol=fill.symbol, state=OrderState.FILLED, fill=fill)
        loop.call_later(0.05, inbox.put_nowait, update)
        stops_at: list[float] = []

        async def look() -> None:
            while not of_kind(Submit, turns.outputs):
                await asyncio.sleep(0.01)
            stops_at.append(loop.time())

        looking = asyncio.create_task(look())
        remote: Any = Hanging()
        await come_to_rest(live.trader, turns, remote, inbox, clock)
        await looking
        assert stops_at[0] < 0.2
        assert 7.0 < loop.time() < 9.0

    living(life())
    told = " ".join(getattr(output, "text", "") for output in turns.outputs)
    assert "run-0-sl: the bot stops before it is known what became of it" in told
