"""How a bot ends: what it has sent is heard out, so that a fill that is told late still gets its exits."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from tradebot.core.event import AccountEvent, Alarm, Severity

if TYPE_CHECKING:
    from tradebot.core.event import Event
    from tradebot.engine.live.brokerage import Brokerage
    from tradebot.engine.live.clock import DataClock, VenueClock
    from tradebot.engine.live.turns import Turns
    from tradebot.engine.trader import Trader

# Shorter than the ten seconds that a container is usually given to end.
_LONGEST_S: Final = 8.0
_COMPARE_S: Final = 1.0
_ROUND_S: Final = 0.02


async def come_to_rest(
    trader: Trader, turns: Turns, remote: Brokerage, inbox: asyncio.Queue[Event], clock: VenueClock | DataClock
) -> None:
    """Carry out and hear what is under way, for eight seconds at most; then say what is left without stop or answer.

    The stream may lag behind the answers, so the broker is asked as well, every second.
    """

    def told(text: str) -> None:
        turns.take(Alarm(ts=clock.now(), text=text, severity=Severity.CRITICAL))

    now = asyncio.get_running_loop().time
    end, asks_at = now() + _LONGEST_S, now() + _COMPARE_S
    while True:
        settling = asyncio.create_task(remote.settle())
        # A command may wait long for its answer; what comes meanwhile is heard, and may need another.
        await asyncio.wait({settling}, timeout=_ROUND_S)
        is_settled = settling.done()
        settling.cancel()
        while not inbox.empty():
            event = inbox.get_nowait()
            if isinstance(event, AccountEvent):
                is_settled = False
                turns.take(event)
        if now() >= end or (is_settled and not (trader.unsettled or trader.bare)):
            break
        if now() >= asks_at:
            remote.compare()
            asks_at = now() + _COMPARE_S
        await asyncio.sleep(_ROUND_S)
    if unsettled := trader.unsettled:
        told(f"{', '.join(unsettled)}: the bot stops before it is known what became of it; look at the broker")
    for symbol, quantity in trader.bare.items():
        told(f"{symbol}: the bot stops, and {quantity:g} of its position have no stop at the broker; place one by hand")
