"""When an order without an answer can arrive no more, and from when on it is believed that it has not.

Sources: Binance Open Platform, USD-M futures and Spot, "Timing security" (recvWindow).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from tradebot.brokers.binance.names import KnownOrder
from tradebot.brokers.binance.rest import BinanceRest
from tradebot.core.interval import SECOND
from tradebot.core.order import is_final

WINDOW_MS: Final = 2_000
"""How long after it was sent a request is taken (recvWindow)."""
# One that is taken at the end of the window is found by queries within a second.
ARRIVED_NS: Final = (WINDOW_MS + 1_000) * 1_000_000
"""How long after its answer was given up a request may still show."""
BELIEVED_NS: Final = 5 * SECOND
"""How long after it could arrive last an order that is not found is believed not to have arrived."""


async def learn(known: KnownOrder, rest: BinanceRest, ask: Callable[[KnownOrder], Awaitable[None]]) -> None:
    """Ask about an order without an answer when it can arrive no more, and when it is believed that it has not.

    Exits that make room for it on spot come back by the first, and by the second it can be sent again. Whoever asks
    besides, ever more seldom, would meet neither moment.
    """
    for ts in (known.arrived_by, known.arrived_by + BELIEVED_NS):
        await asyncio.sleep((ts - rest.now()) / SECOND)
        if known.venue_id or is_final(known.state):
            return
        await ask(known)
