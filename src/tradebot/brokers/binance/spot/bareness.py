"""Says aloud where a position has been without its stop at rest for longer than an exchange of exits takes."""

from __future__ import annotations

import asyncio
from typing import Final

from tradebot.brokers.binance.rest import BinanceRest
from tradebot.brokers.binance.spot.sales import Sales
from tradebot.brokers.binance.telling import Telling
from tradebot.core.event import Alarm, Severity

_LONGEST_S: Final = 2.0
_LOOK_EVERY_S: Final = 0.5


async def tell_bareness(rest: BinanceRest, sales: Sales, telling: Telling) -> None:
    """Look twice a second, for good; a market is told of once, and again when its stop rests."""
    now = asyncio.get_running_loop().time
    since: dict[str, float] = {}
    told: set[str] = set()
    while True:
        bare = sales.bare()
        since = {symbol: since.get(symbol, now()) for symbol in bare}
        for symbol in told - bare.keys():
            telling.put(Alarm(ts=rest.now(), text=f"{symbol}: its stop rests again"))
            told.discard(symbol)
        for symbol, units in bare.items():
            if symbol not in told and now() >= since[symbol] + _LONGEST_S:
                fact = f"{symbol}: no stop rests for {units.normalize():f} units; Binance does not answer or take it"
                telling.put(
                    Alarm(ts=rest.now(), text=f"{fact}. It is placed as soon as it does", severity=Severity.CRITICAL)
                )
                told.add(symbol)
        await asyncio.sleep(_LOOK_EVERY_S)
